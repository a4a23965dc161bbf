package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gasp/internal/report"
	"gasp/internal/symbols"
)

// view is a report with what symbols know of it.
type view struct {
	shown
	symbols *report.Symbolizer
	name    string // of the image
}

func (v *view) close() {
	if v.symbols != nil {
		v.symbols.Image.Close()
		v.symbols.Sources.Close()
	}
}

// symbolize completes the report if its image is there.
func (v *view) symbolize(folder *symbols.Folder, sources []string) {
	if v.Build == "" {
		v.NoSymbols = "the report has no build id"
		return
	}
	image, stored, err := folder.Open(v.Build)
	if errors.Is(err, symbols.ErrUnknown) {
		v.NoSymbols = "its image was not added: receiver symbols add IMAGE, the one with build id " + v.Build
		return
	}
	if err != nil {
		v.NoSymbols = err.Error()
		return
	}
	v.symbols = report.NewSymbolizer(image, symbols.NewSources(append(slices.Clone(sources), stored.Sources...)))
	v.name, v.NoSymbols, v.Symbols = stored.Name, image.Lacks, v.Build
	v.symbols.Report(v.Report)
	v.Places = make(map[string]report.Place)
	for _, name := range v.addresses() {
		if a, ok := v.address(name); ok {
			if p, ok := v.symbols.Place(a); ok {
				v.Places[name] = p
			}
		}
	}
}

// addresses are the names of pc, address and registers, those in the order of the machine's.
func (v *view) addresses() []string {
	registers := slices.SortedFunc(maps.Keys(v.Registers), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
	})
	return append([]string{"pc", "address"}, registers...)
}

var registerOrder = strings.Fields("rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rflags")

func rank(register string) int {
	if i := slices.Index(registerOrder, register); i >= 0 {
		return i
	}
	return len(registerOrder)
}

func (v *view) address(name string) (report.Address, bool) {
	switch name {
	case "pc":
		return report.ParseAddress(v.PC)
	case "address":
		return report.ParseAddress(v.Address)
	}
	return report.ParseAddress(v.Registers[name])
}

// kindNames is what a report is called.
var kindNames = map[string]string{"crash": "crash", "kept": "crash, kept over a reset,", "report": "report on demand"}

// text is the report for people.
func (v *view) text(colour bool) string {
	w := &report.Writer{Symbols: v.symbols, Colour: colour}
	m := v.Summary
	w.Title(fmt.Sprintf("%s %s of %s, received %s", cmp.Or(kindNames[m.Kind], m.Kind), m.ID, m.Host, m.Began.Local().Format("2006-01-02 15:04:05.000 -0700")))
	for line := range strings.Lines(cmp.Or(m.Cause, "its headline has not come")) {
		w.Paint(report.Red, strings.TrimSuffix(line, "\n"))
		w.End()
	}
	details := ""
	for _, d := range [][2]string{{"exception", m.Exception}, {"function", m.Function}, {"boot", m.Boot}, {"build", m.Build}, {"group", m.Group.ID}} {
		if d[1] != "" {
			details += d[0] + " " + d[1] + ", "
		}
	}
	w.Paint("", fmt.Sprintf("%suptime %.6f s", details, m.Uptime))
	w.End()
	for _, name := range v.addresses() {
		a, ok := v.address(name)
		if !ok {
			continue
		}
		switch {
		case name == "pc" || name == "address":
			w.Address(name, a)
		default:
			w.Paint("", fmt.Sprintf("  %-6s %s", name, m.Registers[name]))
			if p, known := v.Places[name]; known {
				w.Paint(report.Green, " "+p.String())
			}
			w.End()
		}
	}
	w.End()
	w.Report(v.Report)
	w.End()
	verdict := report.Green
	if !m.Complete {
		verdict = report.Red
	}
	w.Paint(verdict, "-- "+cmp.Or(m.Verdict, m.State))
	w.End()
	if v.symbols != nil {
		w.Paint(report.Faint, "-- symbols of "+v.name)
		w.End()
	}
	if v.NoSymbols != "" {
		w.Paint(report.Faint, "-- symbols: "+v.NoSymbols)
		w.End()
	}
	w.Paint(report.Faint, "-- "+v.Folder)
	w.End()
	return w.String()
}
