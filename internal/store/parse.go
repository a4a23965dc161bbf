package store

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"gasp/internal/report"
	"gasp/internal/symbols"
)

// maxParsed is how many bytes of a report.txt are read as data.
const maxParsed = 4 << 20

// readText returns the beginning of a report.txt, as much as is read as data.
func readText(path string) string {
	in, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer in.Close()
	text, _ := io.ReadAll(io.LimitReader(in, maxParsed)) // what could be read counts
	return string(text)
}

// parse reads the text of report.txt as data, and finds its group.
func parse(text string, m *Summary) (*report.Report, report.Group) {
	r := report.Parse(body(text))
	return r, report.NewGroup(m.Cause, m.Function, r)
}

// body is the lines of the report in a report.txt.
func body(text string) string {
	_, text, found := strings.Cut(text, reportTitle)
	if !found {
		return ""
	}
	var b strings.Builder
	for line := range strings.Lines(text[:min(len(text), maxParsed)]) {
		switch {
		case strings.HasPrefix(line, symbolizedMark):
			return b.String()
		case strings.HasPrefix(line, "gasp: end of "), strings.HasPrefix(line, "-- complete: "), strings.HasPrefix(line, "-- INCOMPLETE: "), strings.HasPrefix(line, "-- INTERRUPTED"):
			continue
		case strings.HasPrefix(line, lateMark):
			if _, rest, found := strings.Cut(line, "): "); found {
				line = rest
			}
		}
		b.WriteString(line)
	}
	return b.String()
}

// ReadReport returns a report as data, from the text of folders that are older than that.
func ReadReport(folder string, m *Summary) *report.Report {
	if m.Report == nil {
		m.Report, m.Group = parse(readText(filepath.Join(folder, textName)), m)
	}
	return m.Report
}

// symbolizedMark begins the part of report.txt that symbols add.
const symbolizedMark = "-- with symbols of "

// symbolized is that part, "" if the image of the report was not added.
func (s *Store) symbolized(text string, m *Summary) string {
	y := s.symbolizer(m.Build)
	if y == nil {
		return ""
	}
	r := report.Parse(body(text))
	y.Report(r)
	m.Symbols = m.Build
	w := report.Writer{Symbols: y}
	w.Title(fmt.Sprintf("%sthe image with build id %s", symbolizedMark, m.Build))
	if pc, err := strconv.ParseUint(strings.TrimPrefix(m.PC, "0x"), 16, 64); err == nil && m.PC != "" {
		w.Address("pc", report.Address(pc))
	}
	w.Report(r)
	return "\n" + w.String()
}

// symbolizer returns what symbolizes reports of a build, nil if its image was not added. The last one
// is kept open.
func (s *Store) symbolizer(build string) *report.Symbolizer {
	if build == "" {
		return nil
	}
	if s.image != nil && s.image.Image.Build == build {
		return report.NewSymbolizer(s.image.Image, s.image.Sources)
	}
	image, stored, err := s.symbols.Open(build)
	if err != nil {
		return nil // show says it
	}
	if s.image != nil {
		s.image.Image.Close()
		s.image.Sources.Close()
	}
	s.image = report.NewSymbolizer(image, symbols.NewSources(stored.Sources))
	return s.image
}
