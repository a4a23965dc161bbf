// Command stdtest runs the Go standard library's own tests on the bare machine. `make stdtest` starts it; -h tells about
// its flags, docs/stdtest.md about what it shows.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"gasp/internal/command"
	"gasp/qemu"
	"gasp/toolchain"
)

func main() { command.Main("stdtest", parse, stdtest) }

// stdtest runs the packages, writes to out, and says whether all was as expected.
func stdtest(ctx context.Context, o *options, out io.Writer) (asExpected bool, err error) {
	if o.expected, err = readExpectations(expectedText); err != nil {
		return false, fmt.Errorf("expected.txt: %w", err)
	}
	if o.root, err = qemu.Root(); err != nil {
		return false, err
	}
	packages, err := toolchain.TestPackages(ctx, o.machine.Arch, o.root, o.patterns...)
	if err != nil {
		return false, err
	}
	if len(packages) == 0 {
		return false, errors.New("none of these packages has tests")
	}
	begun := time.Now()
	s := &summary{}
	if err := command.Each(ctx, packages, o.jobs, func(ctx context.Context, p toolchain.TestPackage) *result {
		return runPackage(ctx, o, p)
	}, func(r *result) ([]toolchain.TestPackage, error) {
		s.add(r)
		fmt.Fprintf(out, "[%d/%d] ", len(s.Packages), len(packages))
		r.write(out, o.verbose)
		return nil, nil
	}); err != nil {
		return false, err
	}
	s.Seconds = time.Since(begun).Seconds()
	s.write(out)
	if o.json != "" {
		if err := command.Save(o.json, s); err != nil {
			return false, err
		}
	}
	return s.Unexpected == 0, nil
}
