package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"gasp/toolchain"
)

// maxBoots bounds how often a package is booted to find out which of its tests end the machine.
const maxBoots = 12

// runPackage builds the tests of a package, boots them and judges.
func runPackage(ctx context.Context, o *options, p toolchain.TestPackage) *result {
	list := expectationsOf(o.expected, p.ImportPath)
	r := &result{Package: p.ImportPath, Omitted: omission(list)}
	if r.Omitted != "" {
		return r
	}
	problem := func(format string, args ...any) *result {
		r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
		return r
	}
	dir, err := os.MkdirTemp("", "gasp-stdtest-")
	if err != nil {
		return problem("%v", err)
	}
	defer os.RemoveAll(dir)
	image := filepath.Join(dir, "image"+o.ending)
	var said strings.Builder
	begun := time.Now()
	archive := filepath.Join(dir, "files.cpio")
	if err := writeArchive(archive, p, list); err != nil {
		return problem("%v", err)
	}
	build := toolchain.Options{Arch: o.machine.Arch, Output: image, Dir: o.root, Stderr: &said}
	if o.baked {
		build.Archive, archive = archive, ""
	}
	if err := toolchain.BuildTest(ctx, p, build); err != nil {
		return problem("does not build: %v\n%s", err, &said)
	}
	r.Build = time.Since(begun).Seconds()
	begun = time.Now()
	s := &session{o: o, p: p, image: image, archive: archive, skip: omissions(list), killers: map[string]string{}}
	tests := s.run(ctx)
	r.Run, r.Boots = time.Since(begun).Seconds(), s.boots
	r.Problems = append(r.Problems, s.problems...)
	judge(r, tests, s.killers, list, o.run == "" && len(s.problems) == 0)
	return r
}

// session boots an image as often as it takes to hear of all its tests.
type session struct {
	o              *options
	p              toolchain.TestPackage
	image, archive string   // archive is "" if the files are part of the image
	skip           []string // patterns of tests that are left out
	boots          int
	killers        map[string]string // tests that ended the machine, and how
	problems       []string
}

// run returns what became of the tests. Those that end the machine are found, and left out of another boot, so that the
// others get their turn.
func (s *session) run(ctx context.Context) []*test {
	var dead []*test
	for {
		o := s.boot(ctx, s.o.run, s.skip)
		if o == nil {
			return dead
		}
		if o.died == "" {
			s.check(o)
			return append(dead, o.events.tests...)
		}
		suspects := o.events.suspects()
		killed := suspects
		switch {
		case len(suspects) > 1 || o.timedOut:
			killed = s.alone(ctx, suspects)
		case len(suspects) == 1:
			s.killers[suspects[0]] = how(o)
		}
		if len(killed) == 0 || s.boots >= maxBoots {
			s.problems = append(s.problems, fmt.Sprintf("%srunning were: %s", how(o), or(strings.Join(suspects, " "), "none of the tests")))
			return append(dead, o.events.tests...)
		}
		for _, name := range killed {
			dead = append(dead, o.events.named(name))
			s.skip = append(s.skip, "^"+regexp.QuoteMeta(name)+"$")
		}
	}
}

// alone boots every suspect by itself, and returns those that end the machine then too.
func (s *session) alone(ctx context.Context, suspects []string) (killed []string) {
	for _, name := range suspects {
		if s.boots >= maxBoots {
			break
		}
		if o := s.boot(ctx, "^"+regexp.QuoteMeta(name)+"$", s.skip); o != nil && o.died != "" {
			s.killers[name] = how(o)
			killed = append(killed, name)
		}
	}
	return killed
}

func (s *session) boot(ctx context.Context, run string, skip []string) *outcome {
	s.boots++
	chosen := selection{run: run, skip: strings.Join(skip, "|"), short: s.o.short}
	line, err := commandLine(s.p.Dir, s.p.GOROOT, chosen, s.o.timeout)
	if err != nil {
		s.problems = append(s.problems, err.Error())
		return nil
	}
	o, err := boot(ctx, s.o.machine, s.image, s.archive, line, s.o.cpus, s.o.timeout)
	if err != nil {
		s.problems = append(s.problems, err.Error())
		return nil
	}
	if o.lost != "" {
		s.problems = append(s.problems, o.lost)
	}
	return o
}

// check looks whether a boot that ended with an exit status makes sense.
func (s *session) check(o *outcome) {
	failed := slices.ContainsFunc(o.events.tests, func(t *test) bool { return t.Verdict == fail })
	if (o.status != 0) != failed {
		s.problems = append(s.problems, fmt.Sprintf("exit status %d, and %d tests:\n%s", o.status, len(o.events.tests), o.events.Loose))
	}
}

// how tells how the machine ended.
func how(o *outcome) string { return strings.Join(append([]string{o.died}, o.crash...), "\n") + "\n" }

func or(s, ifEmpty string) string {
	if s == "" {
		return ifEmpty
	}
	return s
}
