package netstack

import (
	"sync"
	"time"
)

// A deadline is a time after which waiting ends. The zero deadline is none.
type deadline struct {
	mu      sync.Mutex
	timer   *time.Timer
	expired chan struct{} // closed when it is over; nil before the first use
}

// wait is closed when the deadline is over, as it is set now: whoever waits when it
// is set anew waits for the one before, unless that has been moved too.
func (d *deadline) wait() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.channel()
}

func (d *deadline) channel() chan struct{} {
	if d.expired == nil {
		d.expired = make(chan struct{})
	}
	return d.expired
}

// set moves the deadline; the zero time takes it away.
func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil && !d.timer.Stop() {
		<-d.channel() // the timer's function closes it
	}
	d.timer = nil
	expired := d.channel()
	select {
	case <-expired:
		d.expired = make(chan struct{})
		expired = d.expired
	default:
	}
	if t.IsZero() {
		return
	}
	if left := time.Until(t); left > 0 {
		d.timer = time.AfterFunc(left, func() { close(expired) })
	} else {
		close(expired)
	}
}

// over says whether the deadline has passed.
func over(expired <-chan struct{}) bool {
	select {
	case <-expired:
		return true
	default:
		return false
	}
}
