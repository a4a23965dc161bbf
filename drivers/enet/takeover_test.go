package enet_test

import (
	"encoding/binary"
	"math/rand"
	"testing"

	"gasp/drivers/enet"
	"gasp/internal/enetmodel"
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
	if took := b.model.Now() - start; took > 54e6 {
		b.Errorf("TakeOver, %s: took %d ns", state, took)
	}
	b.works("after TakeOver, " + state)
}

// upset changes a register of an idle device so that TakeOver has to reset it.
func (b *bench) upset() { b.model.Set(0xC4, 0) } // TCR

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

func TestTakeOverWaitsForFramesInFlight(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.FrameTime = 121e3
		var frames [][]byte
		for i := range 120 {
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

func TestAResetUsesTheReservedRings(t *testing.T) {
	onEach(t, func(b *bench) {
		rings := [2]uint32{b.model.Get(0x184), b.model.Get(0x180)}
		ordinary := b.mem.Bytes[uint64(rings[0])-b.mem.Phys:][:128*8]
		b.upset()
		b.takeOverSilently("once")
		for range 2 {
			got := [2]uint32{b.model.Get(0x184), b.model.Get(0x180)}
			if got[0] == rings[0] || got[1] == rings[1] {
				b.Errorf("the rings are at %#x, which is where the ordinary ones are", got)
			}
			for i := range ordinary {
				ordinary[i] = 0xA5
			}
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
		name string
		off  uint32
		v    uint32
	}{
		{"ECR disabled", 0x024, 0x100},
		{"ECR with enhanced descriptors", 0x024, 0x122},
		{"ECR without DBSWP", 0x024, 2},
		{"ECR asleep", 0x024, 0x10A},
		{"RCR in loopback", 0x084, 0x05F20105},
		{"RCR with PAUSE", 0x084, 0x05F20124},
		{"RCR with a short MAX_FL", 0x084, 0x00400104},
		{"TCR half duplex", 0x0C4, 0},
		{"TCR stopped", 0x0C4, 5},
		{"PALR", 0x0E4, 0x02020202},
		{"PAUR", 0x0E8, 0x02020000},
		{"TFWR", 0x144, 1},
		{"RDSR", 0x180, 0x1000},
		{"TDSR", 0x184, 0x1000},
		{"TDSR zero", 0x184, 0},
		{"MRBR", 0x188, 64},
		{"RSFL", 0x190, 8},
		{"FTRL", 0x1B0, 100},
		{"TACC", 0x1C0, 1},
		{"RACC", 0x1C4, 0x80},
	} {
		t.Run(r.name, func(t *testing.T) {
			onEach(t, func(b *bench) {
				b.sends("ordinary work", numbered(60, 1))
				b.model.Set(r.off, r.v)
				b.takeOverSilently(r.name)
				b.works("after TakeOver")
				b.takesOver("again", false)
			})
		})
	}
}

// What neither register nor index tells, descriptors do.
func TestTakeOverMendsEveryDescriptor(t *testing.T) {
	for _, c := range []struct {
		name   string
		ring   uint32 // the register that holds its address
		n      int
		word   int
		change uint32
	}{
		{"R in one that is done", 0x184, 3, 0, 1 << 31},
		{"R in the next", 0x184, 5, 0, 1 << 31},
		{"W in the middle", 0x184, 40, 0, 1 << 29},
		{"no W at the end", 0x184, 127, 0, 1 << 29},
		{"no TC", 0x184, 77, 0, 1 << 26},
		{"no L", 0x184, 77, 0, 1 << 27},
		{"a length of more than a frame", 0x184, 100, 0, 0x800},
		{"the address of a receive buffer", 0x180, 17, 1, 0x800},
		{"W in the middle of the receive ring", 0x180, 30, 0, 1 << 29},
		{"no W at the end of the receive ring", 0x180, 63, 0, 1 << 29},
		{"no E in the middle of the receive ring", 0x180, 30, 0, 1 << 31},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, func(b *bench) {
				for i := range 5 {
					b.sends("ordinary work", numbered(60, i))
					b.receives("ordinary work", numbered(60, i))
				}
				at := uint64(b.model.Get(c.ring)) - b.mem.Phys + uint64(8*c.n+4*c.word)
				v := binary.LittleEndian.Uint32(b.mem.Bytes[at:])
				binary.LittleEndian.PutUint32(b.mem.Bytes[at:], v^c.change)
				b.takeOverSilently(c.name)
				b.works("after TakeOver")
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
			for _, off := range []uint32{0x08, 0x10, 0x14, 0x24, 0x40, 0x44, 0x64, 0x84, 0xC4, 0xE4, 0xE8, 0xEC,
				0x118, 0x11C, 0x120, 0x124, 0x144, 0x180, 0x184, 0x188, 0x190, 0x194, 0x1B0, 0x1C0, 0x1C4} {
				b.model.Set(off, random.Uint32())
			}
			if err := b.TakeOver(); err != nil {
				b.Fatalf("TakeOver: %v", err)
			}
			b.model.Elapse(1e9)
			b.model.Complaints = nil // of what the garbage made the device do
			b.model.Sent = nil
			b.sends("after random registers", numbered(60, 1), numbered(1514, 2))
			b.receives("after random registers", numbered(60, 1))
		}
	})
}

func TestTakeOverSetsTheFiltersAgain(t *testing.T) {
	onEach(t, func(b *bench) {
		var want [6]uint32
		offsets := [6]uint32{0xE4, 0xE8, 0x118, 0x11C, 0x120, 0x124}
		for i, off := range offsets {
			want[i] = b.model.Get(off)
			b.model.Set(off, 0x5A5A5A5A)
		}
		b.takeOverSilently("with other filters")
		for i, off := range offsets {
			if v := b.model.Get(off); v != want[i] {
				b.Errorf("register %#x is %#x, want %#x", off, v, want[i])
			}
		}
		if !b.model.QEMU && (want[4] != 1<<32-1 || want[5] != 1<<32-1) {
			b.Error("the driver does not take all group addresses")
		}
	})
}

// A reset waits for what was read and has not left.
func TestAResetLeavesTheFIFOItsTime(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.FIFOTime = 700e3
		b.Transmit(numbered(1514, 1))
		b.model.NeverCompletes = true
		b.Transmit(numbered(1514, 2))
		if err := b.TakeOver(); err != nil || b.lost != 1 || b.Stats().Resets != 1 {
			b.Fatalf("TakeOver: %v, %d lost", err, b.lost)
		}
		b.wire("what was in the FIFO", 0, numbered(1514, 1))
		b.model.NeverCompletes = false
		b.works("after it")
	})
}

// An idle ring is kept at once, whatever is in the FIFO: it goes on by itself.
func TestTakeOverDoesNotWaitForTheFIFO(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.FIFOTime = 700e3
		b.Transmit(numbered(1514, 1))
		start := b.model.Now()
		if err := b.TakeOver(); err != nil || b.Stats().Resets != 0 {
			b.Fatalf("TakeOver: %v", err)
		}
		if took := b.model.Now() - start; took > 30e3 {
			b.Errorf("TakeOver of an idle device took %d ns", took)
		}
		b.Transmit(numbered(60, 2))
		b.Flush()
		b.wire("both", 0, numbered(1514, 1), numbered(60, 2))
	})
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
					for k := 1; k < 300_000; k += 1 + k/50*40 {
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
						for i := range 34 {
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
		fault enetmodel.Faults
		want  error
	}{
		{"answers nothing", enetmodel.Faults{AllOnes: true}, enet.ErrAbsent},
		{"stays in reset", enetmodel.Faults{ResetReads: -1}, enet.ErrReset},
		{"never completes", enetmodel.Faults{NeverCompletes: true}, nil},
		{"has no link", enetmodel.Faults{LinkDown: true}, nil},
		{"keeps its management bus", enetmodel.Faults{MDIONever: true}, nil},
		{"notices no doorbell", enetmodel.Faults{SleepyTDAR: 1 << 30}, nil},
		{"has a bus error", enetmodel.Faults{BusError: true}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, func(b *bench) {
				b.upset()
				b.model.Faults = c.fault
				b.fails("TakeOver", b.TakeOver(), c.want)
				if c.want != nil {
					b.fails("Transmit", b.Transmit(numbered(60, 1)), enet.ErrNotReady)
				}
				b.model.Faults = enetmodel.Faults{}
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

// numberOf tells which frame of numbered it is.
func numberOf(f []byte) int { return int(f[0]) | int(f[1])<<8 }

// Stopped before any register access of any method: what Transmit took has left or
// is told of as lost, and nothing leaves twice or late.
func TestDeliveredAndLostAddUp(t *testing.T) {
	for _, device := range []struct {
		name   string
		faults enetmodel.Faults
	}{
		{"fast", enetmodel.Faults{}},
		{"slow", enetmodel.Faults{FrameTime: 12e3}},
		{"that stops after 3", enetmodel.Faults{StopAfter: 4}},
		{"that completes nothing", enetmodel.Faults{NeverCompletes: true}},
		{"that clears no R", enetmodel.Faults{NoWriteBack: true}},
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
						for i, f := range b.model.Sent {
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
						b.model.Faults = enetmodel.Faults{}
						b.model.Elapse(1e9)
						if err := b.TakeOver(); err != nil {
							t.Fatalf("%s, stopped before access %d: a second TakeOver: %v", k.name, step, err)
						}
						if b.Stats().Resets != 0 && len(b.model.Sent) != given {
							t.Fatalf("%s, stopped before access %d: %d frames that were given up left later", k.name, step, len(b.model.Sent)-given)
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

// The MAC knows nothing of the link.
func TestTakeOverWithoutALink(t *testing.T) {
	onEach(t, func(b *bench) {
		b.model.LinkDown = true
		for i := range 20 {
			b.Transmit(numbered(60, i))
		}
		if err := b.TakeOver(); err != nil || b.lost != 0 || b.Stats().Resets != 0 {
			b.Fatalf("TakeOver with the link down: %v, %d lost", err, b.lost)
		}
		b.upset()
		if err := b.TakeOver(); err != nil || b.Link() {
			b.Fatalf("TakeOver with a reset: %v", err)
		}
		b.model.LinkDown = false
		if b.Link(); !b.Link() {
			b.Error("the link is not back")
		}
		b.works("the link is back")
	})
}
