package netlog

import "sync/atomic"

// The states of a crash.
const (
	alive      uint32 = iota
	collecting        // the runtime is saying why it dies
	reporting         // the report is open
	over              // the end record is out
)

// The steps of a report, in their order. Each is tried once, so that a fault in
// one of them goes on with the next; see fault for those that get another try.
type step uint32

const (
	settle step = iota
	takeOver
	awaitLink
	findStation
	headline
	keepHeadline
	backlog
	deviceTrouble
	wholeCause
	body // the traceback, which comes through Console
	lastLine
	debts
	endRecord
	flush
	repair
	lastSerial
	finished
)

const (
	bootDigits  = 16
	buildDigits = 64
)

// A crash is the state of the report. It is used by one context only: what ran
// before never runs again.
type crash struct {
	state    atomic.Uint32
	progress atomic.Uint64
	// inside is set while the crash path runs: what a clock or a driver logs
	// meanwhile must not get into the record that is being sent.
	inside bool
	step   step
	cause  causeCopy
	again  uint64 // further calls of Dying

	opening opening
	faulted faulted
	device  crashDevice
	linger  linger
	before  before
	part    part
	closing closing
	batch   batch
	mending mending

	records uint64 // of the report so far
	lost    uint64 // of those, not transmitted
	mute    bool   // there is nothing to send with, or nowhere to send to
	line    lineBuffer
	aside   aside
	text    [TextSize]byte
	boot    [bootDigits]byte
}

func (c *crash) dying() bool { return c.state.Load() != alive }

// Crashed tells whether Dying or Crash was called.
func (l *Logger) Crashed() bool { return l.crash.dying() }

// Progress changes with every frame, step and Poll of the crash path, and with
// every record of a report on demand. If it stands still the path hangs.
func (l *Logger) Progress() uint64 { return l.crash.progress.Load() }

// Crash opens the report at once, with the cause's text, or its kind if there
// is none. No other context may run any more. A crash inside a report is a
// fault of the report: it is told there, and the report goes on.
func (l *Logger) Crash(cause *Cause) {
	c := &l.crash
	c.progress.Add(1)
	if !c.state.CompareAndSwap(alive, reporting) {
		l.fault(cause)
		return
	}
	c.inside = true
	c.cause.set(cause)
	l.block.Set(cause.Regs)
	l.advance(body)
	c.inside = false
}

// End closes the report: the last line, the end record, then the serial line
// gets what it has not had. Only the first call does anything, and only after
// Dying or Crash.
func (l *Logger) End() {
	if s := l.crash.state.Load(); s == collecting || s == reporting {
		l.crash.inside = true
		l.advance(finished)
		l.crash.inside = false
	}
}

// advance takes the steps before end that were not taken yet.
func (l *Logger) advance(end step) {
	c := &l.crash
	c.state.Store(reporting)
	for c.step < end {
		step := c.step
		c.step++
		c.progress.Add(1)
		switch step {
		case settle:
			l.settle()
		case takeOver:
			l.takeOver()
		case awaitLink:
			l.awaitLink()
		case findStation:
			l.findStation()
		case headline:
			l.reportHeadline()
		case keepHeadline:
			l.keepHeadline()
		case backlog:
			l.sendBacklog()
		case deviceTrouble:
			l.reportTrouble()
		case wholeCause:
			l.reportCause()
			l.reportRegisters()
		case lastLine:
			l.reportLast()
		case debts:
			l.payDebts()
		case endRecord:
			l.reportEnd()
		case flush:
			l.lastFlush()
		case repair:
			l.mendReport()
		case lastSerial:
			l.finishSerial()
		}
	}
	if c.step >= finished {
		c.state.Store(over)
	}
}

// checkIDs says what is wrong with the digits that name this boot and this image.
func checkIDs(boot, build string) error {
	if boot != "" && (len(boot) != bootDigits || !isHex(boot)) {
		return ErrBoot
	}
	if len(build) > buildDigits || !isHex(build) {
		return ErrBuild
	}
	return nil
}

// identify keeps them.
func (l *Logger) identify(boot, build string) {
	copy(l.crash.boot[:], boot)
	l.block.Identify(build)
}

// bootID is the digits given to Start, or zeros.
func (c *crash) bootID() [bootDigits]byte {
	if c.boot[0] == 0 {
		return [bootDigits]byte([]byte("0000000000000000"))
	}
	return c.boot
}

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
			return false
		}
	}
	return true
}
