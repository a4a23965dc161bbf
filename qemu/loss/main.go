// Command loss boots images behind a network that loses, doubles and reorders datagrams in both directions, and judges what
// the receiver's program makes of it. Sealed, every record and the whole crash report have to be there; in the extended
// format, which cannot repair, what is called missing has to be what the network lost, number by number. `make loss` builds
// what it needs and starts it; -h tells about its flags.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"gasp/internal/command"
	"gasp/internal/progress"
)

func main() { command.Main("loss", parse, loss) }

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
		return false, command.ErrInterrupted
	}
	return s.passed(), nil
}
