package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

// subcommand is what the commands beside receive have in common.
type subcommand struct {
	*flag.FlagSet
	dir      string
	needsDir bool
	rest     []string // the arguments that are no flags
	messages io.Writer
}

// newSubcommand returns the flags of a command; about is what -h says before them, and behind is what
// it says after them.
func newSubcommand(name, about, behind string, messages io.Writer) *subcommand {
	s := &subcommand{FlagSet: flag.NewFlagSet("receiver "+name, flag.ContinueOnError), messages: messages}
	s.SetOutput(messages)
	s.Usage = func() {
		fmt.Fprint(messages, about, "\nflags:\n")
		s.PrintDefaults()
		fmt.Fprint(messages, behind)
	}
	return s
}

// dirFlag adds -dir.
func (s *subcommand) dirFlag() {
	s.needsDir = true
	s.StringVar(&s.dir, "dir", "", "`folder` that the receiver stores in (default $XDG_STATE_HOME/gasp or ~/.local/state/gasp)")
}

// parse reads the command line, with least to most arguments behind the flags; most < 0 is no bound. When ok
// is false, the program ends with code.
func (s *subcommand) parse(args []string, least, most int) (code int, ok bool) {
	// Flags may stand behind arguments too: "show ID -json".
	for ; ; args = s.Args()[1:] {
		if err := s.Parse(args); errors.Is(err, flag.ErrHelp) {
			return exitOK, false
		} else if err != nil {
			return exitUsage, false
		}
		if s.NArg() == 0 {
			break
		}
		s.rest = append(s.rest, s.Arg(0))
	}
	switch n := len(s.rest); {
	case n < least:
		return s.usage(errors.New("an argument is missing (see -h)")), false
	case most >= 0 && n > most:
		return s.usage(fmt.Errorf("unexpected argument %q (see -h)", s.rest[most])), false
	}
	if s.dir == "" && s.needsDir {
		dir, err := stateDir()
		if err != nil {
			return s.usage(err), false
		}
		s.dir = dir
	}
	return exitOK, true
}

// usage says what is wrong with the command line.
func (s *subcommand) usage(err error) (code int) {
	fmt.Fprintln(s.messages, s.Name()+":", err)
	return exitUsage
}

// fail says what went wrong.
func (s *subcommand) fail(err error) (code int) {
	fmt.Fprintln(s.messages, s.Name()+":", err)
	return exitError
}

// colourFlag adds -color.
func (s *subcommand) colourFlag() *string {
	return s.String("color", "auto", "colours: `when` is auto, always or never; auto looks at the terminal and NO_COLOR")
}

// colour decides about colours, by what -color says.
func (s *subcommand) colour(when string, out *os.File) (colour bool, err error) {
	if when != "auto" && when != "always" && when != "never" {
		return false, fmt.Errorf("-color %q is none of auto, always, never", when)
	}
	return wantColour(when, out), nil
}
