// Command flood shows whether the receiver's program loses anything of real machines while a million invented ones
// send. In a network namespace of its own, so that nothing leaves the machine, a raw socket sends the worst of each
// format from invented addresses; beside it fifty senders of the extended format, whose datagrams come doubled and out
// of order, and fifty devices with a key, whose datagrams also get lost, say numbered sentences. Each of those has to
// come out of the receiver once, whole and in its place. `make flood` builds what it needs and starts it; -h tells about
// its flags.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"gasp/internal/command"
	"gasp/internal/progress"
)

func main() {
	command.Main("flood", parse, func(ctx context.Context, o *options, out io.Writer) (passed bool, err error) {
		if !o.inside {
			os.Exit(enter(os.Args[1:]))
		}
		return run(ctx, o, out)
	})
}

const (
	// settle is how long the senders without a key are alone with the receiver before the flood begins, and what
	// waits has at its end.
	settle = 2 * time.Second
	// patience is how long the devices may take after the flood until all that they said is acknowledged.
	patience = 30 * time.Second
)

// run lets the flood and the real senders send, and says whether all of the real ones came through.
func run(ctx context.Context, o *options, out io.Writer) (passed bool, err error) {
	if err := loopback(); err != nil {
		return false, fmt.Errorf("cannot bring up the loopback device: %w", err)
	}
	dir, err := os.MkdirTemp(o.dir, "gasp-flood-")
	if err != nil {
		return false, err
	}
	if o.keep {
		fmt.Fprintln(os.Stderr, "everything is kept in", dir)
	} else {
		defer os.RemoveAll(dir)
	}
	real, err := newSenders(o)
	if err != nil {
		return false, err
	}
	j := newJudge(real)
	keys := filepath.Join(dir, "keys")
	if err := writeKeys(keys, real); err != nil {
		return false, err
	}
	r, err := startReceiver(ctx, o, dir, keys, j)
	if err != nil {
		return false, err
	}
	defer r.Stop()
	invented, err := newFlood(o, real)
	if err != nil {
		return false, err
	}
	defer invented.close()

	talking, hush := context.WithCancel(ctx)
	defer hush()
	all := start(talking, real)
	sleep(ctx, settle)
	flooding, dry := context.WithTimeout(ctx, time.Duration(o.seconds)*time.Second)
	defer dry()
	p := progress.New(os.Stderr)
	invented.run(flooding, func() {
		p.Show(fmt.Sprintf("%v of %d s, %d datagrams of invented senders, receiver at %d MiB", time.Since(p.Begun).Round(time.Second), o.seconds, invented.sent, r.PeakMemory()>>20))
	})
	p.End()
	hush()
	all.wait(patience)
	sleep(ctx, settle)
	s := summary{options: o, invented: invented, real: real, judge: j}
	s.disk, err = measure(dir)
	s.take(r)
	r.Stop()
	if err != nil {
		return false, err
	}
	if ctx.Err() != nil {
		return false, errors.New("interrupted")
	}
	j.finish()
	if err := j.logs(r.state); err != nil {
		return false, err
	}
	s.excused = j.blame()
	s.write(out)
	return s.passed(), nil
}

// sleep waits, but not longer than ctx lives.
func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
