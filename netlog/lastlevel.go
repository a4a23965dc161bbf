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
	sending
	spent
)

func (s stage) begun() bool { return s > unused && s < spent }

// numberDigits is how many digits a 64-bit number takes at most.
const numberDigits = 20

// A lastFrame is the last level: one frame with a headline, complete but for a
// few digits at fixed places, in memory that nothing else uses.
type lastFrame struct {
	stage  stage
	sent   bool
	length int
	// Where the digits are, from the start of the frame; 0 for none.
	seq, time, last, unsent, pc int
	clocks                      [4]int // of seconds.microseconds
	frame                       [lastSize]byte
	sealed                      lastSealed
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
func (f *lastFrame) build(s *sender, c *crash, block *wire.Block) {
	if s.sealed.sealer != nil {
		f.sealed.build(c, block)
		return
	}
	h := wire.Headline{Boot: c.bootID(), Cause: []byte(wire.FailedCause), PC: ^uint64(0), HasPC: true,
		Uptime: timeMark, Last: lastMark, HasLast: true, Unsent: unsentMark, Block: block}
	r := wire.Record{Level: uint8(Emerg), Seq: seqMark, Time: timeMark, Text: wire.AppendHeadline(nil, &h, wire.HeadlineMax)}
	message := append([]byte(nil), s.release[:s.releases]...)
	if s.extended {
		message = wire.AppendExtended(message, &r)
	} else {
		message = wire.AppendBasic(nil, &r)
	}
	f.length = headroom + copy(f.frame[headroom:], message)
	frame := f.frame[:f.length]
	s.template.complete(frame)
	if !s.template.six { // which must have one (RFC 8200 8.1)
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

// lastLevel sends the one frame, with nothing but the device's TakeOver and
// Transmit. It returns whether it was sent, now or before.
func (l *Logger) lastLevel() bool {
	f := &l.final
	if l.crash.mute || l.network.state.Load() != started {
		return false
	}
	for f.stage < spent {
		f.stage++
		switch f.stage {
		case patching:
			if !l.sealing() {
				l.patch()
			}
		case summing:
			if t := &l.network.template; t.six && !l.sealing() {
				t.complete(f.frame[:within(f.length, len(f.frame))])
			}
		case taking:
			l.device.TakeOver()
		case sending:
			if frame := l.lastWords(); len(frame) > 0 {
				f.sent = l.device.Transmit(frame) == nil
			}
		}
		l.crash.progress.Add(1)
	}
	return f.sent
}

// lastWords is the frame, nothing if there is none.
func (l *Logger) lastWords() []byte {
	f := &l.final
	start := l.network.template.start
	if l.sealing() {
		return f.sealed.frame(start)
	}
	if f.length <= headroom || f.length > len(f.frame) {
		return nil
	}
	return f.frame[within(start, headroom):f.length]
}

// patch writes what is known of the crash into the frame.
func (l *Logger) patch() {
	f := &l.final
	c := &l.crash
	c.open(&l.ring)
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
func (f *lastFrame) digits(at, n int) []byte {
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
