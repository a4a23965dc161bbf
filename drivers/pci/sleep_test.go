package pci

import "testing"

func TestSleepAndBack(t *testing.T) {
	const control = 0x54 / 4
	m := withCapability(0x50, []uint32{capPower | 3<<16, powerStatus}, []uint32{0, 0xFFFF}, 0xFFFE0000)
	f := open(t, m)
	if !f.Sleep() || m.reg[control] != powerState {
		t.Fatalf("asleep, the control register is %#x", m.reg[control])
	}
	if f.Enable(); m.reg[control]&powerState != 0 {
		t.Errorf("awake, the control register is %#x", m.reg[control])
	}
	f = open(t, withCapability(0x50, []uint32{capMSI}, []uint32{0}, 0xFFFE0000))
	if f.Sleep() {
		t.Error("a function without power management sleeps")
	}
}
