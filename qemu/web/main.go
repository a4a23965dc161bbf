// Command web shows that a network device serves both: an image answers HTTP requests of several clients and logs ten thousand
// lines a second through it, and crashes at a random moment. `make web` builds what it needs and starts it; -h tells about
// its flags, docs/web-load.md about what it shows.
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

func main() { command.Main("web", parse, web) }

// web makes the runs one after the other, and says whether all passed.
func web(ctx context.Context, o *options, out io.Writer) (passed bool, err error) {
	for _, file := range []string{o.image, o.receiver} {
		if _, err := os.Stat(file); err != nil {
			return false, fmt.Errorf("make web builds it: %w", err)
		}
	}
	all := plan(o)
	s, p := newSummary(o, len(all)), progress.New(os.Stderr)
	for _, r := range all {
		result, err := r.make(ctx, o)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return false, err
		}
		s.add(r, &result)
		p.Show(fmt.Sprintf("%d of %d, %d failed, about %v left", s.Done, s.Runs, len(s.Failures), progress.Left(time.Since(p.Begun), s.Done, s.Runs)))
	}
	p.End()
	s.Seconds = time.Since(p.Begun).Seconds()
	s.write(out)
	if err := command.Save(o.json, s); err != nil {
		return false, err
	}
	fmt.Fprintln(out, "the same as JSON:", o.json)
	if ctx.Err() != nil {
		return false, command.ErrInterrupted
	}
	return s.passed(), nil
}
