package processor

import "testing"

func maker(name string) (b, c, d uint32) {
	word := func(s string) uint32 {
		return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
	}
	return word(name[0:]), word(name[8:]), word(name[4:])
}

func TestIdentify(t *testing.T) {
	const intel, amd = "GenuineIntel", "AuthenticAMD"
	for _, tt := range []struct {
		name, maker string
		signature   uint32
		want        Model
		bank0, halt bool
	}{
		{"Pentium 4 with EM64T", intel, 0x00000f43, Model{Intel, 0xf, 4}, false, false},
		{"Core 2 Duo E6600", intel, 0x000006f6, Model{Intel, 6, 0xf}, true, false},
		{"Core 2 Quad Q9550", intel, 0x0001067a, Model{Intel, 6, 0x17}, true, false},
		{"Core i7-920", intel, 0x000106a5, Model{Intel, 6, 0x1a}, false, false},
		{"Atom 330", intel, 0x000106c2, Model{Intel, 6, 0x1c}, false, false},
		{"Core i7-8700", intel, 0x000906ea, Model{Intel, 6, 0x9e}, false, false},
		{"Athlon 64 X2, revision E", amd, 0x00020fb1, Model{AMD, 0xf, 0x2b}, false, false},
		{"Athlon 64 X2, revision F", amd, 0x00040fb2, Model{AMD, 0xf, 0x4b}, false, true},
		{"Phenom II X6 1100T", amd, 0x00100fa0, Model{AMD, 0x10, 0xa}, false, true},
		{"FX-8150", amd, 0x00600f12, Model{AMD, 0x15, 1}, false, false},
		{"Ryzen 7 1700", amd, 0x00800f11, Model{AMD, 0x17, 1}, false, false},
		{"QEMU's qemu64", amd, 0x00000f60, Model{AMD, 0xf, 6}, false, false},
		{"somebody else's", "CentaurHauls", 0x000006fd, Model{Other, 6, 0xf}, false, false},
	} {
		b, c, d := maker(tt.maker)
		got := Identify(b, c, d, tt.signature)
		if got != tt.want || got.FirmwareHasBank0() != tt.bank0 || got.HaltMayStopTimer() != tt.halt {
			t.Errorf("%s: %+v, bank 0 is firmware's: %v, a halt may stop the timer: %v", tt.name, got, got.FirmwareHasBank0(), got.HaltMayStopTimer())
		}
	}
}
