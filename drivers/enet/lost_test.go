package enet

import (
	"bytes"
	"math/rand"
	"reflect"
	"testing"
	"unsafe"

	"gasp/drivers/inuse"
	"gasp/internal/enetmodel"
)

// With a reset, a frame is lost from when its descriptor is written until it was read.
func TestAFrameBetweenAnyTwoStoresIsLostInAReset(t *testing.T) {
	steps := transmitSteps(bytes.Repeat([]byte{2}, 100))
	for stop := range steps {
		for _, before := range []int{0, 1, 127, 128, 400} {
			m, d := testDevice(t)
			for range before {
				d.Transmit(bytes.Repeat([]byte{1}, 100))
			}
			for _, s := range steps[:stop+1] {
				s.do(d, d.tx(inuse.Normal))
			}
			m.Set(regTCR, 0)
			want := 0
			if stop >= statusStep && stop < toldStep {
				want = 1
			}
			if n, err := d.TakeOver(); n != want || err != nil || d.stats.Resets != 1 {
				t.Errorf("after %s and %d frames that left: %d lost, error %v, want %d and a reset", steps[stop].name, before, n, err, want)
			}
			if n, err := d.TakeOver(); n != 0 || err != nil {
				t.Errorf("after %s: the next TakeOver tells of %d lost again, error %v", steps[stop].name, n, err)
			}
		}
	}
}

func TestFramesThatDoNotLeaveAreCounted(t *testing.T) {
	frame := bytes.Repeat([]byte{1}, 100)
	for _, before := range []int{0, 1, 100, 300} {
		for _, n := range []int{0, 1, 7, 127, 300} {
			m, d := testDevice(t)
			for range before {
				d.Transmit(frame)
			}
			m.NeverCompletes = true
			taken := 0
			for range n {
				if d.Transmit(frame) == nil {
					taken++
				}
			}
			m.Set(regTCR, 0)
			m.ResetReads = -1
			if got, err := d.TakeOver(); got != 0 || err != ErrReset {
				t.Fatalf("a TakeOver that fails: %d lost, error %v", got, err)
			}
			m.ResetReads = 0
			if got, err := d.TakeOver(); got != taken || err != nil {
				t.Errorf("%d frames left and %d did not: %d lost, error %v", before, taken, got, err)
			}
			// And on the reserved rings.
			for taken = 0; d.Transmit(frame) == nil; taken++ {
			}
			if got, err := d.TakeOver(); got != taken || taken != 31 || err != nil {
				t.Errorf("%d frames on the reserved ring did not leave: %d lost, error %v", taken, got, err)
			}
		}
	}
}

// A ring that was overwritten says nothing, and the indices bound what was lost: those that are done and not taken
// back yet count too.
func TestFramesInARingThatWasOverwrittenAreBounded(t *testing.T) {
	frame := bytes.Repeat([]byte{1}, 100)
	for name, fill := range fills {
		for _, n := range []int{0, 1, 40} {
			m, d := testDevice(t)
			for range 300 {
				d.Transmit(frame)
			}
			sent := len(m.Sent)
			m.NeverCompletes = true
			for range n {
				d.Transmit(frame)
			}
			for _, r := range d.rings {
				fill(r.tx.desc)
			}
			m.Set(regTDSR, 0x7000) // so that the garbage is not sent
			m.NeverCompletes = false
			if got, err := d.TakeOver(); got < n || got > n+sweepFrom || err != nil {
				t.Errorf("the ring overwritten with %s, %d frames in it: %d lost, error %v", name, n, got, err)
			}
			if len(m.Sent) != sent {
				t.Errorf("the ring overwritten with %s: %d frames of it left", name, len(m.Sent)-sent)
			}
		}
	}
}

// fills are what a stray write leaves.
var fills = map[string]func(b []byte){
	"ones":  func(b []byte) { copy(b, bytes.Repeat([]byte{0xFF}, len(b))) },
	"zeros": func(b []byte) { clear(b) },
	"noise": func(b []byte) { rand.New(rand.NewSource(int64(len(b)))).Read(b) },
}

// integers visits every integer and flag within v, as memory.
func integers(v reflect.Value, visit func(b []byte)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			integers(v.Field(i), visit)
		}
	case reflect.Array:
		for i := range v.Len() {
			integers(v.Index(i), visit)
		}
	case reflect.Bool, reflect.Int, reflect.Int64, reflect.Uint32, reflect.Uint64:
		visit(unsafe.Slice((*byte)(unsafe.Pointer(v.UnsafeAddr())), v.Type().Size()))
	default:
		panic("a field of a kind that this test does not know: " + v.Kind().String())
	}
}

// bookkeeping visits what changes in d after New.
func (d *Device) bookkeeping(visit func(b []byte)) {
	for _, p := range []any{&d.state, &d.active, &d.unreported, &d.managing, &d.stats} {
		integers(reflect.ValueOf(p).Elem(), visit)
	}
}

// Whatever the driver's own numbers have become, TakeOver ends, accounts for every
// frame, and leaves a device that works.
func TestTakeOverFromAnyBookkeeping(t *testing.T) {
	frame, next, buf := bytes.Repeat([]byte{1}, 100), bytes.Repeat([]byte{2}, 100), make([]byte, MaxFrame)
	for seed := range int64(2000) {
		random := rand.New(rand.NewSource(seed))
		m, d := testDevice(t)
		if random.Intn(4) == 0 { // on the reserved rings
			m.Set(regTCR, 0)
			d.TakeOver()
		}
		for range random.Intn(300) {
			d.Transmit(frame)
		}
		if random.Intn(2) == 0 {
			m.FrameTime = 12e3
		}
		m.NeverCompletes = random.Intn(4) == 0
		taken := len(m.Sent)
		for range random.Intn(28) {
			if d.Transmit(frame) == nil {
				taken++
			}
		}
		share, small := random.Intn(4), random.Intn(2) == 0
		d.bookkeeping(func(b []byte) {
			if random.Intn(4) > share {
				return
			}
			if random.Read(b); small { // indices that can be
				clear(b[1:])
			}
			if len(b) == 1 {
				b[0] &= 1
			}
		})
		accesses := m.Accesses
		lost, err := d.TakeOver()
		if err != nil || lost < taken-len(m.Sent) || lost > lostMost {
			t.Fatalf("seed %d: TakeOver: %d lost of %d that did not leave, error %v", seed, lost, taken-len(m.Sent), err)
		}
		if n := m.Accesses - accesses; n > 300_000 {
			t.Fatalf("seed %d: TakeOver accesses %d registers", seed, n)
		}
		m.NeverCompletes, m.FrameTime, m.Complaints = false, 0, nil
		m.Elapse(1e9)
		if _, err := d.TakeOver(); err != nil {
			t.Fatalf("seed %d: a second TakeOver: %v", seed, err)
		}
		before := len(m.Sent)
		for i := range 40 {
			if err := d.Transmit(next); err != nil || !bytes.Equal(m.Sent[len(m.Sent)-1], next) {
				t.Fatalf("seed %d: Transmit %d after TakeOver: %v", seed, i, err)
			}
			if !m.Inject(next) {
				t.Fatalf("seed %d: the receiver takes no frame %d; next %d %v stats %+v", seed, i, d.rx(d.active).next, d.active == inuse.Normal, d.stats)
			}
			if n, err := d.Receive(buf); n != len(next) || err != nil {
				t.Fatalf("seed %d: Receive %d after TakeOver gives %d, %v", seed, i, n, err)
			}
		}
		if n := len(m.Sent) - before; n != 40 || len(m.Complaints) != 0 {
			t.Fatalf("seed %d: %d of 40 frames on the wire; complaints: %q", seed, n, m.Complaints)
		}
	}
}

// Rings, buffers, all that the device reads and writes.
func TestTakeOverWithItsMemoryOverwritten(t *testing.T) {
	frame, buf := bytes.Repeat([]byte{7}, 100), make([]byte, MaxFrame)
	for name, fill := range fills {
		for _, kind := range []enetmodel.Kind{enetmodel.I6UL, enetmodel.QEMU6UL} {
			m, d := testDeviceOf(t, kind)
			for round := range 3 { // then the reserved rings
				d.Transmit(frame)
				for _, r := range d.rings {
					for _, b := range [][]byte{r.tx.desc, r.tx.buffers, r.rx.desc, r.rx.buffers} {
						fill(b)
					}
				}
				sent := len(m.Sent)
				if lost, err := d.TakeOver(); lost > 1+sweepFrom || err != nil {
					t.Fatalf("%s, round %d: TakeOver: %d lost, error %v", name, round, lost, err)
				}
				if len(m.Sent) != sent {
					t.Errorf("%s, round %d: garbage on the wire", name, round)
				}
				m.Elapse(1e9)
				for i := range 40 {
					if err := d.Transmit(frame); err != nil || !bytes.Equal(m.Sent[len(m.Sent)-1], frame) {
						t.Fatalf("%s, round %d: Transmit %d: %v", name, round, i, err)
					}
					if !m.Inject(frame) {
						t.Fatalf("%s, round %d: the receiver takes no frame %d", name, round, i)
					}
					if n, err := d.Receive(buf); n != len(frame) || err != nil {
						t.Fatalf("%s, round %d: Receive gives %d, %v", name, round, n, err)
					}
				}
			}
			if len(m.Complaints) != 0 {
				t.Errorf("%s: complaints: %q", name, m.Complaints)
			}
		}
	}
}

// A stray write over where registers and memory are may make a first TakeOver, or
// the first Transmit after it, fault. The second TakeOver works.
func TestTheSecondTakeOverMendsWhereThingsAre(t *testing.T) {
	frame := bytes.Repeat([]byte{7}, 100)
	faults := 0
	fault := func(f func()) {
		defer func() {
			if recover() != nil {
				faults++
			}
		}()
		f()
	}
	for name, fill := range fills {
		size := int(unsafe.Sizeof(core{}))
		for at := 0; at < size; at += 8 {
			for _, n := range []int{8, 64, size} {
				if name != "zeros" && n > 8 {
					continue // a pointer of noise would end the test itself
				}
				m, d := testDevice(t)
				all := unsafe.Slice((*byte)(unsafe.Pointer(&d.core)), size)
				b := all[at:min(size, at+n)]
				if name != "zeros" && !isNumber(at) {
					continue
				}
				fill(b)
				fault(func() { d.TakeOver(); d.Transmit(frame) })
				sent := len(m.Sent)
				if _, err := d.TakeOver(); err != nil {
					t.Fatalf("%d bytes from %d on %s: TakeOver: %v", n, at, name, err)
				}
				for range 300 {
					if err := d.Transmit(frame); err != nil {
						t.Fatalf("%d bytes from %d on %s: Transmit: %v", n, at, name, err)
					}
				}
				if got := len(m.Sent) - sent; got != 300 || !bytes.Equal(m.Sent[len(m.Sent)-1], frame) {
					t.Fatalf("%d bytes from %d on %s: %d of 300 frames on the wire", n, at, name, got)
				}
			}
		}
	}
	if faults == 0 {
		t.Error("nothing ever faulted: the test shows nothing")
	}
}

// isNumber tells whether the word at an offset of core is no pointer.
func isNumber(at int) bool {
	var c core
	for i := range c.rings {
		for _, r := range []*ring{&c.rings[i].tx, &c.rings[i].rx} {
			first := int(uintptr(unsafe.Pointer(&r.descPhys)) - uintptr(unsafe.Pointer(&c)))
			if at >= first && at < first+16 {
				return true
			}
		}
	}
	return at >= int(unsafe.Offsetof(c.want)+7)&^7
}
