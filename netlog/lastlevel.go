package netlog

import (
	"bytes"
	"strconv"

	"gasp/netlog/wire"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// The stages of the last level. Each is entered once: a fault in one goes on
// with the next.
type stage uint32

const (
	unused stage = iota
	patching
	summing
	taking
	sending // to the first of the targets
	spent   = sending + MaxTargets
)

func (s stage) begun() bool { return s > unused && s < spent }

// numberDigits is how many digits a 64-bit number takes at most.
const numberDigits = 20

// A lastFrame is the last level: one frame for each target.
type lastFrame struct {
	stage  stage
	sent   bool
	sealed lastSealed
}

// A prebuilt is a frame with a headline, complete but for a few digits at fixed places, in memory that nothing
// else uses.
type prebuilt struct {
	length int
	// Where the digits are, from the start of the frame; 0 for none.
	seq, time, last, unsent, pc int
	clocks                      [4]int // of seconds.microseconds
	frame                       [lastSize]byte
}

// lastSize holds the frame with the longest release and build id.
const lastSize = headroom + releaseSize + 512

// Numbers that stand in the frame where digits will be.
const (
	seqMark    = ^uint64(0)
	timeMark   = ^uint64(0) - 1
	lastMark   = ^uint64(0) - 2
	unsentMark = ^uint64(0) - 3
)

// build makes the frame with what is known at start.
func (f *prebuilt) build(t *template, form *format, boot [bootDigits]byte, block *wire.Block) {
	h := wire.Headline{Boot: boot, Cause: []byte(wire.FailedCause), PC: ^uint64(0), HasPC: true,
		Uptime: timeMark, Last: lastMark, HasLast: true, Unsent: unsentMark, Block: block}
	r := wire.Record{Level: uint8(Emerg), Seq: seqMark, Time: timeMark, Text: wire.AppendHeadline(nil, &h, wire.HeadlineMax)}
	message := append([]byte(nil), form.prefix()...)
	if form.extended {
		message = wire.AppendExtended(message, &r)
	} else {
		message = wire.AppendBasic(nil, &r)
	}
	f.length = headroom + copy(f.frame[headroom:], message)
	frame := f.frame[:f.length]
	t.complete(frame)
	if !t.six { // which must have one (RFC 8200 8.1)
		header.UDP(frame[udpOffset:headroom]).SetChecksum(0) // RFC 768: none
	}

	f.seq, f.time = place(frame, seqMark), place(frame, timeMark)
	f.last, f.unsent = place(frame, lastMark), place(frame, unsentMark)
	f.pc = find(frame, headroom, "pc=0x")
	at := headroom
	for i := range f.clocks {
		if f.clocks[i] = find(frame, at, "18446744073709.551614"); f.clocks[i] == 0 {
			break
		}
		at = f.clocks[i] + 1
	}
}

// find returns where text stands in frame, from offset from on; 0 for nowhere.
func find(frame []byte, from int, text string) int {
	i := bytes.Index(frame[from:], []byte(text))
	if i < 0 {
		return 0
	}
	return from + i
}

func place(frame []byte, number uint64) int {
	return find(frame, headroom, strconv.FormatUint(number, 10))
}

// lastLevel sends the frames, with nothing but the device's TakeOver and
// Transmit. It returns whether one was sent, now or before.
func (l *Logger) lastLevel() bool {
	f := &l.final
	if l.crash.mute || l.network.state.Load() != started {
		return false
	}
	for f.stage < spent {
		f.stage++
		switch f.stage {
		case patching:
			l.patchAll()
		case summing:
			l.sumAll()
		case taking:
			l.device.TakeOver()
		case spent:
		default:
			l.sendLast(int(f.stage - sending))
		}
		l.crash.progress.Add(1)
	}
	return f.sent
}

// sendLast sends the i'th destination's frame.
func (l *Logger) sendLast(i int) {
	s := &l.network
	if i >= s.destinations() || s.to(i).mute {
		return
	}
	if frame := l.lastWords(s.to(i)); len(frame) > 0 && l.device.Transmit(frame) == nil {
		l.final.sent = true
	}
}

// lastWords is the frame, nothing if there is none.
func (l *Logger) lastWords(d *destination) []byte {
	if l.sealing() {
		return l.final.sealed.frame(&d.template)
	}
	f := &d.final
	if f.length <= headroom || f.length > len(f.frame) {
		return nil
	}
	return f.frame[within(d.template.start, headroom):f.length]
}

// patchAll writes what is known of the crash into the frames.
func (l *Logger) patchAll() {
	s := &l.network
	if l.sealing() {
		return
	}
	l.crash.open(&l.ring)
	for i := range s.destinations() {
		l.patch(&s.to(i).final)
	}
}

// sumAll makes the checksums right where there has to be one.
func (l *Logger) sumAll() {
	s := &l.network
	for i := 0; i < s.destinations() && !l.sealing(); i++ {
		if d := s.to(i); d.template.six {
			d.template.complete(d.final.frame[:within(d.final.length, len(d.final.frame))])
		}
	}
}

// patch writes what is known of the crash into a frame.
func (l *Logger) patch(f *prebuilt) {
	c := &l.crash
	first := c.opening.first
	putDecimal(f.digits(f.seq, numberDigits), first)
	putDecimal(f.digits(f.last, numberDigits), first-min(first, 1))
	putDecimal(f.digits(f.unsent, numberDigits), first-min(l.network.next.Load(), first))
	pc := f.digits(f.pc, len("pc=0x")+16)
	if c.cause.hasPC && len(pc) > 16 {
		for i := range 16 {
			pc[len(pc)-1-i] = "0123456789abcdef"[c.cause.pc>>(4*i)&15]
		}
	} else {
		for i := range pc {
			pc[i] = ' '
		}
	}
	now := c.opening.time
	if now == 0 {
		now = l.microseconds()
	}
	putDecimal(f.digits(f.time, numberDigits), now)
	const second = 1_000_000
	for _, at := range f.clocks {
		const secondDigits = numberDigits - 6
		putDecimal(f.digits(at, secondDigits), now/second)
		if at > 0 {
			putDecimal(f.digits(at+secondDigits+1, 6), now%second)
		}
	}
}

// digits is the place of n digits in the frame, nothing if there is none.
func (f *prebuilt) digits(at, n int) []byte {
	if at <= 0 || at > len(f.frame)-n {
		return nil
	}
	return f.frame[at : at+n]
}

// putDecimal fills digits with those of v, zeros in front.
func putDecimal(digits []byte, v uint64) {
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = '0' + byte(v%10)
		v /= 10
	}
}
