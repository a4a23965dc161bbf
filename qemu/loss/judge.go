package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"gasp/internal/lossy"
)

// result is what became of a run.
type result struct {
	reasons     []string // what is wrong; empty: nothing
	time        time.Duration
	forth, back lossy.Counts
	records     int // that the receiver has
	missing     int // that it says are missing
}

func (r *result) fail(format string, a ...any) {
	r.reasons = append(r.reasons, fmt.Sprintf(format, a...))
}

// event is a line of the receiver's NDJSON, as far as it is judged.
type event struct {
	Type, Format, Host, Text, Form, Verdict string
	Seq, First, Last                        uint64
	Complete                                bool
}

// judge reads what the receiver wrote.
func (r *result) judge(run *run, file string, sent *ledger) {
	events, err := read(file)
	if err != nil {
		r.fail("%v", err)
		return
	}
	seen := make(map[uint64]int)
	missing := make(map[uint64]bool)
	var lines []int
	first := uint64(0) // the number of the record that was heard first
	last, reports, complete := uint64(0), 0, false
	var verdict string
	for _, e := range events {
		switch e.Type {
		case "record":
			if e.Format != run.format || run.format == sealed && e.Host != deviceName {
				r.fail("a record of %s in format %s: %q", e.Host, e.Format, e.Text)
			}
			if r.records == 0 {
				first = e.Seq
			}
			seen[e.Seq]++
			delete(missing, e.Seq)
			last = max(last, e.Seq)
			r.records++
			var n, of int
			if _, err := fmt.Sscanf(e.Text, "line %d of %d", &n, &of); err == nil {
				if run.format == sealed || e.Seq >= first { // without repair the first one does not wait
					lines = append(lines, n)
				}
			}
		case "missing", "gone":
			for seq := e.First; seq <= e.Last; seq++ {
				missing[seq] = true
			}
		case "report-end":
			if e.Form == "crash" {
				reports++
				complete, verdict = e.Complete, e.Verdict
			}
		case "bad", "overflow", "cut", "lost", "reboot":
			r.fail("%s: %s", e.Type, e.Text)
		}
	}
	for seq, times := range seen {
		if times > 1 {
			r.fail("record %d came %d times", seq, times)
		}
	}
	r.missing = len(missing)
	for i := 1; i < len(lines); i++ {
		if lines[i] <= lines[i-1] {
			r.fail("line %d behind line %d", lines[i], lines[i-1])
			break
		}
	}
	if run.format == sealed {
		r.judgeSealed(run, seen, last, lines)
		if reports != 1 || !complete {
			r.fail("%d crash reports: %s", reports, verdict)
		}
		return
	}
	lost := sent.lost()
	for seq := range lost {
		if !missing[seq] {
			r.fail("record %d was lost, and is not called missing", seq)
			break
		}
	}
	for seq := range missing {
		if !lost[seq] {
			r.fail("record %d is called missing, and was not lost", seq)
			break
		}
	}
	if len(lost) != len(missing) {
		r.fail("%d records were lost, %d are called missing", len(lost), len(missing))
	}
}

// judgeSealed: everything is there.
func (r *result) judgeSealed(run *run, seen map[uint64]int, last uint64, lines []int) {
	if r.missing > 0 {
		r.fail("%d records are called missing", r.missing)
	}
	absent := 0
	for seq := range last {
		if seen[seq] == 0 {
			absent++
		}
	}
	if absent > 0 || last == 0 {
		r.fail("%d of the numbers up to %d are not there", absent, last)
	}
	if len(lines) != run.lines {
		r.fail("%d of %d lines are there", len(lines), run.lines)
	}
}

func read(file string) (events []event, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const longest = 1 << 20
	s := bufio.NewScanner(f)
	s.Buffer(nil, longest)
	for s.Scan() {
		var e event
		if err := json.Unmarshal(s.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("%s: %w: %s", file, err, s.Bytes())
		}
		events = append(events, e)
	}
	return events, s.Err()
}
