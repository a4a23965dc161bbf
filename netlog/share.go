package netlog

import (
	"errors"
	"runtime"
	"sync/atomic"
	"time"
)

// The device is the logger's, and a network stack may use it beside: its frames
// go out between the logger's own, and what comes in and is not the logger's
// business goes to it. The sender's busy flag guards the device between the two.

// What Send refuses.
var (
	ErrNotAttached = errors.New("netconsole: there is no device yet")
	ErrLinkDown    = errors.New("netconsole: the link is down")
	ErrDying       = errors.New("netconsole: the machine is dying, the device is the report's")
	ErrFrameSize   = errors.New("netconsole: a frame has 14 to 1514 bytes")
	ErrBusy        = errors.New("netconsole: the logger did not let go of the device in time")
)

const (
	// maxFrame is the longest frame without FCS and VLAN tag.
	maxFrame = ethernetSize + 1500
	// sendShare is how many frames of a stack go out before the logger has its turn.
	sendShare = 64
	// logShare is how many records the logger sends while a stack waits.
	logShare = 64
	// Who waits for the device looks so often whether the device is free, giving way between, then so
	// often with a sleep between: a second at the least.
	takeLooks  = 64
	takeSleeps = 10_000
	// handLooks bounds the looks of who lets a waiting stack go first.
	handLooks = 1000
)

// A sharing is what a network stack has of the device.
type sharing struct {
	attached atomic.Uint32 // there is a device
	waiting  atomic.Uint32 // goroutines that wait for it
	tap      atomic.Pointer[func(frame []byte)]
	sent     atomic.Uint64 // the stack's frames that the device took
	refused  atomic.Uint64 // those that it did not take
	received atomic.Uint64 // frames given to the tap
}

// Attach gives the logger its device before there is a target: a network stack
// can use it from now on, and Start takes it too. The device stays the same for
// good.
func (l *Logger) Attach(dev Device) error {
	if dev == nil {
		return ErrNoDevice
	}
	s := &l.network
	if s.sharing.attached.Load() != 0 {
		if l.device != dev {
			return ErrStarted
		}
		return nil
	}
	l.device = dev
	if dev.Link() {
		s.up.Store(1)
	}
	s.sharing.attached.Store(1)
	return nil
}

// StationAddress is the station address of the attached device, and false if there
// is none.
func (l *Logger) StationAddress() (mac [6]byte, ok bool) {
	if l.network.sharing.attached.Load() == 0 {
		return mac, false
	}
	return l.device.MAC(), true
}

// SetTap says who gets the frames that come in, but for those that are the
// logger's alone: requests for its own address, the log host's sealed answers.
// Tap is called in whatever context takes the frame, interrupts too, while nobody
// else can use the device: it copies the frame, which is not valid after it, and
// does what the logger may do in interrupts. Nil takes it away.
func (l *Logger) SetTap(tap func(frame []byte)) {
	if tap == nil {
		l.network.sharing.tap.Store(nil)
		return
	}
	l.network.sharing.tap.Store(&tap)
}

// deliver gives a received frame to the tap.
func (l *Logger) deliver(frame []byte) {
	sh := &l.network.sharing
	if tap := sh.tap.Load(); tap != nil && !l.crash.dying() {
		sh.received.Add(1)
		(*tap)(frame)
	}
}

// Send gives frames of a network stack (14 to 1514 bytes, without FCS) to the
// device, from a goroutine. It waits until the device is free, about a second at
// the most, and between every 64 of the frames the logger sends what it has. Sent is how many the device
// took; the others are the caller's again, with the error of the first: one of
// this file's, or the device's.
func (l *Logger) Send(frames ...[]byte) (sent int, err error) {
	s := &l.network
	for sent < len(frames) {
		switch {
		case l.crash.dying():
			return sent, ErrDying
		case s.sharing.attached.Load() == 0:
			return sent, ErrNotAttached
		case s.up.Load() == 0:
			return sent, ErrLinkDown
		}
		if err := l.take(); err != nil {
			return sent, err
		}
		n, err := l.transmitFor(frames[sent:min(len(frames), sent+sendShare)])
		s.busy.Store(0)
		sent += n
		l.drain(sharedMost, false)
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// sharedMost is what who shares the device hands on for others.
var sharedMost = share{network: logShare, holder: held}

// transmitFor gives frames to the device, and tells it of several at once. The caller
// holds the sender.
func (l *Logger) transmitFor(frames [][]byte) (sent int, err error) {
	s := &l.network
	waiting := 0
	for _, frame := range frames {
		if err = l.commitFor(frame, &waiting); err != nil {
			s.sharing.refused.Add(1)
			if err != ErrFrameSize {
				s.refuse(l.now())
			}
			break
		}
		if s.refused != 0 {
			s.took()
		}
		sent++
		if waiting++; waiting == batchMost {
			l.device.Doorbell()
			waiting = 0
		}
	}
	if waiting > 0 {
		l.device.Doorbell()
	}
	s.sharing.sent.Add(uint64(sent))
	return sent, err
}

// commitFor writes one frame where the device reads it.
func (l *Logger) commitFor(frame []byte, waiting *int) error {
	if len(frame) < ethernetSize || len(frame) > maxFrame {
		return ErrFrameSize
	}
	room, err := l.device.Room(false)
	if room == nil && err == nil { // the ring is full, of frames that the device was not told of, too
		l.device.Doorbell()
		*waiting = 0
		room, err = l.device.Room(true)
	}
	if err != nil {
		return err
	}
	return l.device.Commit(0, copy(room, frame), false)
}

// take makes the device the caller's, a goroutine's. While it waits, the logger's
// turns are short, and it is let go first.
func (l *Logger) take() error {
	s := &l.network
	if s.busy.CompareAndSwap(0, held) {
		return nil
	}
	s.sharing.waiting.Add(1)
	defer s.sharing.waiting.Add(^uint32(0))
	for n := range takeLooks + takeSleeps {
		if s.busy.CompareAndSwap(0, held) {
			return nil
		}
		switch {
		case l.crash.dying():
			return ErrDying
		case n < takeLooks:
			runtime.Gosched()
		default:
			time.Sleep(giveWaySleep)
		}
	}
	return ErrBusy
}

// PollReceive takes up to so many of the frames that wait, as Poll does, and
// returns how many there were. It is what a network stack's goroutine calls as
// long as frames come in, and waits for the device as Send does.
func (l *Logger) PollReceive(most int) (received int) {
	s := &l.network
	if l.crash.dying() || s.sharing.attached.Load() == 0 || l.take() != nil {
		return 0
	}
	received = l.receiveMost(most)
	s.busy.Store(0)
	l.drain(sharedMost, false)
	return received
}

// turnOf is how much of most the logger may do in one go: less while a stack waits.
func (s *sender) turnOf(most int) int {
	if s.sharing.waiting.Load() != 0 {
		return min(most, logShare)
	}
	return most
}

// yield lets a stack's goroutine that waits for the device run, if the caller is a
// goroutine too.
func (s *sender) yield() {
	for n := 0; n < giveWayMost && s.sharing.waiting.Load() != 0; n++ {
		runtime.Gosched()
	}
}

// letOthers gives a stack that waits the time to take the device that was just let
// go: another processor's sees it at once. A goroutine of the same processor does
// not: yield is for that.
func (s *sender) letOthers() {
	for n := 0; n < handLooks && s.sharing.waiting.Load() != 0 && s.busy.Load() == 0; n++ {
	}
}

// ShareStats counts what a network stack had of the device.
type ShareStats struct {
	Sent     uint64 // frames of the stack that the device took
	Refused  uint64 // frames of the stack that it did not take
	Received uint64 // frames that were given to the stack
}

// ShareStats returns the counts.
func (l *Logger) ShareStats() ShareStats {
	sh := &l.network.sharing
	return ShareStats{Sent: sh.sent.Load(), Refused: sh.refused.Load(), Received: sh.received.Load()}
}
