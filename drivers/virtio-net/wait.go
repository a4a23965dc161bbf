package virtionet

// Bounds of the waits, in nanoseconds.
const (
	resetWait    = 100e6 // for status to read 0; QEMU takes 0.2 ms
	ringFullWait = 100e6 // for a transmit slot
	flushWait    = 2e9   // for the whole transmit ring
	settleWait   = 200e6 // in TakeOver, for the next frame on its way: a device of a busy host takes its time
	settleMost   = 2e9   // for all of them
)

// takeOverMost is the longest that TakeOver waits.
const takeOverMost = settleMost + resetWait

// stoppedClock is after how many readings that do not advance a clock counts as
// stopped, which ends the wait as its bound would.
const stoppedClock = 1 << 20

// wait is a bounded wait: poll, and stop when it is over.
type wait struct {
	start, last, limit int64
	stopped            int
	late               bool // the bound has passed, and it was said that there is one more turn
}

func (d *Device) wait(limit int64) wait {
	t := d.now()
	return wait{start: t, last: t, limit: limit}
}

// over tells whether the bound has passed. The turn that follows is the last one: a machine that stood still between a look at the
// device and one at the clock, as virtual ones do, looks at the device again.
func (d *Device) over(w *wait) bool {
	t := d.now()
	if t <= w.last {
		w.stopped++
		return w.stopped >= stoppedClock
	}
	w.last = t
	late := w.late
	w.late = t-w.start >= w.limit
	return late
}

// relax is one turn of a wait.
func (d *Device) relax() {
	if d.pause != nil {
		d.pause()
	}
}
