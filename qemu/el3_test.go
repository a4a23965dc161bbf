package qemu

import (
	"encoding/binary"
	"errors"
	"testing"
)

// TestFirmwareAtEL3: the monitor's vectors are where its first instructions say, and where an exception of a lower level comes in is a branch.
func TestFirmwareAtEL3(t *testing.T) {
	code, err := assemble(t.TempDir(), monitorSource)
	if err != nil {
		t.Fatal(err)
	}
	const (
		first  = 0xb27503e0 // orr x0, xzr, #0x800
		branch = 0x05       // in the highest six bits
	)
	if w := binary.LittleEndian.Uint32(code); w != first {
		t.Errorf("the first instruction is %#x, want %#x", w, first)
	}
	for _, vector := range []int{0x800, 0xc00, 0xc80, 0xd00, 0xd80} {
		if vector+4 > len(code) || binary.LittleEndian.Uint32(code[vector:])>>26 != branch {
			t.Errorf("no branch at %#x of %#x bytes", vector, len(code))
		}
	}
	if _, err := assemble(t.TempDir(), []byte("TEXT ·monitor(SB),4,$0\n\tNONSENSE\n")); !errors.Is(err, ErrMonitorBuild) {
		t.Errorf("nonsense gives %v", err)
	}
	if _, err := assemble(t.TempDir(), nil); !errors.Is(err, ErrMonitorBuild) {
		t.Errorf("nothing gives %v", err)
	}
}

// TestPackedTree: the room behind a device tree's parts is taken away, and what is no tree stays.
func TestPackedTree(t *testing.T) {
	tree := make([]byte, 200)
	for at, v := range map[int]uint32{4: 200, 8: 40, 12: 90, 32: 20, 36: 50} {
		binary.BigEndian.PutUint32(tree[at:], v)
	}
	if p := packed(tree); len(p) != 110 || binary.BigEndian.Uint32(p[4:]) != 110 {
		t.Errorf("%d bytes are left, and the tree says %d", len(p), binary.BigEndian.Uint32(p[4:]))
	}
	binary.BigEndian.PutUint32(tree[32:], 1000)
	for _, no := range [][]byte{nil, tree[:39], tree} {
		if p := packed(no); len(p) != len(no) {
			t.Errorf("%d of %d bytes are left", len(p), len(no))
		}
	}
}
