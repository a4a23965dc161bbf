// Command crash runs the crash matrix: every class of cmd/image on every machine with every NIC. `make crash` builds what
// it needs and starts it; -h tells about its flags, docs/crash-matrix.md about what it shows.
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

func main() { command.Main("crash", parse, matrix) }

// matrix runs the cells, writes to out and saves what they show, and says whether all are whole.
func matrix(ctx context.Context, o *options, out io.Writer) (whole bool, err error) {
	images, err := o.images(ctx)
	if err != nil {
		return false, err
	}
	s, p := newSummary(o), progress.New(os.Stderr)
	fatal := run(ctx, o, images, func(done outcome, total int) {
		s.add(done, total)
		p.Show(progressText(s, time.Since(p.Begun)))
	})
	p.End()
	s.Seconds = time.Since(p.Begun).Seconds()
	s.write(out)
	if err := command.Save(o.json, s); err != nil {
		return false, err
	}
	fmt.Fprintln(out, "the same as JSON:", o.json)
	return s.Done == s.Total && s.Done > 0 && len(s.Failures) == 0, fatal
}
