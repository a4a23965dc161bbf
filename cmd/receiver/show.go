package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"gasp/internal/report"
	"gasp/internal/store"
	"gasp/internal/symbols"
)

const showAbout = `receiver show prints a crash report: what it says and, if its image was added
with receiver symbols add, what symbols know of it.

usage: receiver show [flags] ID

ID is the beginning of the report's ID (receiver crashes -v lists them) or of the
boot in its headline, or its folder.
`

const showExits = `
exit codes: 0 the report is complete, 1 it cannot be read, or several begin so,
2 wrong usage, 3 it is not complete, 4 there is none
`

// shown is what show -json prints.
type shown struct {
	store.Stored
	// Places is what symbols know of pc, address and registers.
	Places map[string]report.Place `json:"places,omitempty"`
	// NoSymbols says why there are none, or what the image lacks.
	NoSymbols string `json:"symbols_lacking,omitempty"`
}

func showCommand(args []string, stdout *os.File, stderr io.Writer) int {
	s := newSubcommand("show", showAbout, showExits, stderr)
	s.dirFlag()
	colours := s.colourFlag()
	var sources addresses
	s.Var(&sources, "source", "`folder` with source files, before those that symbols add was told; may be repeated")
	asJSON := s.Bool("json", false, "print JSON: report.json with what symbols know")
	raw := s.Bool("raw", false, "print report.txt as it is")
	if code, ok := s.parse(args, 1, 1); !ok {
		return code
	}
	colour, err := s.colour(*colours, stdout)
	if err != nil {
		return s.usage(err)
	}
	if *asJSON && *raw {
		return s.usage(errors.New("-json and -raw exclude each other"))
	}
	found, err := store.Find(s.dir, s.rest[0])
	switch {
	case errors.Is(err, store.ErrUnknown):
		s.fail(err)
		return exitNothing
	case err != nil:
		return s.fail(err)
	case *raw:
		err = copyText(stdout, filepath.Join(found.Folder, "report.txt"))
	default:
		store.ReadReport(found.Folder, found.Summary)
		v := &view{shown: shown{Stored: found}}
		v.symbolize(symbols.In(s.dir), sources)
		defer v.close()
		if *asJSON {
			err = printJSON(stdout, v.shown)
		} else {
			_, err = io.WriteString(stdout, v.text(colour))
		}
	}
	switch {
	case err != nil:
		return s.fail(err)
	case !found.Complete:
		return exitIncomplete
	}
	return exitOK
}

func copyText(out io.Writer, path string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	_, err = io.Copy(out, in)
	return err
}
