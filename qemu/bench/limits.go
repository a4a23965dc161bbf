package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
)

// tolerance is by how much a figure may exceed its limit, beside the grain of its measurement.
const tolerance = 0.05

// errLimits is wrapped by errors about the file of the limits.
var errLimits = errors.New("not a file of limits")

// limits are the file: a line a figure, "NAME VALUE what it is". Empty lines and those that begin with # are for readers.
type limits struct{ lines []limitLine }

type limitLine struct {
	text  string // the whole line
	name  string // "" if it is none of a figure
	value float64
}

func readLimits(file string) (*limits, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var l limits
	seen := map[string]bool{}
	for in, n := bufio.NewScanner(bytes.NewReader(text)), 1; in.Scan(); n++ {
		line := limitLine{text: in.Text()}
		if words := strings.Fields(line.text); len(words) > 0 && !strings.HasPrefix(words[0], "#") {
			if len(words) < 2 {
				return nil, fmt.Errorf("%s:%d: %w: want NAME VALUE", file, n, errLimits)
			}
			line.name = words[0]
			line.value, err = strconv.ParseFloat(words[1], 64)
			if err != nil || !(line.value > 0) || math.IsInf(line.value, 0) || seen[line.name] {
				return nil, fmt.Errorf("%s:%d: %w: %q is no limit, or a second one", file, n, errLimits, line.text)
			}
			seen[line.name] = true
		}
		l.lines = append(l.lines, line)
	}
	return &l, nil
}

// of finds the limit of a figure, nil if it has none.
func (l *limits) of(name string) *limitLine {
	for i := range l.lines {
		if l.lines[i].name == name {
			return &l.lines[i]
		}
	}
	return nil
}

// judge writes their limits into figures, and gives those that broke theirs.
func (l *limits) judge(figures []Figure) (broken []*Figure) {
	for i := range figures {
		f := &figures[i]
		if line := l.of(f.Name); line != nil {
			f.Limit = line.value
			if f.Gasp.median() > line.value*(1+tolerance)+f.grain {
				broken = append(broken, f)
			}
		}
	}
	return broken
}

// write says which limits are broken, and what to do.
func (l *limits) write(out io.Writer, broken []*Figure, file string) {
	for _, f := range broken {
		fmt.Fprintf(out, "LIMIT BROKEN: %s (%s): %s, the limit is %s: %+.1f %%\n", f.Name, f.About, number(f.Gasp.median()), number(f.Limit),
			100*(f.Gasp.median()/f.Limit-1))
	}
	if len(broken) > 0 {
		fmt.Fprintf(out, "If it is worth that, write the new value into %s and say why in the commit; -update writes better values only.\n", file)
	}
}

// update writes the file again, with the values of figures that have become better and of those that have no limit yet.
func (l *limits) update(file string, figures []Figure) error {
	for i := range figures {
		f := &figures[i]
		value := f.Gasp.median()
		line := l.of(f.Name)
		switch {
		case !f.counted || math.IsNaN(value):
		case line == nil:
			l.lines = append(l.lines, limitLine{text: limitText(f.Name, value, f.About), name: f.Name, value: value})
		case value < line.value:
			line.text = limitText(f.Name, value, f.About)
		}
	}
	var text bytes.Buffer
	for _, line := range l.lines {
		fmt.Fprintln(&text, line.text)
	}
	return os.WriteFile(file, text.Bytes(), 0o644)
}

func limitText(name string, value float64, about string) string {
	return fmt.Sprintf("%-34s %10.0f  %s", name, value, about)
}
