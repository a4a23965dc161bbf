package iommu

import (
	"errors"
	"testing"

	"gasp/drivers/reg"
)

// A unit does what it is told after some polls.
type unit struct {
	reg.Space
	status, command, protected, control uint32
	commands                            []uint32
	slow                                int // polls until it has
	stuck, amd                          bool
	waits                               int
}

func (u *unit) Read32(off uint32) uint32 {
	if u.waits--; u.waits <= 0 && !u.stuck {
		u.status = u.status&oneShots | u.command
		u.protected &^= isProtected &^ (u.protected >> 31)
	}
	return map[uint32]uint32{globalStatus: u.status, protected: u.protected, amdControl: u.control}[off]
}

func (u *unit) Write32(off, v uint32) {
	u.waits = u.slow
	switch off {
	case globalCommand: // amdControl
		if u.amd {
			if !u.stuck {
				u.control = v
			}
			return
		}
		u.command = v
		u.commands = append(u.commands, v)
	case protected:
		u.protected = v | u.protected&isProtected
	}
}

// end is what the board does.
func (u *unit) end() (was bool, err error) {
	if !Works(u, u.amd) {
		return false, nil
	}
	return true, Disable(u, u.amd)
}

func TestDisable(t *testing.T) {
	const rootPointer = 1 << 30
	for _, tt := range []struct {
		name     string
		u        unit
		commands int
		was      bool
		err      error
	}{
		{"off, as firmware leaves it", unit{status: rootPointer}, 0, false, nil},
		{"translating", unit{status: translates | rootPointer, slow: 50}, 1, true, nil},
		{"all of it", unit{status: translates | remapsIRQ | queues | rootPointer, slow: 50}, 3, true, nil},
		{"only interrupts", unit{status: remapsIRQ | queues}, 2, true, nil},
		{"protected regions", unit{protected: protects | isProtected, slow: 10}, 0, true, nil},
		{"it does not go off", unit{status: translates, stuck: true}, 1, true, ErrStaysOn},
		{"nothing there", unit{status: ^uint32(0)}, 0, false, nil},
	} {
		u := tt.u
		u.command = u.status &^ oneShots
		if u.status == ^uint32(0) {
			u.stuck = true
		}
		was, err := u.end()
		if was != tt.was || !errors.Is(err, tt.err) || len(u.commands) != tt.commands {
			t.Errorf("%s: %v, %v after commands %#x", tt.name, was, err, u.commands)
		}
		for _, c := range u.commands {
			if c&oneShots != 0 || c&translates != 0 {
				t.Errorf("%s: command %#x", tt.name, c)
			}
		}
		if err == nil && tt.was && (u.status&(translates|remapsIRQ|queues) != 0 || u.protected != 0) {
			t.Errorf("%s: status %#x, protection %#x", tt.name, u.status, u.protected)
		}
	}
}

func TestDisableAMD(t *testing.T) {
	for _, tt := range []struct {
		name    string
		u       unit
		control uint32
		was     bool
		err     error
	}{
		{"on", unit{control: 0x8401}, 0x8400, true, nil},
		{"off", unit{control: 0x8400}, 0x8400, false, nil},
		{"it does not go off", unit{control: 1, stuck: true}, 1, true, ErrStaysOn},
		{"nothing there", unit{control: ^uint32(0)}, ^uint32(0), false, nil},
	} {
		u := tt.u
		u.amd = true
		if was, err := u.end(); was != tt.was || !errors.Is(err, tt.err) || u.control != tt.control {
			t.Errorf("%s: %v, %v, control %#x", tt.name, was, err, u.control)
		}
	}
}
