package enet

import (
	"bytes"
	"testing"

	"gasp/drivers/dma"
	"gasp/drivers/inuse"
	"gasp/internal/enetmodel"
)

// A crash can come between any two stores of Transmit. Doing the stores up to one
// of these makes the states that leaves behind.
func transmitSteps(lost []byte) []step {
	status := func(q transmitter) uint32 { return txCommand | 100 | q.wrap(q.tail) }
	return []step{
		{"nothing", func(d *Device, q transmitter) {}},
		{"half the frame", func(d *Device, q transmitter) { copy(q.buffer(q.tail), lost[:50]) }},
		{"the frame", func(d *Device, q transmitter) { copy(q.buffer(q.tail), lost) }},
		{"the buffer's address", func(d *Device, q transmitter) { q.store(q.tail, wordAddress, q.bus(q.tail)) }},
		{"the status", func(d *Device, q transmitter) { q.store(q.tail, wordStatus, status(q)|txTO1) }},
		{"the tail", func(d *Device, q transmitter) { q.move((q.tail+1)&q.mask, q.rung) }},
		{"R", func(d *Device, q transmitter) { q.store(q.rung, wordStatus, q.load(q.rung, wordStatus)&^txTO1|txR) }},
		{"TDAR", func(d *Device, q transmitter) { d.kick() }},
		{"the note that it was told of", func(d *Device, q transmitter) { q.move(q.tail, q.tail) }},
	}
}

type step struct {
	name string
	do   func(d *Device, q transmitter)
}

// Of the status, of R, and of TDAR, in transmitSteps.
const (
	statusStep = 4
	readyStep  = 6
	toldStep   = 7
)

// The frame arrives after TakeOver only if the device may have seen it.
func TestTakeOverFromBetweenAnyTwoStoresOfTransmit(t *testing.T) {
	first, lost, next := bytes.Repeat([]byte{1}, 100), bytes.Repeat([]byte{2}, 100), bytes.Repeat([]byte{3}, 100)
	steps := transmitSteps(lost)
	for stop := range steps {
		for _, before := range []int{0, 1, 127, 128, 400} { // frames, so that the ring is in every condition
			m, d := testDevice(t)
			for range before {
				if err := d.Transmit(first); err != nil {
					t.Fatal(err)
				}
			}
			for _, s := range steps[:stop+1] {
				s.do(d, d.tx(inuse.Normal))
			}
			if n, err := d.TakeOver(); n != 0 || err != nil {
				t.Fatalf("after %s: TakeOver: %d lost, error %v", steps[stop].name, n, err)
			}
			if d.stats.Resets != 0 {
				t.Errorf("after %s: TakeOver reset an idle device", steps[stop].name)
			}
			for range 600 {
				if err := d.Transmit(next); err != nil {
					t.Fatalf("after %s: Transmit: %v", steps[stop].name, err)
				}
			}
			want := before + 600
			told := stop >= readyStep
			if told {
				want++
			}
			if len(m.Sent) != want {
				t.Fatalf("after %s: %d frames on the wire, want %d", steps[stop].name, len(m.Sent), want)
			}
			if told != bytes.Equal(m.Sent[before], lost) {
				t.Errorf("after %s: the interrupted frame left: %v, want %v", steps[stop].name, !told, told)
			}
			if !bytes.Equal(m.Sent[want-600], next) || len(m.Complaints) != 0 {
				t.Errorf("after %s: the next frame is % x; complaints: %q", steps[stop].name, m.Sent[want-600][:8], m.Complaints)
			}
		}
	}
}

// A batch that was not told of is forgotten, whatever there is of it: memory handed out, frames committed. One that
// was told of leaves.
func TestTakeOverFromWithinABatch(t *testing.T) {
	first, lost, next := bytes.Repeat([]byte{1}, 100), bytes.Repeat([]byte{2}, 100), bytes.Repeat([]byte{3}, 100)
	for _, committed := range []int{0, 1, 2, 40, 127} {
		for _, before := range []int{0, 1, 127, 400} {
			for _, stop := range []string{"room", "half a frame", "commit", "doorbell"} {
				m, d := testDevice(t)
				for range before {
					if err := d.Transmit(first); err != nil {
						t.Fatal(err)
					}
				}
				for range committed {
					room, err := d.Room(false)
					if room == nil || err != nil {
						t.Fatalf("no room: %v", err)
					}
					copy(room[66:], lost)
					if err := d.Commit(66, len(lost), false); err != nil {
						t.Fatal(err)
					}
				}
				told := 0
				switch room, _ := d.Room(false); stop {
				case "half a frame":
					if room != nil {
						copy(room[66:], lost[:50])
					}
				case "doorbell":
					d.Doorbell()
					told = committed
				}
				if n, err := d.TakeOver(); n != 0 || err != nil || d.stats.Resets != 0 {
					t.Fatalf("%d committed, stopped at %s: TakeOver: %d lost, error %v, %d resets", committed, stop, n, err, d.stats.Resets)
				}
				for range 600 {
					if err := d.Transmit(next); err != nil {
						t.Fatalf("%d committed, stopped at %s: Transmit: %v", committed, stop, err)
					}
				}
				if len(m.Sent) != before+told+600 || len(m.Complaints) != 0 {
					t.Fatalf("%d committed, stopped at %s: %d frames on the wire, want %d; complaints: %q", committed, stop, len(m.Sent), before+told+600, m.Complaints)
				}
				for i, f := range m.Sent[before:] {
					if want := i < told; want != bytes.Equal(f, lost) {
						t.Fatalf("%d committed, stopped at %s: frame %d is % x", committed, stop, i, f[:8])
					}
				}
			}
		}
	}
}

func TestTakeOverFromBetweenAnyTwoStoresOfReceive(t *testing.T) {
	steps := []struct {
		name string
		do   func(d *Device, q receiver)
	}{
		{"nothing", func(d *Device, q receiver) {}},
		{"the note that it is taken", func(d *Device, q receiver) { q.take() }},
		{"the address", func(d *Device, q receiver) { q.store(q.next, wordAddress, q.bus(q.next)) }},
		{"E", func(d *Device, q receiver) { q.put(q.next, q.bus(q.next), rxE) }},
		{"RDAR", func(d *Device, q receiver) { d.listen() }},
		{"next", func(d *Device, q receiver) { q.move(q.taken) }},
	}
	buf := make([]byte, MaxFrame)
	for stop := range steps {
		for _, before := range []int{0, 1, 63, 64, 65, 200} {
			m, d := testDevice(t)
			for range before {
				m.Inject(make([]byte, 60))
				if n, err := d.Receive(buf); n != 60 || err != nil {
					t.Fatalf("Receive gives %d, %v", n, err)
				}
			}
			m.Inject(bytes.Repeat([]byte{1}, 60))
			m.Inject(bytes.Repeat([]byte{2}, 60))
			for _, s := range steps[:stop+1] {
				s.do(d, d.rx(inuse.Normal))
			}
			if _, err := d.TakeOver(); err != nil {
				t.Fatalf("after %s: TakeOver: %v", steps[stop].name, err)
			}
			if d.stats.Resets != 0 {
				t.Errorf("after %s: TakeOver reset an idle device", steps[stop].name)
			}
			first := byte(1)
			if stop > 0 {
				first = 2 // the one being taken is the interrupted caller's
			}
			for i := first; i < 200; i++ {
				if i > 2 && !m.Inject(bytes.Repeat([]byte{i}, 60)) {
					t.Fatalf("after %s: the receiver takes no frame %d", steps[stop].name, i)
				}
				if n, err := d.Receive(buf); n != 60 || err != nil || buf[0] != i {
					t.Fatalf("after %s: Receive gives %d, %v, frame %d, want frame %d", steps[stop].name, n, err, buf[0], i)
				}
			}
			if len(m.Complaints) != 0 {
				t.Errorf("after %s: complaints: %q", steps[stop].name, m.Complaints)
			}
		}
	}
}

// Whatever the state in memory has become, no method reaches outside its rings,
// and TakeOver makes the device work.
func TestCorruptedStateLeadsNowhere(t *testing.T) {
	buf := make([]byte, MaxFrame)
	frame := bytes.Repeat([]byte{7}, 100)
	for _, v := range []uint32{1, 0xFF, 0x100, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF} {
		for n, corrupt := range []func(d *Device){
			func(d *Device) { d.tx(inuse.Normal).tail = v },
			func(d *Device) { d.tx(inuse.Normal).rung = v },
			func(d *Device) { d.tx(inuse.Normal).clean = v },
			func(d *Device) { d.tx(inuse.Normal).witness = v },
			func(d *Device) { d.tx(inuse.Normal).skew = v },
			func(d *Device) { d.rx(inuse.Normal).witness = v },
			func(d *Device) { d.rx(inuse.Normal).next = v },
			func(d *Device) { d.rx(inuse.Normal).taken = v },
			func(d *Device) { d.active = inuse.Rings(v) },
			func(d *Device) {
				t, x := d.tx(inuse.Normal), d.rx(inuse.Normal)
				t.tail, t.rung, t.clean, x.next, x.taken = v, v+1, v+2, v+3, v+4
			},
		} {
			for _, first := range []func(d *Device){
				func(d *Device) {},
				func(d *Device) { d.Transmit(frame); d.Receive(buf); d.Flush() },
			} {
				m, d := testDevice(t)
				d.Transmit(frame)
				m.Inject(frame)
				corrupt(d)
				first(d)
				if _, err := d.TakeOver(); err != nil {
					t.Fatalf("corruption %d with %#x: TakeOver: %v", n, v, err)
				}
				before := len(m.Sent)
				for range 600 {
					if err := d.Transmit(frame); err != nil {
						t.Fatalf("corruption %d with %#x: Transmit: %v", n, v, err)
					}
				}
				if got := len(m.Sent) - before; got != 600 {
					t.Errorf("corruption %d with %#x: %d of 600 frames on the wire", n, v, got)
				}
			}
		}
	}
}

func TestNothingAllocates(t *testing.T) {
	m, d := testDevice(t)
	frame, buf := make([]byte, 200), make([]byte, MaxFrame)
	for name, f := range map[string]func(){
		"Transmit":                 func() { d.Transmit(frame) },
		"Transmit of no frame":     func() { d.Transmit(nil) },
		"Room, Commit, Doorbell":   func() { d.Room(true); d.Commit(66, 200, false); d.Doorbell() },
		"Room without waiting":     func() { d.Room(false) },
		"Flush":                    func() { d.Flush() },
		"Receive":                  func() { d.Receive(buf) },
		"Link":                     func() { d.Link() },
		"MAC":                      func() { d.MAC() },
		"Stats":                    func() { d.Stats() },
		"TakeOver":                 func() { d.TakeOver() },
		"TakeOver with a reset":    func() { m.Set(regTCR, 0); d.TakeOver() },
		"TakeOver without a clock": func() { m.AllOnes = true; d.TakeOver(); m.AllOnes = false },
	} {
		m.Discard = true
		if n := testing.AllocsPerRun(50, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

func testDevice(t testing.TB) (*enetmodel.Device, *Device) {
	t.Helper()
	return testDeviceOf(t, enetmodel.I6UL)
}

func testDeviceOf(t testing.TB, kind enetmodel.Kind) (*enetmodel.Device, *Device) {
	t.Helper()
	mem := dma.Memory{Bytes: make([]byte, MemorySize), Phys: 1 << 20}
	m := enetmodel.New(kind, mem)
	d, err := New(m, &mem, Config{Clock: 66_000_000, MAC: enetmodel.Address, PHY: PHY{Address: enetmodel.PHYAddress}, Now: m.Now})
	if err != nil {
		t.Fatal(err)
	}
	m.Elapse(3e9)
	return m, d
}

func BenchmarkTransmit(b *testing.B) {
	m, d := testDevice(b)
	m.Discard = true
	frame := make([]byte, 160)
	for b.Loop() {
		d.Transmit(frame)
	}
}
