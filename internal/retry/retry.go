// Package retry waits for something that failed to work again.
package retry

import (
	"context"
	"time"
)

const (
	// First is the pause after the first failure, and Last the longest; each is twice the one before.
	First = 100 * time.Millisecond
	Last  = 10 * time.Second
)

// Retry is the pauses between tries, and says once that something fails, and that it works again.
type Retry struct {
	// What is what the messages call it, and Say shows them to the user.
	What string
	Say  func(string)
	// First is the first pause; 0 means the constant.
	First time.Duration
	// Settle is how long after a failure a success counts as one: a datagram seems to be sent even when
	// nobody is there, and the next one fails.
	Settle time.Duration

	next   time.Duration // 0 while it works
	failed time.Time
}

// Failed waits after a failed try. It returns false when there is to be no other, for ctx is done.
func (r *Retry) Failed(ctx context.Context, err error) bool {
	if r.next == 0 {
		r.Say(r.What + ": " + err.Error() + "; it is tried again")
		if r.next = r.First; r.next == 0 {
			r.next = First
		}
	}
	timer := time.NewTimer(r.next)
	defer timer.Stop()
	r.next = min(2*r.next, Last)
	defer func() { r.failed = time.Now() }()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// Worked is for a try that succeeded.
func (r *Retry) Worked() {
	if r.next != 0 && (r.Settle == 0 || time.Since(r.failed) >= r.Settle) {
		r.next = 0
		r.Say(r.What + ": works again")
	}
}
