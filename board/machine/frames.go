//go:build tamago

package machine

import (
	"math"
	"strconv"
	"sync/atomic"
	_ "unsafe" // go:linkname

	"gasp/netlog"
)

// Interrupts is the interrupt side of a network device. Its methods may be called from
// any context, beside every other method of the device.
type Interrupts interface {
	// EnableInterrupt lets the device interrupt when a frame arrives, and tells whether
	// one waits already, for which no interrupt may come.
	EnableInterrupt() (waiting bool)
	// DisableInterrupt masks the device's interrupts.
	DisableInterrupt()
	// Interrupted does so, too, acknowledges an interrupt and tells whether it was the
	// device's.
	Interrupted() bool
	// ProvokeInterrupt makes the device interrupt, at once or at its next chance, and
	// tells whether it has had one since it was asked last.
	ProvokeInterrupt() (due bool)
}

// Lines are the interrupt lines of the machine that the network device may be at, each
// with a number. They are used by the first processor only, with interrupts off, and on a
// dead machine.
type Lines interface {
	// Route listens to all lines that nobody else uses.
	Route()
	// Mask masks a line, Keep all but one, MaskAll all.
	Mask(line int)
	Keep(line int)
	MaskAll()
	// Where tells where the interrupts of a line arrive: "at line" 11, "by MSI". A number of
	// 0 is none.
	Where(line int) (text string, number uint32)
}

// UseInterrupts makes the network device that was given to Attach interrupt at one of
// the lines, which is found out by trying; or by a message, which is listened to already. With
// TamaGo's toolchain the device is polled. setUp, which may be nil, is called in between, with the
// device's interrupts masked, and tells whether there is any line.
func UseInterrupts(dev Interrupts, lines Lines, message bool, setUp func() bool) {
	f := &frames
	if Bare || !Attached() || f.state.Load() != noInterrupts {
		return
	}
	f.device, f.lines, f.message = dev, lines, message
	dev.DisableInterrupt()
	switch {
	case message:
		f.state.Store(known)
		sayWhere()
	case setUp == nil || setUp():
		f.state.Store(toRoute)
	}
}

// sayWhere tells where the interrupts arrive.
func sayWhere() {
	var room [80]byte
	text, number := frames.lines.Where(frames.mine)
	b := append(append(room[:0], "interrupts of the network device arrive "...), text[:min(len(text), 20)]...)
	if number != 0 {
		b = strconv.AppendUint(append(b, ' '), uint64(number), 10)
	}
	netlog.Default().Log(netlog.Debug, str(b))
}

// How far the interrupts of the network device are.
const (
	noInterrupts uint32 = iota // there are none: the device is polled
	toRoute                    // the lines are to be set up
	learning                   // which of the lines is the device's is not known yet
	known                      // it is
)

const (
	// strayMost is how many interrupts in a row nobody may claim before their line is
	// masked for good: an unknown device that shares it asserts it without end.
	strayMost = 16
	// duesMost is how many interrupts that the device was made to make may not arrive.
	duesMost = 25

	// atOnceMost is how many interrupts between two ticks of the timer are listened to
	// again at once. With more, the tick polls: they are not to take all the time.
	atOnceMost = 64
	// armMost is how many looks at frames that wait already there are at once.
	armMost = 4
)

// frames are the interrupts of the one network device. All but the atomic fields is
// the first processor's, with interrupts off.
var frames struct {
	device  Interrupts
	lines   Lines
	mine    int  // the line where they arrive, once that is known
	message bool // they are messages
	state   atomic.Uint32

	armed  bool   // an interrupt is awaited
	seen   uint64 // frames received so far, at the end of the board's last look
	dues   int    // interrupts that did not arrive, while learning
	strays int    // in a row
	atOnce int    // since the last tick

	awaited atomic.Uint32 // a goroutine waits for a frame
	serving atomic.Int64  // until then a goroutine looks after the device, and not the board
	woken   atomic.Uint32 // it is to look

	interrupted atomic.Int64 // time of the last interrupt that woke it
	delay       atomic.Int64 // from then until it ran

	interrupts, unclaimed, polls, woke, found, early, together atomic.Uint64
}

// FrameStats counts how frames were come by since boot.
type FrameStats struct {
	Interrupts uint64 // of the network device, and of devices that share its line
	Unclaimed  uint64 // of those, not the network device's
	Wakes      uint64 // of AwaitFrame by an interrupt
	Found      uint64 // times that a frame waited already when interrupts were enabled
	Early      uint64 // looks of the board that took frames while no interrupt was awaited
	Together   uint64 // frames that a look of the board took beside another one
	Delay      int64  // from the last interrupt that woke AwaitFrame until that returned, in ns
	Polls      uint64 // looks at the device by the board: at interrupts, ticks and when a processor idles
	Known      bool   // it is known where the interrupts arrive; otherwise the device is polled
}

// Frames returns the counters.
func Frames() FrameStats {
	f := &frames
	return FrameStats{
		Interrupts: f.interrupts.Load(),
		Unclaimed:  f.unclaimed.Load(),
		Wakes:      f.woke.Load(),
		Found:      f.found.Load(),
		Early:      f.early.Load(),
		Together:   f.together.Load(),
		Delay:      f.delay.Load(),
		Polls:      f.polls.Load(),
		Known:      f.state.Load() == known,
	}
}

// poll lets the logger look at the network, and who waits for frames look at those
// that it took.
func poll() {
	f, l := &frames, netlog.Default()
	f.polls.Add(1)
	before := l.Received()
	if before != f.seen { // somebody else takes them, and so goes on looking after the device
		if until := f.serving.Load(); until != 0 && until != math.MaxInt64 {
			f.serving.CompareAndSwap(until, nanotime()+takeBack)
		}
	}
	l.Poll()
	f.seen = l.Received()
	taken := f.seen - before
	if taken == 0 {
		return
	}
	f.together.Add(taken - 1)
	if !f.armed && f.awaited.Load() == 0 {
		f.early.Add(1)
	}
	if f.serving.Load() != 0 {
		f.woken.Store(1)
	}
}

// arm lets the device interrupt, unless a goroutine looks after it.
func arm() {
	f := &frames
	switch {
	case f.state.Load() != known:
		return
	case nanotime() < f.serving.Load():
		f.armed = false
		return
	case f.armed:
		return
	}
	f.armed = true
	for range armMost {
		if !f.device.EnableInterrupt() {
			return
		}
		f.found.Add(1)
		poll()
	}
	f.device.DisableInterrupt()
	f.armed = false
}

// tickFrames is the timer interrupt's part.
func tickFrames() {
	f := &frames
	switch f.state.Load() {
	case toRoute:
		f.device.Interrupted() // QEMU's I/O APIC misses a level that was there before it listens
		f.lines.Route()
		f.state.Store(learning)
		f.device.ProvokeInterrupt()
	case learning:
		if f.device.ProvokeInterrupt() {
			if f.dues++; f.dues == duesMost {
				stopFrames(text("no interrupt of the network device arrives: it is polled"))
			}
		}
	case known:
		f.atOnce = 0
		arm()
	}
}

// stopFrames gives interrupts up for good.
func stopFrames(why []byte) {
	f := &frames
	f.device.DisableInterrupt()
	f.lines.MaskAll()
	f.state.Store(noInterrupts)
	f.armed = false
	netlog.Default().Log(netlog.Notice, str(why))
}

// FrameInterrupt is an interrupt of one of the lines. The end of the interrupt comes
// behind it, once the device has let go of its line.
func FrameInterrupt(line int) {
	f := &frames
	f.interrupts.Add(1)
	switch f.state.Load() {
	case learning:
		if !f.device.Interrupted() {
			f.unclaimed.Add(1)
			f.lines.Mask(line)
			return
		}
		f.mine = line
		f.lines.Keep(line)
		f.state.Store(known)
		sayWhere()
	case known:
		if f.mine != line { // one that had been on its way when the line was found
			f.lines.Mask(line)
			return
		}
		if f.device.Interrupted() || f.message {
			f.strays = 0
		} else {
			f.unclaimed.Add(1)
			if f.strays++; f.strays == strayMost {
				stopFrames(text("interrupts that are not the network device's, without end: it is polled"))
			}
		}
	default:
		if f.lines != nil { // without, it is nobody's: no network device was found, or not yet
			f.lines.Mask(line)
		}
		return
	}
	if f.awaited.Swap(0) != 0 {
		f.armed = false
		f.woke.Add(1)
		f.interrupted.Store(nanotime())
		f.woken.Store(1)
		return
	}
	poll()
	f.armed = false
	if f.atOnce < atOnceMost {
		f.atOnce++
		arm()
	}
}

// woken tells, once each time, that who awaits a frame is to look.
//
//go:linkname woken runtime/goos.Woken
func woken() bool { return frames.woken.Load() != 0 && frames.woken.Swap(0) != 0 }
