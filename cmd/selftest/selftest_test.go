package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestChecks: every check holds where Go's own port runs.
func TestChecks(t *testing.T) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			if err := c.run(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestParse(t *testing.T) {
	o, err := parse([]string{"netconsole=@/,@10.0.2.2/", "gasp.check=sleep,clock", "gasp.procs=2,0", "gasp.rounds=3", "gasp.seed=9"})
	if err != nil || len(o.checks) != 2 || o.checks[1].name != "clock" || !slices.Equal(o.procs, []int{2, 0}) || o.rounds != 3 || o.seed != 9 {
		t.Errorf("%+v, %v", o, err)
	}
	if o, err = parse(nil); err != nil || len(o.checks) != len(checks) || len(o.procs) != 2 || o.rounds != 1 || o.seed != 0 {
		t.Errorf("without arguments: %+v, %v", o, err)
	}
	if o, err = parse([]string{"gasp.skip=wallclock,sleep"}); err != nil || len(o.checks) != len(checks)-2 {
		t.Errorf("without two: %d checks, %v", len(o.checks), err)
	}
	for _, wrong := range []string{"gasp.check=snore", "gasp.check=", "gasp.skip=snore", "gasp.check=clock gasp.skip=sleep", "gasp.procs=-1", "gasp.procs=1,", "gasp.rounds=0", "gasp.seed=x"} {
		if _, err := parse(strings.Fields(wrong)); !errors.Is(err, errArgument) {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

func TestChecksAreDistinct(t *testing.T) {
	known := map[string]bool{}
	for _, c := range checks {
		if known[c.name] {
			t.Errorf("check %s is there twice", c.name)
		}
		known[c.name] = true
	}
}
