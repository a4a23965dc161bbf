package enet_test

import (
	"bytes"
	"fmt"
	"math/rand"
	"testing"
	"time"

	"gasp/drivers/enet"
	"gasp/drivers/reg"
	"gasp/internal/enetmodel"
	"gasp/internal/qtest"
)

// machine is QEMU's evaluation kit of the i.MX6UL with the wire at one of its MACs.
type machine struct {
	*qtest.Machine
	t *testing.T
	place
}

// place is where a MAC is, and its PHY.
type place struct {
	name      string
	nic       int
	registers uint32
	phy       uint8
}

var places = []place{
	{"ENET1", 0, 0x02188000, 2},
	{"ENET2", 1, 0x020B4000, 1},
}

const (
	machineRAM    = 0x80000000
	machineDMA    = machineRAM + 4<<20 // bus address of the driver's memory
	frameDeadline = 5 * time.Second
)

func (m *machine) space() reg.Space { return m.Registers(m.registers) }

func frame(n int, fill byte) []byte {
	f := bytes.Repeat([]byte{fill}, n)
	copy(f, []byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 0x88, 0xB5})
	return f
}

func (m *machine) open() *enet.Device {
	m.t.Helper()
	start := time.Now()
	mem := m.DMA(machineDMA, enet.MemorySize)
	d, err := enet.New(m.space(), &mem, enet.Config{
		Clock: 66_000_000,
		PHY:   enet.PHY{Address: m.phy, Writes: []enet.PHYWrite{{Register: 31, Value: 0x8190}}},
		Now:   func() int64 { return int64(time.Since(start)) },
	})
	if err != nil {
		m.t.Fatalf("New: %v", err)
	}
	return d
}

// onPlaces runs a test on each MAC.
func onPlaces(t *testing.T, test func(m *machine)) {
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			test(&machine{qtest.StartBoard(t, "mcimx6ul-evk", machineRAM, p.nic), t, p})
		})
	}
}

func TestOnQEMU(t *testing.T) {
	onPlaces(t, func(m *machine) {
		t := m.t
		d := m.open()
		if d.MAC() != enetmodel.Address {
			t.Errorf("MAC is % x", d.MAC())
		}
		if id := d.PHYID(); id != 0x0007C0D1 {
			t.Errorf("the PHY is %#x", id)
		}
		if !d.Link() {
			t.Error("the link is down")
		}
		m.Silent("after New")
		for i, n := range []int{1, 14, 60, 1514} {
			f := frame(max(n, 14), byte(i+1))[:n]
			if err := d.Transmit(f); err != nil {
				t.Fatalf("Transmit of %d bytes: %v", n, err)
			}
			m.Expect("Transmit", f, frameDeadline)
		}
		for i := range 300 { // frames that begin anywhere, several at once
			room, err := d.Room(true)
			if err != nil {
				t.Fatal(err)
			}
			copy(room[i%67:], frame(100+i, byte(i)))
			if err := d.Commit(i%67, 100+i, i%3 == 2); err != nil {
				t.Fatal(err)
			}
			for j := i - 2; i%3 == 2 && j <= i; j++ {
				m.Expect("Commit", frame(100+j, byte(j)), frameDeadline)
			}
		}
		m.receives(d, "after New")

		before := d.Stats().Resets
		m.takesOver(d, "idle")
		if d.Stats().Resets != before {
			t.Error("TakeOver of an idle device reset it")
		}
		m.receives(d, "after a TakeOver that kept the rings")
		m.space().Write32(0x184, machineRAM) // TDSR
		m.takesOver(d, "with another ring")
		if d.Stats().Resets != before+1 {
			t.Error("TakeOver of a device with another ring did not reset it")
		}
		m.receives(d, "at once after a reset")
	})
}

// What a crash may leave, each in turn on the device that the one before left.
func TestEveryStateOnQEMU(t *testing.T) {
	onPlaces(t, func(m *machine) {
		d := m.open()
		r, random := m.space(), rand.New(rand.NewSource(1))
		write := func(off, v uint32) func() { return func() { r.Write32(off, v) } }
		memory := m.DMA(machineDMA, enet.MemorySize).Bytes
		type state struct {
			name    string
			corrupt func()
		}
		states := []state{
			{"with ETHEREN off", write(0x024, 0x100)},
			{"in reset", write(0x024, 1)},
			{"with enhanced descriptors", write(0x024, 0x122)},
			{"with its memory all ones", func() { copy(memory, bytes.Repeat([]byte{0xFF}, len(memory))) }},
			{"with its memory all zeros", func() { clear(memory) }},
			{"with its memory all noise", func() { random.Read(memory) }},
			{"with a ring that never ends", func() {
				// Ready, not last, without W, round and round.
				for at := 0; at < 1<<16; at += 8 {
					copy(memory[at:], []byte{64, 0, 0, 0x80, 0, 0, 0x40, 0x80})
				}
				r.Write32(0x184, machineDMA)
				r.Write32(0x014, 1<<24)
			}},
			{"with a ring of one frame without an end", func() {
				copy(memory, []byte{0, 0, 0, 0xA0, 0, 0, 0x40, 0x80}) // R, W, no bytes
				r.Write32(0x184, machineDMA)
				r.Write32(0x014, 1<<24)
			}},
			{"with EIMR all ones", write(0x008, 0xFFFFFFFF)},
			{"with a frame on its management bus", write(0x040, 0x5A5A5A5A)},
		}
		for _, off := range []uint32{0x10, 0x24, 0x40, 0x44, 0x64, 0x84, 0xC4, 0xE4, 0xE8, 0xEC, 0x118, 0x11C, 0x120, 0x124,
			0x144, 0x180, 0x184, 0x188, 0x190, 0x194, 0x1B0, 0x1C0, 0x1C4} {
			for _, v := range []uint32{0xFFFFFFFF, 0xA5A5A5A5, 0x5A5A5A5A, 0} {
				states = append(states, state{fmt.Sprintf("with %#x in register %#x", v, off), write(off, v)})
			}
		}
		for _, s := range states {
			s.corrupt()
			m.takesOver(d, s.name)
		}
		m.receives(d, "after every state")
		if !d.Link() {
			m.t.Error("the link is down")
		}
	})
}

// QEMU's MAC, too, knows nothing of the link: frames are done, and dropped.
func TestTheLinkGoesAndComesBackOnQEMU(t *testing.T) {
	onPlaces(t, func(m *machine) {
		d := m.open()
		m.SetLink(false)
		if d.Link() {
			m.t.Error("the link is up")
		}
		for i := range 400 {
			if err := d.Transmit(frame(100, byte(i))); err != nil {
				m.t.Fatalf("Transmit %d with the link down: %v", i, err)
			}
		}
		if lost, err := d.TakeOver(); lost != 0 || err != nil {
			m.t.Errorf("TakeOver with the link down: %d lost, error %v", lost, err)
		}
		m.Silent("with the link down")
		m.SetLink(true)
		if d.Link(); !d.Link() {
			m.t.Error("the link is not back")
		}
		m.takesOver(d, "whose link is back")
		m.receives(d, "with the link back")
	})
}

// More frames than there are descriptors wait in QEMU until there are some again.
func TestAFloodOnQEMU(t *testing.T) {
	onPlaces(t, func(m *machine) {
		d := m.open()
		buf := make([]byte, enet.MaxFrame)
		for range 5 {
			for i := range 100 {
				m.Send(frame(60+i, byte(i)))
			}
			for i := range 100 {
				m.receive(d, buf, "of a flood", frame(60+i, byte(i)))
			}
		}
	})
}

func (m *machine) takesOver(d *enet.Device, state string) {
	m.t.Helper()
	if _, err := d.TakeOver(); err != nil {
		m.t.Fatalf("TakeOver of a device %s: %v", state, err)
	}
	for i := range 40 {
		f := frame(100+i, byte(i))
		if err := d.Transmit(f); err != nil {
			m.t.Fatalf("Transmit %d to a device %s: %v", i, state, err)
		}
		m.Expect("the device taken over "+state, f, frameDeadline)
	}
	if err := d.Flush(); err != nil {
		m.t.Errorf("Flush of a device %s: %v", state, err)
	}
}

func (m *machine) receives(d *enet.Device, state string) {
	m.t.Helper()
	buf := make([]byte, enet.MaxFrame)
	for i := range 100 {
		f := frame(60+i*14, byte(i))
		m.Send(f)
		m.receive(d, buf, state, f)
	}
}

func (m *machine) receive(d *enet.Device, buf []byte, state string, f []byte) {
	m.t.Helper()
	n, err := 0, error(nil)
	for t := time.Now(); n == 0 && err == nil && time.Since(t) < frameDeadline; {
		n, err = d.Receive(buf)
	}
	if err != nil || !bytes.Equal(buf[:n], f) {
		m.t.Fatalf("%s: received %d bytes, error %v, want %d", state, n, err, len(f))
	}
}
