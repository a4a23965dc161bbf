package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"gasp/internal/source"
)

// judge reads the receiver's NDJSON as it comes, and looks at what it says of the real senders.
type judge struct {
	verdicts map[string]*verdict
	lines    int // in all
	err      error
}

// verdict is what came of one sender.
type verdict struct {
	sender   *sender
	next     uint64 // the number that is to come
	came     uint64
	logged   uint64          // that are in its log
	skipped  map[uint64]bool // numbers that did not come in their place
	problems []string
	more     int      // problems that are not told
	disorder []string // what is a problem, unless the sender itself was held up within a burst
}

// maxProblems is how many are told of one sender.
const maxProblems = 5

func newJudge(all []*sender) *judge {
	j := &judge{verdicts: make(map[string]*verdict)}
	for _, s := range all {
		j.verdicts[s.host] = &verdict{sender: s, skipped: make(map[uint64]bool)}
	}
	return j
}

// outOfPlace is for what can come of a sender that was held up for longer than the receiver waits for a record, or for
// a piece of it.
func (v *verdict) outOfPlace(format string, a ...any) {
	if len(v.disorder) <= maxProblems {
		v.disorder = append(v.disorder, fmt.Sprintf(format, a...))
	}
}

func (v *verdict) fail(format string, a ...any) {
	if len(v.problems) >= maxProblems {
		v.more++
		return
	}
	v.problems = append(v.problems, fmt.Sprintf(format, a...))
}

// event is a line of the receiver's NDJSON, as far as it is judged.
type event struct {
	Type, Device, Text string
	Seq, Count         uint64
	Late, Damaged      bool
}

// read takes all that the receiver writes, until its end.
func (j *judge) read(in io.Reader) {
	const longest = 1 << 20
	s := bufio.NewScanner(in)
	s.Buffer(nil, longest)
	for s.Scan() {
		j.lines++
		j.line(s.Bytes())
	}
	if j.err == nil {
		j.err = s.Err()
	}
	io.Copy(io.Discard, in)
}

// hostMember is in front of a sender's name.
var hostMember = []byte(`"host":"`)

// line takes one line. Those of invented senders are passed over fast: there are many.
func (j *judge) line(line []byte) {
	_, rest, found := bytes.Cut(line, hostMember)
	if !found {
		return
	}
	host, _, _ := bytes.Cut(rest, []byte{'"'})
	v := j.verdicts[string(host)]
	if v == nil {
		return
	}
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		j.err = fmt.Errorf("%w: %s", err, line)
		return
	}
	v.take(&e)
}

// take takes an event of the sender. What is said about it besides its records is something amiss, but for
// datagrams that others sent in the name of a device, which do not come under its name.
func (v *verdict) take(e *event) {
	switch e.Type {
	case "record":
	case "missing":
		v.outOfPlace("%s: %s", e.Type, e.Text)
		return
	default:
		v.fail("%s: %s", e.Type, e.Text)
		return
	}
	v.came++
	switch {
	case e.Damaged:
		v.outOfPlace("record %d is damaged", e.Seq)
	case e.Text != v.sender.sentence(e.Seq):
		v.fail("record %d is not what was said: %.100q", e.Seq, e.Text)
	}
	if v.sender.key != nil && e.Device != v.sender.host {
		v.fail("record %d is not proved", e.Seq)
	}
	switch {
	case e.Seq == v.next:
		v.next++
	case e.Seq > v.next:
		v.outOfPlace("record %d came behind record %d", e.Seq, v.next-1)
		const most = 100_000
		for ; v.next < e.Seq && len(v.skipped) < most; v.next++ {
			v.skipped[v.next] = true
		}
		v.next = e.Seq + 1
	case v.skipped[e.Seq]:
		v.outOfPlace("record %d came later", e.Seq)
		delete(v.skipped, e.Seq)
	default:
		v.fail("record %d came again", e.Seq)
	}
}

// finish compares with what was said in all. It is for when the receiver has ended.
func (j *judge) finish() {
	for _, v := range j.verdicts {
		v.sender.mu.Lock()
		if v.sender.err != nil {
			v.fail("%v", v.sender.err)
		}
		if v.next != v.sender.said {
			v.fail("records %d to %d did not come", v.next, v.sender.said-1)
		}
		if n := len(v.skipped); n > 0 {
			v.fail("%d records in between did not come", n)
		}
		v.sender.mu.Unlock()
	}
}

// blame makes a problem of what is out of place, unless the sender was held up. It is for the very end.
func (j *judge) blame() (excused int) {
	const patience = source.FragmentWindow / 2
	for _, v := range j.verdicts {
		switch {
		case len(v.disorder) == 0:
		case v.sender.stalled > patience:
			excused++
		default:
			v.problems = append(v.problems, v.disorder...)
		}
	}
	return excused
}

// missing is how many of the sender's records did not come.
func (v *verdict) missing() int {
	return len(v.skipped) + int(v.sender.said-min(v.next, v.sender.said))
}
