package listen

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// batchSize is how many datagrams at most are taken from the kernel at once.
	batchSize = 128
	// rest is how long a reader rests when it has taken all there was. Datagrams seldom come alone, and to
	// be woken for each costs more than all the rest of its way; the kernel's buffer holds many times what
	// can come meanwhile.
	rest = 10 * time.Millisecond
	// pause is how long it rests after an error, so that a lasting one does not spin.
	pause = 50 * time.Millisecond
	// drainTime is how long Close takes what waits in the kernel, for more may come all the time.
	drainTime = time.Second
)

// reader takes the datagrams of one socket, and hands them on from one goroutine.
type reader struct {
	listener *Listener
	socket   *socket
	handle   Handler
	batch    batch
}

func newReader(l *Listener, via int, handle Handler) *reader {
	r := &reader{listener: l, socket: l.sockets[via], handle: handle}
	r.batch.prepare(via, l.options.Keep)
	return r
}

// run reads until Close.
func (r *reader) run() {
	for !r.listener.closing.Load() {
		err := r.take()
		if err == unix.EAGAIN {
			err = r.socket.waiter.wait()
		} else if err == nil && r.batch.count < batchSize {
			time.Sleep(rest)
		}
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			r.listener.errors.Add(1)
			time.Sleep(pause)
		}
	}
	for end := time.Now().Add(drainTime); time.Now().Before(end) && r.take() == nil; {
	}
}

// take hands on what has come; unix.EAGAIN says that it is nothing.
func (r *reader) take() error {
	s := r.socket
	s.taking.Store(true)
	defer s.taking.Store(false)
	now := time.Now() // before, for what comes after the call and before the clock is read is not taken
	err := r.batch.receive(s.fd)
	if err == unix.EAGAIN {
		s.handed(now, r.listener)
	}
	if err != nil {
		return err
	}
	at := s.arrival(now)
	datagrams, dropped := r.batch.datagrams(at, &r.listener.zones)
	s.drops.heard(dropped)
	r.handle(datagrams)
	if len(datagrams) < batchSize {
		at = now // there were no more
	}
	s.handed(at, r.listener)
	return nil
}
