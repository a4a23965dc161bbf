package qemu

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"gasp/netlog/wire"
)

// A crash is a class of cmd/image and what its report must say.
type crash struct {
	class     string
	cause     string // in the headline's cause
	function  string // the headline's, without offset
	traceback string // a line of the traceback, or part of one
	exception bool   // registers are reported
}

var crashes = []crash{
	{class: "panic", cause: "panic: something is badly wrong", function: "main.init.func1", traceback: "main.main()"},
	{class: "goroutine", cause: "panic: in a goroutine", function: "main.inGoroutine", traceback: "goroutine 1 ["},
	{class: "nil", cause: "panic: runtime error: invalid memory address or nil pointer dereference", function: "main.nilDereference", traceback: "main.nilDereference(", exception: true},
	{class: "index", cause: "panic: runtime error: index out of range [2] with length 2", function: "main.init.func4", traceback: "main.main()"},
	{class: "divide", cause: "panic: runtime error: integer divide by zero", function: "main.init.func5", traceback: "main.main()"},
	{class: "map", cause: "panic: assignment to entry in nil map", function: "main.init.func6", traceback: "main.main()"},
	{class: "unlock", cause: "fatal error: sync: unlock of unlocked mutex", function: "internal/sync.fatal", traceback: "sync.(*Mutex).Unlock"},
	{class: "deadlock", cause: "fatal error: all goroutines are asleep - deadlock!", function: "runtime.checkdead", traceback: "goroutine 1 [chan receive"},
	{class: "exit", cause: "exit status 3", traceback: "os.Exit(0x3)"},
	{class: "return", cause: "exit status 0"},
	{class: "de", cause: "panic: runtime error: integer divide by zero", function: "main.divideInstruction", traceback: "main.divideInstruction()", exception: true},
	{class: "db", cause: "#DB debug", function: "main.debugInstruction", traceback: "main.debugInstruction()", exception: true},
	{class: "bp", cause: "#BP breakpoint", function: "main.breakpointInstruction", traceback: "main.breakpointInstruction()", exception: true},
	{class: "ud", cause: "#UD invalid opcode", function: "main.undefinedInstruction", traceback: "main.undefinedInstruction()", exception: true},
	{class: "gp", cause: "#GP general protection", function: "main.protectionFault", traceback: "main.protectionFault()", exception: true},
	{class: "pf", cause: "#PF page fault", function: "main.wildWrite", traceback: "main.wildWrite()", exception: true},
}

// TestCrash makes the machine die in every way cmd/image knows: the whole report arrives. By default each class runs on
// one machine and in one format, in turn; GASP_FULL=1 runs all on all.
func TestCrash(t *testing.T) {
	formats := []string{"", "+"}
	for i, c := range crashes {
		t.Run(c.class, func(t *testing.T) {
			for j, m := range combinations {
				if j != i%len(combinations) && os.Getenv("GASP_FULL") != "1" {
					continue
				}
				t.Run(m.String(), func(t *testing.T) {
					for k, format := range formats {
						if k == i/2%len(formats) || os.Getenv("GASP_FULL") == "1" {
							checkCrash(t, c, m, format)
						}
					}
				})
			}
		})
	}
}

func checkCrash(t *testing.T, c crash, m combination, format string) {
	t.Helper()
	w := &Wire{}
	r := boot(t, m, w, netconsole(format)+" panic=-1 gasp.crash="+c.class)
	if exit, err := r.Wait(); err != nil {
		t.Errorf("the machine ended with %+v, %v, not by itself", exit, err)
	}
	report := reportOf(t, records(t, w.Datagrams()))
	h := report.headline
	if !strings.Contains(string(h.Cause), c.cause) {
		t.Errorf("the headline's cause is %q, want %q", h.Cause, c.cause)
	}
	if fn, _, _ := strings.Cut(h.Func, "+"); c.function != "" && fn != c.function {
		t.Errorf("the headline's function is %q, want %q", h.Func, c.function)
	}
	if c.exception && (len(h.Registers) < 17 || h.Exception == "") {
		t.Errorf("the headline has %d registers and exception %q, want all: %v", len(h.Registers), h.Exception, h.Registers)
	}
	if h.Build == "" || h.Boot == ([16]byte{}) || bytes.Equal(h.Boot[:], bytes.Repeat([]byte("0"), 16)) {
		t.Errorf("the headline has build id %q and boot id %q", h.Build, h.Boot)
	}
	if c.traceback == "" {
		return
	}
	trace := strings.Join(report.lines, "\n")
	if !strings.Contains(trace, c.traceback) || !strings.Contains(trace, "gasp/cmd/image/") || !strings.Contains(trace, ".go:") {
		t.Errorf("the traceback lacks %q or has no file:line:\n%s", c.traceback, trace)
	}
}

// A report is a whole crash report as the log host received it.
type report struct {
	headline wire.Headline
	lines    []string
}

// reportOf finds the report among what arrived; it fails the test if the report is not complete, or if what was logged
// before is not.
func reportOf(t *testing.T, received []wire.Datagram) report {
	t.Helper()
	var r report
	var end wire.End
	count, started, ended := uint64(0), false, false
	for _, d := range received {
		if h, ok := wire.ParseHeadline(d.Text); ok {
			if started {
				t.Fatal("two headlines arrived")
			}
			h.Cause, h.Registers = bytes.Clone(h.Cause), append([]wire.Register(nil), h.Registers...)
			r.headline, started = h, true
			count++
		} else if e, ok := wire.ParseEnd(d.Text); ok {
			end, ended = e, true
			count++
		} else if line, ok := bytes.CutPrefix(d.Text, []byte(wire.ReportPrefix)); ok {
			if !started {
				t.Errorf("a line of the report came before the headline: %q", line)
			}
			r.lines = append(r.lines, string(line))
			count++
		}
	}
	switch {
	case !started:
		t.Fatalf("no headline among %d records", len(received))
	case !ended:
		t.Fatalf("no end record; the report has %d lines", len(r.lines))
	case end.Records != count || end.Lost != 0:
		t.Errorf("%d records of the report arrived, the end record says %d and %d lost", count, end.Records, end.Lost)
	}
	before := false
	for _, d := range received {
		before = before || bytes.Contains(d.Text, []byte("gasp demonstration image"))
	}
	if !before {
		t.Error("what was logged before the crash did not arrive")
	}
	return r
}
