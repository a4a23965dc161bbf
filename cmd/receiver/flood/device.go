package main

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"gasp/netlog/wire"
)

// device is a sender that keeps the rules of docs/protocol.md, as simply as they can be kept: all that it ever said
// it can say again.
type device struct {
	*sender
	conn    *net.UDPConn
	sealer  *wire.Sealer
	number  uint64 // of its datagrams
	logged  uint64 // numbers of records below exist
	handed  uint64 // and were sent
	acked   uint64
	believe wire.Answer
	started time.Time
	due     time.Time // when the next sentence is to be said
	heard   time.Time // when the last answer came
	asked   time.Time // when it sent the last want
	pause   time.Duration
	sent    time.Time
	again   map[uint64]time.Time // when what was wanted was sent again
}

const (
	// deviceTick is how often a device looks at the clock when nothing comes.
	deviceTick = 20 * time.Millisecond
	// lost is the part of its datagrams that the network loses.
	lost = 0.05
	// heartbeat is the longest silence that it promises; hello how long it waits for the first answer.
	heartbeat = 5 * time.Second
	hello     = time.Second
	// The pauses between two wants, and between two repairs of one record.
	firstPause  = 50 * time.Millisecond
	longPause   = time.Second
	repairPause = 20 * time.Millisecond
	// maxRepair is how many records it sends again for one answer.
	maxRepair = 256
)

// errUnacknowledged says that the receiver did not acknowledge all in time.
var errUnacknowledged = errors.New("not all of its records were acknowledged")

func newDevice(s *sender, conn *net.UDPConn) *device {
	now := time.Now()
	return &device{sender: s, conn: conn, sealer: wire.NewSealer(s.key, &s.boot), started: now, due: now, again: make(map[uint64]time.Time)}
}

// run says sentences until ctx ends, and ends when all is acknowledged.
func (d *device) run(ctx context.Context) error {
	b := make([]byte, wire.MaxAccepted)
	var end time.Time
	for {
		now := time.Now()
		if ctx.Err() != nil {
			switch {
			case end.IsZero():
				end = now.Add(patience)
			case d.acked == d.logged:
				return nil
			case now.After(end):
				return errUnacknowledged
			}
		} else {
			for ; !d.due.After(now); d.due = d.due.Add(time.Second / time.Duration(d.lines)) {
				d.logged++
			}
		}
		if err := d.tick(now); err != nil {
			return err
		}
		d.conn.SetReadDeadline(now.Add(deviceTick))
		n, err := d.conn.Read(b)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
		case err != nil:
			return err
		default:
			if err := d.hear(b[:n], time.Now()); err != nil {
				return err
			}
		}
	}
}

// tick does what is due.
func (d *device) tick(now time.Time) error {
	answered := d.believe.Number > 0
	if d.number == 0 {
		d.asked, d.pause = now, firstPause
		return d.send(now, true, nil)
	}
	if d.handed < d.logged && (answered || now.Sub(d.started) >= hello) {
		var fresh []uint64
		for ; d.handed < d.logged; d.handed++ {
			fresh = append(fresh, d.handed)
		}
		d.mu.Lock()
		d.said = d.logged
		d.mu.Unlock()
		if err := d.send(now, false, fresh); err != nil {
			return err
		}
	}
	if (d.acked < d.handed || !answered) && now.Sub(d.heard) >= firstPause && now.Sub(d.asked) >= d.pause {
		d.asked, d.pause = now, min(2*d.pause, longPause)
		return d.send(now, true, nil)
	}
	if now.Sub(d.sent) >= heartbeat {
		return d.send(now, false, nil)
	}
	return nil
}

// hear takes an answer, and sends again what it wants.
func (d *device) hear(b []byte, now time.Time) error {
	a, err := d.sealer.OpenAnswer(b)
	if err != nil || !a.Newer(&d.believe) {
		return nil
	}
	d.believe, d.heard, d.pause = a, now, firstPause
	d.acked = max(d.acked, a.Upto)
	for seq := range d.again {
		if seq < d.acked {
			delete(d.again, seq)
		}
	}
	var wanted []uint64
	for _, r := range a.Wanted[:a.Runs] {
		for seq := r.First; seq <= r.Last && seq < d.handed && len(wanted) < maxRepair; seq++ {
			if now.Sub(d.again[seq]) >= repairPause {
				d.again[seq] = now
				wanted = append(wanted, seq)
			}
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	d.mu.Lock()
	d.repairs += len(wanted)
	d.mu.Unlock()
	return d.send(now, false, wanted)
}

// send sends records, in as many datagrams as that takes.
func (d *device) send(now time.Time, want bool, numbers []uint64) error {
	b := d.sealer.Begin(make([]byte, 0, wire.MaxSealed))
	for _, seq := range numbers {
		r := wire.Record{Level: 6, Seq: seq, Time: d.uptime(now), Text: []byte(d.sentence(seq))}
		if d.sealer.Items(b)+wire.RecordItemSize(&r) > wire.MaxSealed-wire.SealedOverhead {
			if err := d.seal(b, now, want); err != nil {
				return err
			}
			b = d.sealer.Begin(make([]byte, 0, wire.MaxSealed))
		}
		b = wire.AppendRecordItem(b, &r)
	}
	return d.seal(b, now, want)
}

func (d *device) uptime(now time.Time) uint64 { return uint64(now.Sub(d.started).Microseconds()) }

// seal sends a datagram, unless the network loses it.
func (d *device) seal(b []byte, now time.Time, want bool) error {
	d.number++
	d.sent = now
	s := wire.Status{Time: d.uptime(now), Next: d.handed, Heartbeat: uint16(heartbeat / (time.Second / 10)), Want: want, Proof: d.believe.Session}
	b = d.sealer.Seal(b, d.number, &s)
	if d.random.Float64() < lost {
		return nil
	}
	_, err := d.conn.Write(b)
	return err
}
