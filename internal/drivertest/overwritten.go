package drivertest

import (
	"bytes"
	"math/rand"
	"reflect"
	"testing"
	"unsafe"
)

// Fills are what a stray write leaves.
var Fills = map[string]func(b []byte){
	"ones":  func(b []byte) { copy(b, bytes.Repeat([]byte{0xFF}, len(b))) },
	"zeros": func(b []byte) { clear(b) },
	"noise": func(b []byte) { rand.New(rand.NewSource(int64(len(b)))).Read(b) },
}

// Integers visits every integer and flag within v, as memory.
func Integers(v reflect.Value, visit func(b []byte)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			Integers(v.Field(i), visit)
		}
	case reflect.Array:
		for i := range v.Len() {
			Integers(v.Index(i), visit)
		}
	case reflect.Bool, reflect.Int, reflect.Int64, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		visit(unsafe.Slice((*byte)(unsafe.Pointer(v.UnsafeAddr())), v.Type().Size()))
	default:
		panic("a field of a kind that this test does not know: " + v.Kind().String())
	}
}

// bookkeeping visits what changes in the driver after New.
func (b *Bench) bookkeeping(visit func(b []byte)) {
	for _, p := range b.Bookkeeping {
		Integers(reflect.ValueOf(p).Elem(), visit)
	}
}

// Whatever the driver's own numbers have become, TakeOver ends, accounts for every
// frame, and leaves a device that works.
func (s *Suite) TestTakeOverFromAnyBookkeeping(t *testing.T) {
	frame, next, buf := bytes.Repeat([]byte{1}, 100), bytes.Repeat([]byte{2}, 100), make([]byte, maxFrame)
	for seed := range int64(2000) {
		random := rand.New(rand.NewSource(seed))
		b := s.first(t)
		if random.Intn(4) == 0 { // on the reserved rings
			b.Upset()
			b.Device.TakeOver()
		}
		for range random.Intn(300) {
			b.Transmit(frame)
		}
		if random.Intn(2) == 0 {
			*b.FrameTime = 12e3
		}
		*b.NeverCompletes = random.Intn(4) == 0
		taken := len(*b.Sent)
		for range random.Intn(28) {
			if b.Transmit(frame) == nil {
				taken++
			}
		}
		share, small := random.Intn(4), random.Intn(2) == 0
		b.bookkeeping(func(b []byte) {
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
		accesses := *b.Accesses
		lost, err := b.Device.TakeOver()
		if err != nil || lost < taken-len(*b.Sent) || lost > s.LostMost {
			t.Fatalf("seed %d: TakeOver: %d lost of %d that did not leave, error %v", seed, lost, taken-len(*b.Sent), err)
		}
		if n := *b.Accesses - accesses; n > 300_000 {
			t.Fatalf("seed %d: TakeOver accesses %d registers", seed, n)
		}
		*b.NeverCompletes, *b.FrameTime, *b.Complaints = false, 0, nil
		b.Elapse(1e9)
		if _, err := b.Device.TakeOver(); err != nil {
			t.Fatalf("seed %d: a second TakeOver: %v", seed, err)
		}
		before := len(*b.Sent)
		for i := range 40 {
			if err := b.Transmit(next); err != nil || !bytes.Equal((*b.Sent)[len(*b.Sent)-1], next) {
				t.Fatalf("seed %d: Transmit %d after TakeOver: %v", seed, i, err)
			}
			if !b.Inject(next) {
				t.Fatalf("seed %d: the receiver takes no frame %d; %+v", seed, i, b.Stats())
			}
			if n, err := b.Receive(buf); n != len(next) || err != nil {
				t.Fatalf("seed %d: Receive %d after TakeOver gives %d, %v", seed, i, n, err)
			}
		}
		if n := len(*b.Sent) - before; n != 40 || len(*b.Complaints) != 0 {
			t.Fatalf("seed %d: %d of 40 frames on the wire; complaints: %q", seed, n, *b.Complaints)
		}
	}
}

// Rings, buffers, all that the device reads and writes.
func (s *Suite) TestTakeOverWithItsMemoryOverwritten(t *testing.T) {
	frame, buf := bytes.Repeat([]byte{7}, 100), make([]byte, maxFrame)
	for name, fill := range Fills {
		for _, k := range s.Kinds {
			b := k.Open(t)
			for round := range 3 { // then the reserved rings
				b.Transmit(frame)
				for _, m := range b.Memory {
					fill(m)
				}
				sent := len(*b.Sent)
				if lost, err := b.Device.TakeOver(); lost > 1+s.Slack || err != nil {
					t.Fatalf("%s, %s, round %d: TakeOver: %d lost, error %v", k.Name, name, round, lost, err)
				}
				if len(*b.Sent) != sent {
					t.Errorf("%s, %s, round %d: garbage on the wire", k.Name, name, round)
				}
				b.Elapse(1e9)
				for i := range 40 {
					if err := b.Transmit(frame); err != nil || !bytes.Equal((*b.Sent)[len(*b.Sent)-1], frame) {
						t.Fatalf("%s, %s, round %d: Transmit %d: %v", k.Name, name, round, i, err)
					}
					if !b.Inject(frame) {
						t.Fatalf("%s, %s, round %d: the receiver takes no frame %d", k.Name, name, round, i)
					}
					if n, err := b.Receive(buf); n != len(frame) || err != nil {
						t.Fatalf("%s, %s, round %d: Receive gives %d, %v", k.Name, name, round, n, err)
					}
				}
			}
			if len(*b.Complaints) != 0 {
				t.Errorf("%s, %s: complaints: %q", k.Name, name, *b.Complaints)
			}
		}
	}
}

// A stray write over where registers and memory are may make a first TakeOver, or
// the first Transmit after it, fault. The second TakeOver works.
func (s *Suite) TestTheSecondTakeOverMendsWhereThingsAre(t *testing.T) {
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
	for name, fill := range Fills {
		size := len(s.first(t).Core)
		for at := 0; at < size; at += 8 {
			for _, n := range []int{8, 64, size} {
				if name != "zeros" && n > 8 {
					continue // a pointer of noise would end the test itself
				}
				b := s.first(t)
				if name != "zeros" && !b.IsNumber(at) {
					continue
				}
				fill(b.Core[at:min(size, at+n)])
				fault(func() { b.Device.TakeOver(); b.Transmit(frame) })
				sent := len(*b.Sent)
				if _, err := b.Device.TakeOver(); err != nil {
					t.Fatalf("%d bytes from %d on %s: TakeOver: %v", n, at, name, err)
				}
				for range 300 {
					if err := b.Transmit(frame); err != nil {
						t.Fatalf("%d bytes from %d on %s: Transmit: %v", n, at, name, err)
					}
				}
				if got := len(*b.Sent) - sent; got != 300 || !bytes.Equal((*b.Sent)[len(*b.Sent)-1], frame) {
					t.Fatalf("%d bytes from %d on %s: %d of 300 frames on the wire", n, at, name, got)
				}
			}
		}
	}
	if faults == 0 {
		t.Error("nothing ever faulted: the test shows nothing")
	}
}
