package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gasp/netlog/wire"
)

// story is what the receiver shows of the machine, judged as it comes.
type story struct {
	ready chan struct{} // closed when the machine serves
	over  chan struct{} // closed when a crash report is

	mu       sync.Mutex
	format   string // that records have to be of
	served   bool
	any      bool   // a record came
	last     uint64 // number of the last ordinary one
	records  int
	line     uint64 // number of the last numbered line
	lines    int    // numbered ones
	first    uint64 // uptime of the first numbered line, microseconds
	latest   uint64 // and of the last
	asked    map[string]int
	dying    uint64 // number of the image's last words, 0 before
	missing  uint64
	after    uint64 // of them, those behind its last words
	inDevice uint64 // records that the device had when it was reset, as the report says: they may be lost
	admitted uint64 // those, and others that the report says are lost
	reports  int
	complete bool
	verdict  string
	headline *wire.Headline
	report   []string // lines behind the headline
	problems []string
	more     int
}

// maxProblems is how many are told.
const maxProblems = 10

func newStory(format string) *story {
	return &story{ready: make(chan struct{}), over: make(chan struct{}), format: format, asked: make(map[string]int)}
}

func (s *story) fail(format string, a ...any) {
	if len(s.problems) >= maxProblems {
		s.more++
		return
	}
	s.problems = append(s.problems, fmt.Sprintf(format, a...))
}

// event is a line of the receiver's NDJSON, as far as it is judged.
type event struct {
	Type, Format, Text, Form, Verdict, Cause, Report string
	Seq, First, Last, Count                          uint64
	Uptime                                           uint64 `json:"uptime_us"`
	Late, Complete, Headline                         bool
	Damaged                                          any // true of a record, a number of a report
}

// read takes all that the receiver writes, until its end.
func (s *story) read(in io.Reader) {
	const longest = 1 << 20
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longest)
	for lines.Scan() {
		var e event
		err := json.Unmarshal(lines.Bytes(), &e)
		s.mu.Lock()
		if err != nil {
			s.fail("%v: %.200q", err, lines.Bytes())
		} else {
			s.take(&e)
		}
		s.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := lines.Err(); err != nil {
		s.fail("%v", err)
		go io.Copy(io.Discard, in)
	}
}

func (s *story) take(e *event) {
	switch e.Type {
	case "record":
		s.record(e)
	case "report-begin", "report-repeated":
	case "report-end":
		if e.Form != "crash" {
			s.fail("a report of form %s: %s", e.Form, e.Verdict)
			return
		}
		s.complete, s.verdict = e.Complete, e.Verdict
		if s.reports++; s.reports == 1 {
			close(s.over)
		}
	case "missing":
		s.missing += e.Last - e.First + 1
		if s.dying > 0 && e.First > s.dying {
			s.after += e.Last - e.First + 1
		}
	case "rejected":
		if e.Cause != "unproved" { // the first datagram of every boot is
			s.fail("%s: %s", e.Type, e.Text)
		}
	default:
		s.fail("%s: %s", e.Type, e.Text)
	}
}

// The lines of the image.
const (
	serving   = "serving"            // the first word of the record that says so
	lineText  = "load "              // begins a numbered line
	lastWords = `msg="about to die"` // begins the last before it crashes, if nothing outside does it
)

// What a report says of records of before that are lost: with the device, or overwritten.
var (
	lostInDevice = regexp.MustCompile(`(\d+) frames given to it before may be lost`)
	lostRecords  = regexp.MustCompile(`(\d+) records from before the crash are lost`)
)

func (s *story) record(e *event) {
	s.records++
	switch {
	case e.Format != s.format:
		s.fail("record %d is %s, not %s: %q", e.Seq, e.Format, s.format, e.Text)
	case e.Late:
		s.fail("record %d came late: %q", e.Seq, e.Text)
	case e.Damaged == true:
		s.fail("record %d is damaged: %q", e.Seq, e.Text)
	}
	if e.Report != "" {
		s.ofReport(e)
		return
	}
	if s.any && e.Seq <= s.last {
		s.fail("record %d came behind record %d", e.Seq, s.last)
	}
	s.any, s.last = true, e.Seq
	word, rest, _ := strings.Cut(e.Text, " ")
	switch {
	case word == serving && !s.served:
		s.served = true
		close(s.ready)
	case word+" " == lineText:
		digits, _, _ := strings.Cut(rest, " ")
		n, err := strconv.ParseUint(digits, 10, 64)
		if err != nil || n <= s.line {
			s.fail("behind numbered line %d came %q", s.line, e.Text)
			return
		}
		if s.lines == 0 {
			s.first = e.Uptime
		}
		s.line, s.latest = n, e.Uptime
		s.lines++
	case strings.HasPrefix(e.Text, asked):
		s.asked[e.Text]++
	case strings.HasPrefix(e.Text, lastWords):
		s.dying = e.Seq
	}
}

func (s *story) ofReport(e *event) {
	if e.Headline {
		if h, ok := wire.ParseHeadline([]byte(e.Text)); ok && s.headline == nil {
			s.headline = &h
		}
		return
	}
	if _, end := wire.ParseEnd([]byte(e.Text)); end {
		return
	}
	s.report = append(s.report, e.Text)
	inDevice := found(lostInDevice, e.Text)
	s.inDevice += inDevice
	s.admitted += inDevice + found(lostRecords, e.Text)
}

// found is the number in what an expression finds in text, 0 if that is nothing.
func found(expression *regexp.Regexp, text string) uint64 {
	m := expression.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseUint(m[1], 10, 64)
	return n
}

// judge says what is wrong with the story of a machine that has died, apart from its report's words. The clients had records
// logged; those in maybe may be there. Lost is how many of all that was logged may be: what was being logged when the machine
// died was not yet, and is not among that.
func (s *story) judge(clients []*client, lost uint64) (problems []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reports != 1 || !s.complete {
		s.fail("%d crash reports: %s", s.reports, s.verdict)
	}
	if s.missing > max(s.admitted, lost) {
		s.fail("%d records are missing, the report admits %d", s.missing, s.admitted)
	}
	if absent := s.line - uint64(s.lines); absent > lost {
		s.fail("%d of %d numbered lines are not there", absent, s.line)
	}
	absent := uint64(0)
	for _, c := range clients {
		for _, text := range append(slices.Clone(c.logged), c.maybe) {
			times := s.asked[text]
			delete(s.asked, text)
			switch {
			case text == "" || text == c.maybe && times <= 1:
			case times == 0:
				if absent++; absent > lost {
					s.fail("a record that a client had logged is not there: %q", text)
				}
			case times > 1:
				s.fail("a record that a client had logged once is there %d times: %q", times, text)
			}
		}
	}
	for text := range s.asked {
		s.fail("no client had this logged: %q", text)
	}
	if s.more > 0 {
		s.problems = append(s.problems, fmt.Sprintf("and %d more", s.more))
	}
	return s.problems
}

// rate is how many numbered lines the machine logged in a second of its own clock.
func (s *story) rate() float64 {
	if s.latest <= s.first {
		return 0
	}
	return float64(s.line-1) / (float64(s.latest-s.first) / 1e6)
}
