package qemu

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gasp/netlog/wire"
)

// Verdict is how much of a crash's last words arrived.
type Verdict int

// The verdicts.
const (
	Nothing       Verdict = iota // no headline
	HeadlineAlone                // a headline; what is wrong or missing beyond it, the reason says
	Whole                        // everything that the class demands
)

func (v Verdict) String() string { return [...]string{"nothing", "headline", "whole"}[v] }

// MarshalText makes it a word in JSON.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Judgement is the verdict on one crash.
type Judgement struct {
	Verdict Verdict
	Reason  string // why it is not whole, "" if it is
	Frames  int    // of the report, from headline to end record
}

// Lines of cmd/image.
const (
	firstLine = "gasp demonstration image"
	lastWords = "about to die"
)

// Judge says how much of the crash has arrived, from all datagrams that the log host got from the machine. load says that
// the machine had time to log numbered lines.
func (c *Crash) Judge(datagrams []Datagram, load bool) Judgement {
	return c.judge(ReadLog(datagrams), len(datagrams), load)
}

// judge is Judge of what was taken apart already.
func (c *Crash) judge(log *Log, datagrams int, load bool) Judgement {
	i := slices.IndexFunc(log.Reports, func(r Report) bool { return r.Headline.Form == wire.Crash })
	if i < 0 {
		return Judgement{Nothing, fmt.Sprintf("no headline among %d datagrams", datagrams), 0}
	}
	r := &log.Reports[i]
	reasons := slices.Concat(log.Problems, log.others(r), c.headline(&r.Headline, r.Lines), c.body(r), c.before(log, r, load))
	if len(reasons) > 0 {
		return Judgement{HeadlineAlone, strings.Join(reasons, "; "), r.Frames}
	}
	return Judgement{Whole, "", r.Frames}
}

// Explain says what the report of a machine that died like that lacks or has wrong. Lines are those behind the headline, without
// wire.ReportPrefix.
func (c *Crash) Explain(h *wire.Headline, lines []string) (reasons []string) {
	return slices.Concat(c.headline(h, lines), c.allRegisters(h, lines), c.trace(lines))
}

// others finds what belongs to another report than r.
func (log *Log) others(r *Report) (reasons []string) {
	for i := range log.Reports {
		switch other := &log.Reports[i]; {
		case other == r:
		case other.Headline.Boot != r.Headline.Boot:
			reasons = append(reasons, fmt.Sprintf("headlines of two boots arrived, %s and %s", r.Headline.Boot, other.Headline.Boot))
		default:
			reasons = append(reasons, fmt.Sprintf("another headline arrived: %.80q", other.Headline.Cause))
		}
	}
	for _, text := range log.Stray {
		reasons = append(reasons, fmt.Sprintf("it came without a headline before it: %.80q", text))
	}
	return reasons
}

// headline compares the headline with what the class demands; lines are those behind it.
func (c *Crash) headline(h *wire.Headline, lines []string) (reasons []string) {
	wrong := func(format string, a ...any) { reasons = append(reasons, "the headline's "+fmt.Sprintf(format, a...)) }
	if !strings.Contains(wholeCause(h, lines), c.Cause) {
		wrong("cause is %.120q, want %q", h.Cause, c.Cause)
	}
	if name, _, _ := strings.Cut(h.Func, "+"); c.Function != "" && name != c.Function {
		wrong("function is %q, want %q", h.Func, c.Function)
	}
	if c.Exception != "" && h.Exception != c.Exception {
		wrong("exception is %q, want %q", h.Exception, c.Exception)
	}
	if h.Build == "" {
		wrong("build id is missing")
	}
	if strings.Trim(string(h.Boot[:]), "0") == "" {
		wrong("boot id is %s", h.Boot)
	}
	return reasons
}

// body judges what follows the headline.
func (c *Crash) body(r *Report) (reasons []string) {
	if missing := r.Complete(); missing != "" {
		reasons = append(reasons, missing)
	}
	return slices.Concat(reasons, c.allRegisters(&r.Headline, r.Lines), c.trace(r.Lines))
}

// wholeCause is the headline's, or that line of the report which repeats one that the headline had no room for.
func wholeCause(h *wire.Headline, lines []string) string {
	cause := string(h.Cause)
	if begin, cut := strings.CutSuffix(cause, "..."); cut && len(begin) >= leastCause {
		if i := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, begin) }); i >= 0 {
			return lines[i]
		}
	}
	return cause
}

// leastCause is how much of a cause a headline has, however long the rest is, without the dots.
const leastCause = 45

// allRegisters counts those of an exception: of the headline, and those that it had no room for.
func (c *Crash) allRegisters(h *wire.Headline, lines []string) (reasons []string) {
	const inHeadline = 17 // the least, so that it tells enough by itself
	all := len(h.Registers)
	for _, line := range lines {
		if rest, ok := strings.CutPrefix(line, "registers "); ok {
			all += strings.Count(rest, "=0x")
		}
	}
	least := or(c.registers, leastRegisters["amd64"])
	if c.Exception != "" && (all < least || len(h.Registers) < min(least, inHeadline)) {
		reasons = append(reasons, fmt.Sprintf("the headline's registers are %d and the report's %d, want at least %d", len(h.Registers), all, least))
	}
	return reasons
}

func (c *Crash) trace(lines []string) (reasons []string) {
	if c.Traceback != "" && !hasTrace(lines, c.Traceback) {
		reasons = append(reasons, fmt.Sprintf("the traceback lacks %q with file and line", c.Traceback))
	}
	return reasons
}

// position is what stands below a function in Go's traceback; the wire may show the tab as something else.
var position = regexp.MustCompile(`(\.go|\.s|<autogenerated>):[1-9][0-9]*( |$)`)

// hasTrace finds a line of Go's traceback: a function's, with its position below it, or a goroutine's, with a function's
// below it.
func hasTrace(lines []string, want string) bool {
	for i, line := range lines {
		below := 1
		if strings.HasPrefix(line, "goroutine ") {
			below = 2
		}
		if strings.Contains(line, want) && i+below < len(lines) && position.MatchString(lines[i+below]) {
			return true
		}
	}
	return false
}
