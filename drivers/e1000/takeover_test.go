package e1000_test

import (
	"bytes"
	"encoding/binary"
	"math/rand"
	"testing"

	"gasp/drivers/e1000"
	"gasp/internal/e1000model"
)

// takesOver expects TakeOver to succeed with or without a reset, and both
// directions to work afterwards.
func (b *bench) takesOver(state string, reset bool) {
	b.Helper()
	before, accesses, start := b.Stats().Resets, b.model.Accesses, b.model.Now()
	if err := b.TakeOver(); err != nil {
		b.Fatalf("TakeOver, %s: %v", state, err)
	}
	if did := b.Stats().Resets != before; did != reset {
		b.Errorf("TakeOver, %s: reset %v, want %v", state, did, reset)
	}
	if n := b.model.Accesses - accesses; !reset && n > 40 {
		b.Errorf("TakeOver, %s: %d register accesses", state, n)
	}
	if took := b.model.Now() - start; took > 120e6 {
		b.Errorf("TakeOver, %s: took %d ns", state, took)
	}
	if reset && !b.model.IgnoresReset || b.model.Express {
		b.model.Elapse(1e6)
	}
	b.works("after TakeOver, " + state)
}

// upset changes a register of an idle device so that TakeOver has to reset it.
func (b *bench) upset() { b.model.Set(0x3804, 0x77) }

func TestTakeOverKeepsAnIdleDevice(t *testing.T) {
	onEach(t, func(b *bench) {
		b.takesOver("before the first frame", false)
		for i := range 300 {
			b.sends("ordinary work", numbered(60, i))
			if err := b.TakeOver(); err != nil {
				b.Fatal(err)
			}
		}
		b.takesOver("after the ring went round", false)
		b.model.Inject(numbered(60, 7))
		if err := b.TakeOver(); err != nil {
			b.Fatal(err)
		}
		buf := make([]byte, 2000)
		if n, err := b.Receive(buf); n != 60 || err != nil {
			b.Errorf("a frame that waited across TakeOver: Receive gives %d, %v", n, err)
		}
		if n := b.Stats().Resets; n != 0 {
			b.Errorf("%d resets of an idle device", n)
		}
	})
}

// However many there are, and wherever in the ring.
func TestFramesThatWaitAcrossATakeOver(t *testing.T) {
	onEach(t, func(b *bench) {
		buf := make([]byte, 2000)
		for n := range 63 {
			for i := range n {
				b.model.Inject(numbered(60, i))
			}
			if err := b.TakeOver(); err != nil || b.Stats().Resets != 0 {
				b.Fatalf("%d frames wait: %d resets, error %v", n, b.Stats().Resets, err)
			}
			for i := range n {
				if size, err := b.Receive(buf); err != nil || !bytes.Equal(buf[:size], numbered(60, i)) {
					b.Fatalf("%d frames wait: number %d is %d bytes, error %v", n, i, size, err)
				}
			}
		}
	})
}

func TestTakeOverWaitsForFramesInFlight(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.FrameTime = 12e3
		var frames [][]byte
		for i := range 200 {
			frames = append(frames, numbered(1514, i))
			b.Transmit(frames[i])
		}
		if err := b.TakeOver(); err != nil {
			b.Fatal(err)
		}
		b.wire("frames in flight at TakeOver", 0, frames...)
		b.takesOver("with frames in flight", false)
	})
}

func TestTakeOverResetsADeviceThatDoesNotComeToRest(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.NeverCompletes = true
		for i := range 300 {
			b.Transmit(numbered(60, i))
		}
		if err := b.TakeOver(); err != nil {
			b.Fatalf("TakeOver with the ring full: %v", err)
		}
		if b.Stats().Resets != 1 {
			b.Error("no reset")
		}
		b.model.NeverCompletes = false
		if err := b.TakeOver(); err != nil {
			b.Fatalf("a second TakeOver: %v", err)
		}
		b.sends("a device that works after the reset", numbered(60, 1))
	})
}

// A head or tail that jumped makes the device send what the ring held before,
// complete frames only; then TakeOver finds it at rest, or resets it.
func TestTakeOverAfterAJumpOfHeadOrTail(t *testing.T) {
	for _, r := range []struct {
		name  string
		off   uint32
		v     uint32
		reset bool
	}{
		{"the head", 0x3810, 9, false},
		{"the tail", 0x3818, 255, true},
		{"the tail, out of the ring", 0x3818, 0xFFFF, true},
	} {
		t.Run(r.name, func(t *testing.T) {
			onEach(t, func(b *bench) {
				b.sends("ordinary work", numbered(60, 1), numbered(70, 2))
				b.model.Set(r.off, r.v)
				resets := b.Stats().Resets
				if err := b.TakeOver(); err != nil {
					b.Fatalf("TakeOver: %v", err)
				}
				if did := b.Stats().Resets != resets; did != r.reset {
					b.Errorf("TakeOver: reset %v, want %v", did, r.reset)
				}
				for _, f := range b.model.Sent {
					if len(f) != 60 && len(f) != 70 {
						b.Errorf("%d bytes on the wire, which is no frame that was sent", len(f))
					}
				}
				b.model.Complaints = nil // of descriptors sent twice
				b.model.Elapse(1e9)
				b.works("after TakeOver")
			})
		})
	}
}

// TDH alone proves nothing: a device that moves it and sets no DD is reset.
func TestTakeOverBelievesDDAndNotTDH(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.NoWriteBack = true
		b.Transmit(numbered(60, 1))
		b.model.Elapse(1e6)
		if h := b.model.Get(0x3810); h != b.model.Get(0x3818) {
			b.Fatalf("TDH is %d, not TDT", h)
		}
		b.model.Sent = nil
		b.model.NoWriteBack = false
		b.takeOverSilently("with a descriptor not written back")
		b.model.Elapse(1e9)
		b.works("after it")
	})
}

func TestAResetUsesTheReservedRings(t *testing.T) {
	onEach(t, func(b *bench) {
		rings := [2]uint32{b.model.Get(0x3800), b.model.Get(0x2800)}
		ordinary := b.mem.Bytes[b.tdba():][:256*16]
		b.upset()
		b.takeOverSilently("once")
		for range 2 {
			got := [2]uint32{b.model.Get(0x3800), b.model.Get(0x2800)}
			if got[0] == rings[0] || got[1] == rings[1] {
				b.Errorf("the rings are at %#x, which is where the ordinary ones are", got)
			}
			if n := [2]uint32{b.model.Get(0x3808), b.model.Get(0x2808)}; n != [2]uint32{32 * 16, 16 * 16} {
				b.Errorf("the rings have %v bytes", n)
			}
			for i := range ordinary {
				ordinary[i] = 0xA5
			}
			b.model.Elapse(1e9)
			b.works("on the reserved rings")
			b.upset()
			b.takeOverSilently("again")
		}
	})
}

// Each register that carries frames, set to something else behind the driver's
// back.
func TestTakeOverMendsEveryRegister(t *testing.T) {
	for _, r := range []struct {
		name  string
		off   uint32
		v     uint32
		queue bool // of devices with queues
	}{
		{name: "CTRL without link", off: 0x0000},
		{name: "CTRL with VLAN handling", off: 0x0000, v: 0x40000241},
		{name: "CTRL with PAUSE", off: 0x0000, v: 0x18000241},
		{name: "RCTL", off: 0x0100, v: 0},
		{name: "TCTL off", off: 0x0400, v: 0},
		{name: "TDBAL", off: 0x3800, v: 0x100000},
		{name: "TDBAH", off: 0x3804, v: 0x77},
		{name: "TDLEN", off: 0x3808, v: 0x80},
		{name: "TDLEN zero", off: 0x3808, v: 0},
		{name: "TDH outside", off: 0x3810, v: 0xFFFF},
		{name: "RDBAL", off: 0x2800, v: 0x100000},
		{name: "RDBAH", off: 0x2804, v: 0x77},
		{name: "RDLEN", off: 0x2808, v: 0x80},
		{name: "RDH outside", off: 0x2810, v: 0xFFFF},
		{name: "TARC0 off", off: 0x3840, v: 3},
		{name: "RFCTL with other descriptors", off: 0x5008, v: 0x8000},
		{name: "RDT", off: 0x2818, v: 9},
		{name: "the transmit queue off", off: 0x3828, v: 1 << 16, queue: true},
		{name: "the receive queue off", off: 0x2828, v: 1 << 16, queue: true},
		{name: "legacy receive descriptors", off: 0x280C, v: 2, queue: true},
	} {
		t.Run(r.name, func(t *testing.T) {
			onEach(t, func(b *bench) {
				if r.off == 0x3840 && (!b.model.Express || b.model.Queues) || r.off == 0x5008 && !b.model.Express || r.queue && !b.model.Queues ||
					r.v == 0x18000241 && b.model.Queues {
					return
				}
				b.sends("ordinary work", numbered(60, 1))
				b.model.Set(r.off, r.v)
				b.takeOverSilently(r.name)
				b.model.Elapse(1e9)
				b.works("after TakeOver")
				b.takesOver("again", false)
			})
		})
	}
}

// takeOverSilently is TakeOver with a reset and nothing on the wire.
func (b *bench) takeOverSilently(state string) {
	b.Helper()
	sent, resets := len(b.model.Sent), b.Stats().Resets
	if err := b.TakeOver(); err != nil {
		b.Fatalf("TakeOver, %s: %v", state, err)
	}
	if b.Stats().Resets != resets+1 {
		b.Errorf("TakeOver, %s: no reset", state)
	}
	if n := len(b.model.Sent) - sent; n != 0 {
		b.Errorf("TakeOver, %s: puts %d frames on the wire", state, n)
	}
}

func TestTakeOverFromRandomRegisters(t *testing.T) {
	onEach(t, func(b *bench) {
		random := rand.New(rand.NewSource(3))
		for range 30 {
			for _, off := range []uint32{0, 0x100, 0x400, 0x410, 0x2800, 0x2804, 0x2808, 0x2810, 0x2818,
				0x3800, 0x3804, 0x3808, 0x3810, 0x3818, 0x3828, 0x3840, 0x5000, 0x5008, 0x5200, 0x5400, 0x5404, 0x5818} {
				b.model.Set(off, random.Uint32())
			}
			if err := b.TakeOver(); err != nil {
				b.Fatalf("TakeOver: %v", err)
			}
			b.model.Elapse(1e9)
			b.model.Complaints = nil // of what the garbage made the device do
			b.sends("after random registers", numbered(60, 1), numbered(1514, 2))
			b.receives("after random registers", numbered(60, 1))
		}
	})
}

func TestTakeOverSetsTheFiltersAgain(t *testing.T) {
	onEach(t, func(b *bench) {
		want := [2]uint32{b.model.Get(0x5400), b.model.Get(0x5404)}
		last, other := uint32(0x53FC), uint32(0x540C)
		if b.model.Chipset {
			last, other = 0x527C, 0x5200 // behind that are the firmware's addresses
		}
		for _, off := range []uint32{0x5400, 0x5404, other, 0x5200, last, 0x5000} {
			b.model.Set(off, 0x5A5A5A5A)
		}
		b.upset()
		b.takeOverSilently("with other filters")
		if got := [2]uint32{b.model.Get(0x5400), b.model.Get(0x5404)}; got != want {
			b.Errorf("RAL, RAH are %#x, want %#x", got, want)
		}
		for _, off := range []uint32{other, 0x5200, last, 0x5000} {
			if v := b.model.Get(off); v != 0 {
				b.Errorf("register %#x is %#x, want 0", off, v)
			}
		}
	})
}

// A device that ignores CTRL.RST keeps the part of a packet that somebody else's
// descriptor without EOP left there.
func TestTakeOverEndsAPartlyFetchedPacket(t *testing.T) {
	onEach(t, func(b *bench) {
		b.sends("ordinary work", numbered(60, 1))
		head := b.model.Get(0x3810)
		ring := b.mem.Bytes[b.tdba():]
		copy(ring[16*head:], ring[16*(head-1):][:8])
		copy(ring[16*head+8:], []byte{64, 0, 0, 8, 0, 0, 0, 0}) // 64 bytes, RS but no EOP
		if b.model.Queues {
			binary.LittleEndian.PutUint64(ring[16*head:], b.mem.Phys)
			copy(ring[16*head+8:], []byte{64, 0, 0x30, 0x28, 0, 0, 0x10, 0})
		}
		b.model.Write32(0x3818, head+1)
		b.takeOverSilently("with a partly fetched packet")
		b.model.Elapse(1e9)
		b.works("after a partly fetched packet")
	})
}

// tdba is where the transmit ring is in the bench's memory.
func (b *bench) tdba() uint64 {
	return uint64(b.model.Get(0x3804))<<32 + uint64(b.model.Get(0x3800)) - b.mem.Phys
}

func TestTakeOverRestoresTheBus(t *testing.T) {
	onEach(t, func(b *bench) {
		nic := b.config.PCI
		for _, c := range []struct {
			name string
			off  uint16
			v    uint32
		}{
			{"command 0", 4, 0}, {"mastering off", 4, 3}, {"memory off", 4, 5}, {"base address moved", 0x10, 0xE0000000},
		} {
			nic.Write32(c.off, c.v)
			b.takeOverSilently(c.name)
			b.model.Elapse(1e9)
			b.works("after " + c.name)
		}
	})
}

// On QEMU's e1000 each write of RCTL would cost a second of deafness.
func TestTakeOverOfAnEmulatedE1000DoesNotBlockReceive(t *testing.T) {
	b := newBench(t, e1000model.QEMU82540)
	b.open()
	b.upset()
	b.takeOverSilently("with a wrong ring")
	b.receives("at once after TakeOver", numbered(60, 1))
}

// crash is what OnAccess panics with.
type crash struct{}

// crashAt runs f and stops it before its k-th register access; it tells whether
// f got that far.
func (b *bench) crashAt(k int, f func()) (crashed bool) {
	start := b.model.Accesses
	b.model.OnAccess = func(n int) {
		if n-start == k {
			panic(crash{})
		}
	}
	defer func() {
		b.model.OnAccess = nil
		if r := recover(); r != nil {
			if _, ok := r.(crash); !ok {
				panic(r)
			}
			crashed = true
		}
	}()
	f()
	return false
}

// Every method, stopped before each of its register accesses, and taken over
// from there, with the device fast, slow and dead.
func TestTakeOverFromInsideEveryMethod(t *testing.T) {
	frames := [][]byte{numbered(60, 1), numbered(70, 2), numbered(80, 3)}
	for _, m := range []struct {
		name string
		call func(b *bench)
	}{
		{"Transmit", func(b *bench) { b.Transmit(frames[0]) }},
		{"TransmitBatch", func(b *bench) { b.TransmitBatch(frames) }},
		{"Flush", func(b *bench) { b.Flush() }},
		{"Receive", func(b *bench) { b.model.Inject(frames[0]); b.Receive(make([]byte, 2000)) }},
		{"Link", func(b *bench) { b.Link() }},
		{"TakeOver when idle", func(b *bench) { b.TakeOver() }},
		{"TakeOver with a reset", func(b *bench) { b.upset(); b.TakeOver() }},
	} {
		for _, slow := range []int64{0, 12e3} {
			t.Run(m.name, func(t *testing.T) {
				onEach(t, func(b *bench) {
					b.model.FrameTime = slow
					for k := 1; k < 300_000; k += 1 + k/200*20 {
						for i := range k % 5 {
							b.Transmit(numbered(100, i))
						}
						if !b.crashAt(k, func() { m.call(b) }) {
							return
						}
						if err := b.TakeOver(); err != nil {
							b.Fatalf("stopped before access %d: %v", k, err)
						}
						b.model.Elapse(1e9)
						for i := range 70 {
							b.sends("after TakeOver from inside", numbered(60+i, i))
							b.receives("after TakeOver from inside", numbered(60+i, i))
						}
					}
					b.Errorf("%s takes more than 300,000 register accesses", m.name)
				})
			})
		}
	}
}

func TestTakeOverOnABadDevice(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault e1000model.Faults
		want  error
	}{
		{"answers nothing", e1000model.Faults{AllOnes: true}, e1000.ErrAbsent},
		{"stays in reset", e1000model.Faults{ResetReads: -1}, e1000.ErrReset},
		{"never loads its EEPROM", e1000model.Faults{EEPROMNever: true}, nil},
		{"never completes", e1000model.Faults{NeverCompletes: true}, nil},
		{"has no link", e1000model.Faults{LinkDown: true}, nil},
		{"keeps its bus", e1000model.Faults{MasterStays: true}, nil},
		{"keeps MDIO to itself", e1000model.Faults{FirmwareKeepsPHY: true}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, func(b *bench) {
				b.upset()
				b.model.Faults = c.fault
				b.fails("TakeOver", b.TakeOver(), c.want)
				if c.want != nil {
					b.fails("Transmit", b.Transmit(numbered(60, 1)), e1000.ErrNotReady)
				}
				b.model.Faults = e1000model.Faults{}
				b.model.Elapse(1)
				b.upset()
				if err := b.TakeOver(); err != nil {
					b.Fatalf("TakeOver of a mended device: %v", err)
				}
				b.model.Elapse(1e9)
				b.works("a mended device")
			})
		})
	}
}

// frames are those on the wire, without the one that ends a partly fetched packet,
// if the device got round to that after its loopback ended.
func (b *bench) frames() (frames [][]byte) {
	mac := b.MAC()
	for _, f := range b.model.Sent {
		if !bytes.Equal(f[:6], mac[:]) {
			frames = append(frames, f)
		}
	}
	return frames
}

// numberOf tells which frame of numbered it is.
func numberOf(f []byte) int { return int(f[0]) | int(f[1])<<8 }

// Stopped before any register access of any method: what Transmit took has left or
// is told of as lost, and nothing leaves twice or late.
func TestDeliveredAndLostAddUp(t *testing.T) {
	for _, device := range []struct {
		name   string
		faults e1000model.Faults
	}{
		{"fast", e1000model.Faults{}},
		{"slow", e1000model.Faults{FrameTime: 12e3}},
		{"that stops after 3", e1000model.Faults{StopAfter: 4}},
		{"that completes nothing", e1000model.Faults{NeverCompletes: true}},
		{"that sets no DD", e1000model.Faults{NoWriteBack: true}},
	} {
		for _, call := range []struct {
			name string
			do   func(b *bench, next func() []byte)
		}{
			{"Transmit", func(b *bench, next func() []byte) { b.Transmit(next()) }},
			{"TransmitBatch", func(b *bench, next func() []byte) { b.TransmitBatch([][]byte{next(), next(), next()}) }},
			{"Flush", func(b *bench, next func() []byte) { b.Flush() }},
			{"Receive", func(b *bench, next func() []byte) { b.model.Inject(numbered(60, 1)); b.Receive(make([]byte, 2000)) }},
			{"TakeOver", func(b *bench, next func() []byte) { b.TakeOver() }},
			{"TakeOver with a reset", func(b *bench, next func() []byte) { b.upset(); b.TakeOver() }},
		} {
			t.Run(call.name+" on a device "+device.name, func(t *testing.T) {
				for _, k := range kinds {
					if k.kind == e1000model.I82571 || k.kind == e1000model.I217 {
						continue // their rings are those of others
					}
					for step := 1; step < 300_000; step += 1 + step/60*60 {
						b := newBench(t, k.kind)
						b.open()
						number := 0
						next := func() []byte { number++; return numbered(60, number) }
						for range 7 {
							b.Transmit(next())
						}
						b.Flush()
						b.model.Faults = device.faults
						for range step % 6 {
							b.Transmit(next())
						}
						taken := number
						crashed := b.crashAt(step, func() { call.do(b, next) })
						if err := b.TakeOver(); err != nil {
							t.Fatalf("%s, stopped before access %d: TakeOver: %v", k.name, step, err)
						}
						delivered, given := 0, 0
						for i, f := range b.frames() {
							if numberOf(f) != i+1 {
								t.Fatalf("%s, stopped before access %d: frame %d on the wire is number %d", k.name, step, i+1, numberOf(f))
							}
							if given++; numberOf(f) <= taken {
								delivered++
							}
						}
						most := number - given
						if device.faults.NoWriteBack {
							most = number
						}
						if b.lost < taken-delivered || b.lost > most {
							t.Fatalf("%s, stopped before access %d: %d frames taken and %d begun, %d left: %d lost",
								k.name, step, taken, number-taken, given, b.lost)
						}
						b.model.Faults = e1000model.Faults{}
						b.model.Elapse(1e9)
						if err := b.TakeOver(); err != nil {
							t.Fatalf("%s, stopped before access %d: a second TakeOver: %v", k.name, step, err)
						}
						if b.Stats().Resets != 0 && len(b.frames()) != given {
							t.Fatalf("%s, stopped before access %d: %d frames that were given up left later", k.name, step, len(b.frames())-given)
						}
						b.model.Sent = nil
						b.sends("after TakeOver", numbered(60, 500), numbered(60, 501))
						b.receives("after TakeOver", numbered(70, 502))
						if !crashed {
							break
						}
					}
				}
			})
		}
	}
}

// Without a link the device keeps frames, and more than the ring holds are refused
// at once. Whenever the link comes back, TakeOver makes it work.
func TestTakeOverWithoutALink(t *testing.T) {
	onEach(t, func(b *bench) {
		b.sends("with a link", numbered(60, 1), numbered(60, 2))
		b.model.LinkDown = true
		taken, refused := 0, 0
		offer := func(n int) {
			for range n {
				if b.Transmit(numbered(60, 100+taken)) == nil {
					taken++
				} else {
					refused++
				}
			}
		}
		offer(20)
		if err := b.TakeOver(); err != nil || b.lost != 20 {
			b.Fatalf("TakeOver with the link down: %d lost, error %v, want 20", b.lost, err)
		}
		start := b.model.Now()
		offer(100)
		if took := b.model.Now() - start; refused < 69 || refused > 70 || took > 20e6 {
			b.Errorf("100 frames more with the link down: %d refused in %d ns, want 69 or 70 in 10 ms", refused, took)
		}
		b.model.LinkDown = false
		b.model.Elapse(1e6)
		if err := b.TakeOver(); err != nil {
			b.Fatalf("TakeOver with the link back: %v", err)
		}
		if delivered := len(b.frames()) - 2; delivered+b.lost != taken {
			b.Errorf("%d frames taken, %d left and %d lost", taken, delivered, b.lost)
		}
		b.model.Elapse(1e9)
		b.works("the link is back")
	})
}
