// Package sealedmodel is a device that seals what it sends, for tests and programs that try the log host: it keeps the rules
// of docs/protocol.md, as simply as they can be kept, does no I/O, and takes time as an argument.
package sealedmodel

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"gasp/netlog/wire"
)

// HeldBack is the level of records that the device does not send, and says so.
const HeldBack = 7

// Beat is the longest silence that a new device promises, Size how many of the newest records it can still send.
const (
	Beat = time.Second
	Size = 4096
)

const (
	// hello is how long it waits for the first answer before it sends its records all the same.
	hello = time.Second
	// firstPause and longPause are between two questions whether the log host is there, repairPause between two repairs of
	// one record.
	firstPause  = 50 * time.Millisecond
	longPause   = time.Second
	repairPause = 20 * time.Millisecond
	// maxFresh is how many records it sends at once that it has not sent before.
	maxFresh = 200
)

// ErrAnswer says that the log host has heard more than was sent, or wants what it says that it has.
var ErrAnswer = errors.New("an answer that contradicts itself")

// Device is one boot of a device.
type Device struct {
	// Out takes each datagram, which is the device's again when it returns.
	Out    func(datagram []byte)
	Sealer *wire.Sealer
	Size   uint64        // how many of the newest records it can still send
	Beat   time.Duration // the longest silence that it promises
	OneWay bool          // it does not wait for answers
	Over   bool          // it says that nothing follows, once all is sent
	// Others are the sessions of other log hosts that it sends to, the first one before this one.
	Others [][wire.BootSize]byte

	Logged   uint64 // numbers below are of records
	Handed   uint64 // numbers below were sent, or passed over
	Acked    uint64 // numbers below are the log host's too
	Repaired uint64 // how many records were sent again

	records []wire.Record // the newest
	number  uint64        // of the last datagram
	believe wire.Answer
	answer  time.Time // when the last one came
	started time.Time
	asked   time.Time // when it last asked whether the log host is there
	pause   time.Duration
	sent    time.Time
	wanted  []uint64
	resent  map[uint64]time.Time
	dying   bool
}

// New makes a device that starts now.
func New(key *wire.Key, boot *[wire.BootSize]byte, now time.Time, out func([]byte)) *Device {
	return &Device{Out: out, Sealer: wire.NewSealer(key, boot), Size: Size, Beat: Beat, started: now, resent: make(map[uint64]time.Time)}
}

// Log makes a record.
func (d *Device) Log(level uint8, now time.Time, text string) {
	d.records = append(d.records, wire.Record{Level: level, Seq: d.Logged, Time: d.uptime(now), Text: []byte(text)})
	d.Logged++
	if n := uint64(len(d.records)); n >= 2*d.Size {
		d.records = append(d.records[:0], d.records[n-d.Size:]...)
	}
}

func (d *Device) uptime(now time.Time) uint64 { return uint64(now.Sub(d.started) / time.Microsecond) }

func (d *Device) oldest() uint64 { return d.Logged - min(d.Logged, d.Size) }

// record is one of the newest Size.
func (d *Device) record(number uint64) *wire.Record {
	return &d.records[number-d.records[0].Seq]
}

// send sends what the numbers are, in as many datagrams as that takes.
func (d *Device) send(now time.Time, want bool, numbers ...uint64) {
	b := d.Sealer.Begin(make([]byte, 0, wire.MaxSealed))
	for _, n := range numbers {
		size, gone := wire.SpanItemSize, n < d.oldest()
		if !gone && d.record(n).Level != HeldBack {
			size = wire.RecordItemSize(d.record(n))
		}
		if d.Sealer.Items(b)+size > wire.MaxSealed-wire.SealedOverhead {
			d.Seal(b, now, want)
			b = d.Sealer.Begin(make([]byte, 0, wire.MaxSealed))
		}
		switch {
		case gone:
			b = wire.AppendSpanItem(b, wire.ItemGone, n, n)
		case d.record(n).Level == HeldBack:
			b = wire.AppendSpanItem(b, wire.ItemHeldBack, n, n)
		default:
			b = wire.AppendRecordItem(b, d.record(n))
		}
	}
	d.Seal(b, now, want)
}

// Seal sends a datagram, which Sealer has begun. want asks for an answer.
func (d *Device) Seal(b []byte, now time.Time, want bool) {
	d.number++
	s := wire.Status{Time: d.uptime(now), Next: d.Handed, Oldest: d.oldest(), Heartbeat: uint16(d.Beat / (time.Second / 10)),
		Want: want, Dying: d.dying, Over: d.Over && d.Handed == d.Logged, Proof: d.believe.Session}
	if len(d.Others) > 0 {
		s.Proof = d.Others[0]
		for i := range d.Others[1:] {
			b = wire.AppendProofItem(b, &d.Others[1+i])
		}
		b = wire.AppendProofItem(b, &d.believe.Session)
	}
	d.sent = now
	d.Out(d.Sealer.Seal(b, d.number, &s))
}

// Tick does what is due.
func (d *Device) Tick(now time.Time) {
	heard := d.believe.Number > 0
	if d.number == 0 {
		d.asked, d.pause = now, firstPause
		d.send(now, true)
		return
	}
	if d.Handed < d.Logged && (heard || d.OneWay || d.dying || now.Sub(d.started) >= hello) {
		from := d.Handed
		d.Handed = min(from+maxFresh, d.Logged)
		d.send(now, false, numbersFrom(from, d.Handed)...)
	}
	var again []uint64
	for _, n := range d.wanted {
		if now.Sub(d.resent[n]) >= repairPause && n < d.Handed {
			again = append(again, n)
			d.resent[n] = now
		}
	}
	d.wanted = nil
	if len(again) > 0 {
		d.Repaired += uint64(len(again))
		d.send(now, false, again...)
	}
	if (d.Acked < d.Handed || !heard) && now.Sub(d.answer) >= firstPause && now.Sub(d.asked) >= d.pause {
		d.asked, d.pause = now, min(2*d.pause, longPause)
		d.send(now, true)
	}
	if now.Sub(d.sent) >= d.Beat {
		d.send(now, false)
	}
}

// Hear takes an answer. What is none that is newer than those before is passed over; the error is ErrAnswer.
func (d *Device) Hear(b []byte, now time.Time) error {
	a, err := d.Sealer.OpenAnswer(slices.Clone(b))
	if err != nil || !a.Newer(&d.believe) {
		return nil
	}
	if a.Runs > 0 && a.Upto > a.Wanted[0].First || a.Heard > d.number && a.Heard != wire.LastNumber {
		return fmt.Errorf("%w: %+v, of %d datagrams", ErrAnswer, a, d.number)
	}
	d.believe, d.answer, d.pause = a, now, firstPause
	for ; d.Acked < a.Upto; d.Acked++ {
		delete(d.resent, d.Acked)
	}
	d.wanted = nil
	for _, r := range a.Wanted[:a.Runs] {
		d.wanted = append(d.wanted, numbersFrom(r.First, min(r.Last+1, d.Logged))...)
	}
	return nil
}

// Crash logs a report of so many lines; its headline is sent at once and alone. boot is the boot's number as the headline has it.
func (d *Device) Crash(now time.Time, boot [16]byte, lines int) {
	d.dying = true
	d.number = wire.FirstCrashNumber - 1
	first := d.Logged
	h := wire.Headline{Boot: boot, Cause: []byte("panic: oh"), HasPC: true, PC: 5, HasLast: first > 0, Last: first - 1, Unsent: first - d.Handed}
	d.Log(0, now, string(wire.AppendHeadline(nil, &h, wire.HeadlineMax)))
	d.send(now, false, first)
	for i := range lines {
		d.Log(0, now, fmt.Sprint(wire.ReportPrefix, "line ", i))
	}
	d.Log(0, now, string(wire.AppendEnd(nil, &wire.End{Boot: boot, Records: uint64(lines) + 2})))
	d.Over = true
}

// Done says whether the log host has all that was logged.
func (d *Device) Done() bool { return d.Acked == d.Logged && d.Handed == d.Logged }

func numbersFrom(from, to uint64) (list []uint64) {
	for ; from < to; from++ {
		list = append(list, from)
	}
	return list
}
