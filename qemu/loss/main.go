// Command loss boots images behind a network that loses, doubles and reorders datagrams in both directions, and judges what
// the receiver's program makes of it. Sealed, every record and the whole crash report have to be there; in the extended
// format, which cannot repair, what is called missing has to be what the network lost, number by number. `make loss` builds
// what it needs and starts it; -h tells about its flags.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"gasp/internal/progress"
)

// Exit statuses.
const (
	statusFailed = 1
	statusUsage  = 2
)

func main() {
	o, err := parse(os.Args[1:], os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, "loss:", err)
		fallthrough
	case err != nil:
		os.Exit(statusUsage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	passed, err := loss(ctx, &o, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "loss:", err)
	}
	if err != nil || !passed {
		os.Exit(statusFailed)
	}
}

// loss makes the runs one after the other, and says whether all passed.
func loss(ctx context.Context, o *options, out io.Writer) (passed bool, err error) {
	for _, file := range []string{o.image, o.receiver} {
		if _, err := os.Stat(file); err != nil {
			return false, fmt.Errorf("make loss builds it: %w", err)
		}
	}
	all := plan(o)
	s, p := newSummary(len(all)), progress.New(os.Stderr)
	for _, r := range all {
		result, err := r.make(ctx, o)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return false, err
		}
		s.add(r, result)
		p.Show(fmt.Sprintf("%d of %d, %d failed, about %v left", s.done, s.all, len(s.failures), progress.Left(time.Since(p.Begun), s.done, s.all)))
	}
	p.End()
	s.write(out)
	if ctx.Err() != nil {
		return false, errors.New("interrupted")
	}
	return s.passed(), nil
}
