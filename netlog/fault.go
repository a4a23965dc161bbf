package netlog

import "strconv"

const (
	// maxFaults inside the report are told, the others counted: each damaged
	// goroutine costs one.
	maxFaults = 40
	// maxStuck faults with no record between them lead to the last level, and
	// as many again to the end.
	maxStuck = 3
	// maxLate faults after the report are borne; then the machine keeps still.
	maxLate = 8
)

// faulted is what is known of faults inside the report.
type faulted struct {
	count  int
	told   int
	late   int    // after the report
	done   uint64 // records of the report that were dealt with
	before uint64 // done at the last fault
	stuck  int    // faults since

	tried uint64 // number plus one of the record of before that is tried
	tries int
}

// again counts a try of record seq, and says whether there may be one more.
func (f *faulted) again(seq uint64, most int) bool {
	if f.tried != seq+1 {
		f.tried, f.tries = seq+1, 0
	}
	f.tries++
	return f.tries <= most
}

// fault goes on with the report after a fault inside it. Where that happened is
// never returned to, so whatever was under way there is taken up here: the
// device, the record that was being sent, the headline, the rest of the backlog,
// the end record.
func (l *Logger) fault(cause *Cause) {
	c := &l.crash
	f := &c.faulted
	c.inside = true
	if c.state.Load() == over {
		if f.late++; f.late <= maxLate {
			c.inside = false
		}
		return
	}
	f.count++
	if f.done != f.before {
		f.before, f.stuck = f.done, 0
	}
	f.stuck++
	if c.device.busy && f.stuck <= maxStuck {
		l.retake()
	}
	c.device.busy = false
	if f.stuck <= 2*maxStuck {
		l.takeUp()
	} else {
		// Whatever is tried faults: what is left of the report, once.
		c.step = max(c.step, lastLine)
		if c.part.open {
			c.part.open = false
			c.lost++
			c.device.owe(c.part.seq)
		}
	}
	if f.stuck > maxStuck || l.final.stage.begun() {
		l.lastLevel()
	}
	if c.step <= body {
		l.advance(body)
	}
	if f.stuck <= 2*maxStuck && !c.closing.chosen && f.told < maxFaults && c.step < finished {
		l.reportFault(cause)
	}
	if c.step > body {
		l.advance(finished)
	}
	c.inside = false
}

// takeUp gives what was interrupted its other try.
func (l *Logger) takeUp() {
	c := &l.crash
	switch {
	case c.step > headline && !c.opening.sent:
		if c.opening.tries < headlineTries {
			c.step = headline
		} else {
			c.opening.sent = true
			l.oweHeadline()
		}
	case c.step > backlog && !c.before.done:
		c.step = backlog
	case c.step > endRecord && !c.closing.done && c.closing.tries < closingTries:
		c.step = endRecord
	case c.step > repair && !c.mending.done && c.mending.tries < mendTries:
		c.step = repair
	}
	if c.part.open {
		l.finishPart()
	}
}

// reportFault tells of a fault inside the report.
func (l *Logger) reportFault(cause *Cause) {
	var room [2*sayRoom + functionName]byte
	text := append(room[:0], "fault while reporting: "...)
	text = append(text, cause.Kind[:min(len(cause.Kind), kindName)]...)
	if cause.HasPC {
		text = append(text, " at pc=0x"...)
		text = strconv.AppendUint(text, cause.PC, 16)
	}
	if cause.Func != "" {
		text = append(text, " func="...)
		text = append(text, cause.Func[:min(len(cause.Func), functionName)]...)
	}
	if cause.HasAddr {
		text = append(text, " addr=0x"...)
		text = strconv.AppendUint(text, cause.Addr, 16)
	}
	l.reportText(text, false)
	l.crash.faulted.told++
	l.reportText(cause.Text[:min(len(cause.Text), causeSize)], false)
}
