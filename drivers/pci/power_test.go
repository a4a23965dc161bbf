package pci

import "testing"

func TestEnableWakes(t *testing.T) {
	const control = 0x54 / 4
	for _, tt := range []struct {
		name    string
		state   uint32
		forgets bool // the base address
		writes  int  // of the control register
	}{
		{"at work", 0, false, 0},
		{"in D3hot", 3, false, 1},
		{"in D1, with an event", 1 | powerStatus, false, 1},
		{"in D3hot, and it resets itself", 3, true, 1},
	} {
		m := withCapability(0x50, []uint32{capPower | 3<<16, tt.state}, []uint32{0, powerState}, 0xFFFE0000)
		m.reg[4] = 0xFEB00000
		m.reg[1] &^= 7
		reads := 0
		m.onRead = func(off int) {
			if off != control*4 {
				return
			}
			if reads++; tt.forgets && reads == 5 {
				m.reg[4] = 0
			}
		}
		f := open(t, m)
		f.Enable()
		writes := 0
		for _, off := range m.writes {
			if off == control*4 {
				writes++
			}
		}
		if m.reg[control]&powerState != 0 || m.reg[4] != 0xFEB00000 || m.reg[1]&7 != 7 || writes != tt.writes || writes > 0 && reads < wakeReads {
			t.Errorf("%s: control %#x written %d times and read %d times, base address %#x, command %#x", tt.name, m.reg[control], writes, reads, m.reg[4], m.reg[1])
		}
	}
}

// A function that firmware left at work does not master the bus from Decode on, not even while it wakes, and does from Enable on.
func TestDecodeDoesNotLetAFunctionMasterTheBus(t *testing.T) {
	const control = 0x54 / 4
	for _, state := range []uint32{0, 3} {
		m := withCapability(0x50, []uint32{capPower | 3<<16, state}, []uint32{0, powerState}, 0xFFFE0000)
		m.reg[4] = 0xFEB00000
		m.reg[1] |= 7
		f := open(t, m)
		m.onRead = func(off int) {
			if off == control*4 && m.reg[control]&powerState == 0 && m.reg[1]&commandMaster != 0 {
				t.Error("it may master the bus while it wakes")
				m.onRead = nil
			}
		}
		f.Decode()
		m.onRead = nil
		if m.reg[1]&7 != 3 || m.reg[control]&powerState != 0 {
			t.Errorf("command %#x, control %#x after Decode", m.reg[1], m.reg[control])
		}
		f.Enable()
		if m.reg[1]&7 != 7 {
			t.Errorf("command %#x after Enable", m.reg[1])
		}
	}
}
