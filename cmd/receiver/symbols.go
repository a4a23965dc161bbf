package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"gasp/internal/report"
	"gasp/internal/symbols"
)

const symbolsAbout = `receiver symbols keeps the images of the machines, so that crash reports are
symbolized: by the build id in a report's headline its image is found.

usage: receiver symbols add [flags] IMAGE...
       receiver symbols list [flags]
       receiver symbols remove [flags] BUILD...

add     copies ELF files in, under their build ids
list    shows what is there, the newest first
remove  removes images; the beginning of a build id is enough
`

const symbolsExits = `
An image made with mkimage -debug has everything: inlined functions, files and
lines. Without -debug the Go linker's tables tell nearly as much.

exit codes: 0 done, 1 an image or the folder cannot be read or written, 2 wrong
usage, 4 no such image, or with list none at all
`

func symbolsCommand(args []string, stdout *os.File, stderr io.Writer) int {
	s := newSubcommand("symbols", symbolsAbout, symbolsExits, stderr)
	s.dirFlag()
	var sources addresses
	s.Var(&sources, "source", "with add: `folder` with source files, for lines of source in reports; may be repeated: a Go module's, $GOROOT/src")
	asJSON := s.Bool("json", false, "with list: print a JSON array")
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		if code, ok := s.parse(args, 1, -1); !ok {
			return code
		}
		return s.usage(fmt.Errorf("say add, list or remove before %q (see -h)", s.rest[0]))
	}
	action := args[0]
	limits := map[string][2]int{"add": {1, -1}, "list": {0, 0}, "remove": {1, -1}}
	limit, known := limits[action]
	if !known {
		return s.usage(fmt.Errorf("%q is none of add, list, remove (see -h)", action))
	}
	if code, ok := s.parse(args[1:], limit[0], limit[1]); !ok {
		return code
	}
	folder := symbols.In(s.dir)
	switch action {
	case "add":
		return s.addSymbols(folder, sources, stdout)
	case "remove":
		return s.removeSymbols(folder, stdout)
	}
	return s.listSymbols(folder, *asJSON, stdout)
}

func (s *subcommand) addSymbols(folder *symbols.Folder, sources []string, stdout io.Writer) int {
	for i, source := range sources {
		info, err := os.Stat(source)
		if err == nil && !info.IsDir() {
			err = errors.New("not a folder")
		}
		if err != nil {
			return s.fail(fmt.Errorf("-source %s: %w", source, err))
		}
		if sources[i], err = filepath.Abs(source); err != nil {
			return s.fail(err)
		}
	}
	code := exitOK
	for _, path := range s.rest {
		stored, image, err := folder.Add(path, sources, time.Now())
		if err != nil {
			code = s.fail(err)
			continue
		}
		fmt.Fprintf(stdout, "%s %s\n", stored.Build, report.Safe(path))
		if image.Lacks != "" {
			fmt.Fprintf(stdout, "-- %s: %s\n", report.Safe(path), image.Lacks)
		}
	}
	return code
}

func (s *subcommand) removeSymbols(folder *symbols.Folder, stdout io.Writer) int {
	for _, prefix := range s.rest {
		stored, err := folder.Find(prefix)
		if err == nil {
			err = folder.Remove(stored.Build)
		}
		if errors.Is(err, symbols.ErrUnknown) {
			s.fail(err)
			return exitNothing
		}
		if err != nil {
			return s.fail(err)
		}
		fmt.Fprintf(stdout, "removed %s %s\n", stored.Build, report.Safe(stored.Name))
	}
	return exitOK
}

func (s *subcommand) listSymbols(folder *symbols.Folder, asJSON bool, stdout io.Writer) int {
	list, err := folder.List()
	if err != nil {
		return s.fail(err)
	}
	if asJSON {
		if list == nil {
			list = []symbols.Stored{}
		}
		if err := printJSON(stdout, list); err != nil {
			return s.fail(err)
		}
	} else if len(list) > 0 {
		w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "BUILD\tADDED\tKIB\tNAME\tSOURCES")
		for _, i := range list {
			fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\n", i.Build, i.Added.Local().Format(listTime), i.Size>>10, report.Safe(i.Name), report.Safe(strings.Join(i.Sources, " ")))
		}
		w.Flush()
	}
	if len(list) == 0 {
		fmt.Fprintln(s.messages, s.Name()+": no image was added to "+folder.Path())
		return exitNothing
	}
	return exitOK
}

// listTime is how lists show times.
const listTime = "2006-01-02 15:04:05"

// printJSON prints a value, indented.
func printJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "\t")
	return e.Encode(v)
}
