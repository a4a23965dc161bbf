//go:build tamago

package machine

import (
	"math"
	"os"
	"time"
)

const (
	// pollPause is how long AwaitFrame waits if nothing tells it of a frame.
	pollPause = time.Millisecond
	// takeBack is how long after the last AwaitFrame, or the last frame that somebody
	// else took, the board looks after the device again, in ns.
	takeBack = 1_000_000_000
)

// frameEvent is the file that the kernel makes readable when the network device has
// interrupted.
var frameEvent struct {
	opened bool
	file   *os.File // nil if there is none
	room   [8]byte
}

// AwaitFrame blocks the calling goroutine, and nothing else, until the network device
// has interrupted because of a frame, or the timeout is over. It may return earlier,
// and for no reason. It returns with the device's interrupts masked, and until the next call
// the caller is to poll: take frames (netlog's PollReceive) until there are none, then
// wait, as Linux's NAPI does (Documentation/networking/napi.rst). A frame that came
// before the call ends it at once; so do frames that the logger's own Poll took
// since. The first call returns at once. One goroutine at a time may call it.
//
// A machine whose network device does not interrupt waits for a millisecond at the most.
func AwaitFrame(timeout time.Duration) {
	f, e := &frames, &frameEvent
	if Bare || f.state.Load() != known {
		time.Sleep(min(timeout, pollPause))
		return
	}
	f.serving.Store(math.MaxInt64)
	if !e.opened {
		e.opened = true
		e.file, _ = os.Open("/dev/frames")
		return // nobody was told of frames that were taken before
	}
	if e.file == nil || e.file.SetReadDeadline(time.Now().Add(timeout)) != nil {
		time.Sleep(min(timeout, pollPause))
		return
	}
	f.awaited.Store(1)
	if f.device.EnableInterrupt() {
		f.found.Add(1)
	} else {
		e.file.Read(e.room[:]) // an error is the deadline's
	}
	f.awaited.Store(0)
	f.device.DisableInterrupt()
	now := nanotime()
	if at := f.interrupted.Swap(0); at != 0 {
		f.delay.Store(now - at)
	}
	f.serving.Store(now + takeBack)
}
