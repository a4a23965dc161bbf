package main

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"gasp/internal/sealedmodel"
	"gasp/netlog/wire"
)

const (
	// deviceTick is how often a device looks at the clock when nothing comes.
	deviceTick = 20 * time.Millisecond
	// lost is the part of its datagrams that the network loses.
	lost = 0.05
	// heartbeat is the longest silence that it promises.
	heartbeat = 5 * time.Second
)

// errUnacknowledged says that the receiver did not acknowledge all in time.
var errUnacknowledged = errors.New("not all of its records were acknowledged")

// seal says sentences as a device until ctx ends, and ends when all is acknowledged.
func (s *sender) seal(ctx context.Context, conn *net.UDPConn) error {
	due := time.Now() // when the next sentence is to be said
	var broken error
	d := sealedmodel.New(s.key, &s.boot, due, func(b []byte) {
		if s.random.Float64() < lost {
			return
		}
		if _, err := conn.Write(b); err != nil {
			broken = err
		}
	})
	d.Beat = heartbeat
	b := make([]byte, wire.MaxAccepted)
	var end time.Time
	for broken == nil {
		now := time.Now()
		if ctx.Err() != nil {
			switch {
			case end.IsZero():
				end = now.Add(patience)
			case d.Done():
				return nil
			case now.After(end):
				return errUnacknowledged
			}
		} else {
			for ; !due.After(now); due = due.Add(time.Second / time.Duration(s.lines)) {
				d.Log(6, now, s.sentence(d.Logged))
			}
		}
		d.Tick(now)
		s.mu.Lock()
		s.said, s.repairs = d.Logged, int(d.Repaired)
		s.mu.Unlock()
		conn.SetReadDeadline(now.Add(deviceTick))
		n, err := conn.Read(b)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
		case err != nil:
			return err
		default:
			if err := d.Hear(b[:n], time.Now()); err != nil {
				return err
			}
		}
	}
	return broken
}
