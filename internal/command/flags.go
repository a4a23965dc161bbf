package command

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// ErrUsage is wrapped by errors about the command line that the flag package has not told the user yet.
var ErrUsage = errors.New("wrong usage")

// Flags are a program's flags.
type Flags struct {
	*flag.FlagSet
	numbers []number
}

// number is a flag that takes a whole number.
type number struct {
	value       *int
	name        string
	least, most int
}

// NewFlags makes the flags of the program of a name. The help stands between two texts, and goes to out like what is
// wrong with flags.
func NewFlags(name, before, after string, out io.Writer) *Flags {
	f := &Flags{FlagSet: flag.NewFlagSet(name, flag.ContinueOnError)}
	f.SetOutput(out)
	f.Usage = func() {
		fmt.Fprint(out, before)
		f.PrintDefaults()
		fmt.Fprint(out, after)
	}
	return f
}

// Number defines a flag that takes a whole number from least to most.
func (f *Flags) Number(p *int, name string, value, least, most int, usage string) {
	f.IntVar(p, name, value, usage)
	f.numbers = append(f.numbers, number{p, name, least, most})
}

// Parse reads a command line of flags alone.
func (f *Flags) Parse(args []string) error {
	if err := f.ParseSome(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return fmt.Errorf("%w: %q is no flag", ErrUsage, f.Arg(0))
	}
	return nil
}

// ParseSome reads a command line of flags and words behind them, which Args returns.
func (f *Flags) ParseSome(args []string) error {
	if err := f.FlagSet.Parse(args); err != nil {
		return err
	}
	for _, n := range f.numbers {
		if *n.value < n.least || *n.value > n.most {
			return fmt.Errorf("%w: -%s %d, want %d to %d", ErrUsage, n.name, *n.value, n.least, n.most)
		}
	}
	return nil
}
