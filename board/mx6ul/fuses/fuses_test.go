package fuses

import "testing"

// shadows are registers by their address in the chip.
type shadows map[uint32]uint32

func (s shadows) Read32(off uint32) uint32   { return s[Base+off] }
func (s shadows) Write32(off, v uint32)      { panic("a fuse is written") }
func (s shadows) Read8(uint32) uint8         { panic("8 bits") }
func (s shadows) Read16(uint32) uint16       { panic("16 bits") }
func (s shadows) Write8(off uint32, v uint8) { panic("8 bits") }
func (s shadows) Write16(uint32, uint16)     { panic("16 bits") }

func TestAddress(t *testing.T) {
	// OCOTP_MAC0, MAC1 and MAC2, of a board with 00:04:9f:01:02:03 and 00:04:9f:0a:0b:0c.
	kit := shadows{0x021bc620: 0x9f010203, 0x021bc630: 0x0b0c0004, 0x021bc640: 0x00049f0a}
	for mac, want := range [][6]byte{{0x00, 0x04, 0x9f, 0x01, 0x02, 0x03}, {0x00, 0x04, 0x9f, 0x0a, 0x0b, 0x0c}} {
		if got, ok := Address(kit, mac); !ok || got != want {
			t.Errorf("ENET%d: %x, %v; want %x", mac+1, got, ok, want)
		}
	}
	for name, s := range map[string]shadows{
		"nothing burnt":   {},
		"a group address": {0x021bc620: 1, 0x021bc630: 0x0100, 0x021bc640: 0x01000000},
		"no maker":        {0x021bc620: 0x9f010203, 0x021bc630: 0x0b0c0000, 0x021bc640: 0x00000f0a},
	} {
		for mac := range 2 {
			if got, ok := Address(s, mac); ok {
				t.Errorf("%s: ENET%d is %x", name, mac+1, got)
			}
		}
	}
}
