package acpi

import (
	"encoding/binary"
	"errors"
	"testing"
)

// address is a Generic Address Structure.
func address(space uint8, addr uint64) []byte {
	return binary.LittleEndian.AppendUint64([]byte{space, 8, 0, 1}, addr)
}

func TestPower(t *testing.T) {
	le := binary.LittleEndian
	edits := func(list ...func(fadt []byte)) func([]byte) {
		return func(fadt []byte) {
			for _, edit := range list {
				edit(fadt)
			}
		}
	}
	reset := func(space uint8, addr uint64) func([]byte) {
		return func(fadt []byte) {
			le.PutUint32(fadt[fadtFlags:], le.Uint32(fadt[fadtFlags:])|flagResetSupported)
			copy(fadt[fadtReset:], address(space, addr))
			fadt[fadtResetValue] = 0x0f
		}
	}
	set := func(at int, b []byte) func([]byte) { return func(fadt []byte) { copy(fadt[at:], b) } }
	reduced := func(fadt []byte) {
		le.PutUint32(fadt[fadtFlags:], flagHardwareReduced)
		copy(fadt[fadtSleepControl:], address(0, 0xfea00200))
	}
	elsewhere := pc(244, "nothing here", nil)
	elsewhere[rsdtAt] = tableOf("RSDT", le.AppendUint32(le.AppendUint32(nil, fadtAt), 0x70000))
	elsewhere[0x70000] = tableOf("SSDT", []byte(s5Bytes))
	far := pc(244, "nothing here", set(fadtXDSDT, le.AppendUint64(nil, 1<<40)))
	far[1<<40] = tableOf("DSDT", []byte(s5Long))

	pm1a := func(v uint32) [2]Write { return [2]Write{{Register{InIO, 16, 0x604}, v}} }
	for _, tt := range []struct {
		name string
		f    firmware
		want Power
	}{
		{"revision 1, as QEMU's pc", pc(116, s5Zero, nil), Power{Off: pm1a(0x2000)}},
		{"with a reset register, as q35", pc(244, s5Zero, reset(1, 0xcf9)), Power{Off: pm1a(0x2000), Reset: Write{Register{InIO, 8, 0xcf9}, 0x0f}}},
		{"reset in memory", pc(244, s5Zero, reset(0, 0xfed00000)), Power{Off: pm1a(0x2000), Reset: Write{Register{InMemory, 8, 0xfed00000}, 0x0f}}},
		{"reset in configuration space", pc(244, s5Zero, reset(2, 0x1f_0003_0064)), Power{Off: pm1a(0x2000), Reset: Write{Register{InPCI, 8, 0x1f_0003_0064}, 0x0f}}},
		{"reset in a space that there is not", pc(244, s5Zero, reset(3, 0xcf9)), Power{Off: pm1a(0x2000)}},
		{"reset of a device that there is not", pc(244, s5Zero, reset(2, 0x20_0000_0000)), Power{Off: pm1a(0x2000)}},
		{"sleep type as a byte", pc(116, s5Bytes, nil), Power{Off: pm1a(0x2000 | 5<<10)}},
		{"package length of two bytes", pc(116, s5Long, nil), Power{Off: pm1a(0x2000 | 1<<10)}},
		{"one element for both", pc(116, "_S5_\x12\x05\x01\x0b\x05\x03", set(fadtPM1bControl, []byte{0x50, 6})),
			Power{Off: [2]Write{{Register{InIO, 16, 0x604}, 0x2000 | 5<<10}, {Register{InIO, 16, 0x650}, 0x2000 | 3<<10}}}},
		{"two registers", pc(116, "_S5_\x12\x07\x04\x0a\x07\x0a\x06", set(fadtPM1bControl, []byte{0x50, 6})),
			Power{Off: [2]Write{{Register{InIO, 16, 0x604}, 0x2000 | 7<<10}, {Register{InIO, 16, 0x650}, 0x2000 | 6<<10}}}},
		{"extended address", pc(244, s5Zero, set(fadtXPM1aControl, address(0, 0xfe000004))), Power{Off: [2]Write{{Register{InMemory, 16, 0xfe000004}, 0x2000}}}},
		{"ACPI is to be enabled", pc(116, s5Zero, edits(set(fadtSMICommand, []byte{0xb2}), set(fadtACPIEnable, []byte{0xf1}))),
			Power{Off: pm1a(0x2000), Mode: Write{Register{InIO, 8, 0xb2}, 0xf1}}},
		{"hardware reduced, as microvm", pc(268, s5Bytes, reduced), Power{Off: [2]Write{{Register{InMemory, 8, 0xfea00200}, 0x34}}}},
		{"soft-off in another block", elsewhere, Power{Off: pm1a(0x2000 | 5<<10)}},
		{"tables above 4 GiB", far, Power{Off: pm1a(0x2000 | 1<<10)}},
		{"no soft-off state", pc(116, "nothing here", nil), Power{}},
		{"soft-off cut short", pc(116, "junk_S5_\x12\x06", nil), Power{}},
		{"soft-off that is no number", pc(116, "junk_S5_\x12\x06\x04abcdef", nil), Power{}},
	} {
		if got, err := ParseFADT(tt.f.memory, rsdpAt); err != nil || got.Power != tt.want {
			t.Errorf("%s: %+v, %v; want %+v", tt.name, got.Power, err, tt.want)
		}
	}
	if dev, fn, off := (Register{InPCI, 8, 0x1f_0003_0064}).PCI(); dev != 31 || fn != 3 || off != 0x64 {
		t.Errorf("register of %d.%d at %#x", dev, fn, off)
	}
}

func TestWhatThereIsNot(t *testing.T) {
	le := binary.LittleEndian
	table := func(revision uint8, arch uint16, flags uint32, timer uint32, length uint8) func([]byte) {
		return func(fadt []byte) {
			fadt[fadtRevision] = revision
			le.PutUint16(fadt[fadtBootArch:], arch)
			le.PutUint32(fadt[fadtFlags:], flags)
			le.PutUint32(fadt[fadtTimer:], timer)
			fadt[fadtTimerLength] = length
		}
	}
	for _, tt := range []struct {
		name string
		edit func([]byte)
		want Fixed
	}{
		{"revision 1 does not say", table(1, 0, 0, 0x608, 4), Fixed{Timer: Register{InIO, 32, 0x608}, TimerBits: 24}},
		{"all there, 32 bits", table(3, archKeyboard, flagTimer32, 0x608, 4), Fixed{Timer: Register{InIO, 32, 0x608}, TimerBits: 32}},
		{"no keyboard controller and no clock", table(3, archNoClock, 0, 0, 0), Fixed{NoKeyboard: true, NoClock: true}},
		{"a timer of no length", table(3, archKeyboard, 0, 0x608, 0), Fixed{}},
		{"hardware reduced", table(5, archKeyboard, flagHardwareReduced, 0x608, 4), Fixed{HardwareReduced: true, NoKeyboard: true}},
	} {
		f := pc(244, "", nil)
		body := make([]byte, 244)
		tt.edit(body)
		f[fadtAt] = tableOf("FACP", body[headerSize:])
		f[fadtAt][fadtRevision] = body[fadtRevision]
		seal(f[fadtAt], 9)
		if got, err := ParseFADT(f.memory, rsdpAt); err != nil || got != tt.want {
			t.Errorf("%s: %+v, %v; want %+v", tt.name, got, err, tt.want)
		}
	}
	if _, err := ParseFADT(pc(115, s5Zero, nil).memory, rsdpAt); !errors.Is(err, ErrFADT) {
		t.Errorf("a table cut short: %v, want %v", err, ErrFADT)
	}
}
