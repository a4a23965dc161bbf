package fwcfg

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
)

// A fake device has items; behind their end it says 0, as QEMU's does.
type fake struct {
	items map[uint16][]byte
	left  []byte
	reads int
}

func (f *fake) Select(key uint16) { f.left = f.items[key] }

func (f *fake) Next() byte {
	f.reads++
	if len(f.left) == 0 {
		return 0
	}
	b := f.left[0]
	f.left = f.left[1:]
	return b
}

func entry(name string, key uint16, size uint32) []byte {
	b := binary.BigEndian.AppendUint32(nil, size)
	b = binary.BigEndian.AppendUint16(b, key)
	b = append(b, 0, 0)
	return append(b, append([]byte(name), make([]byte, maxNameSize-len(name))...)...)
}

// device has the file opt/gasp/key behind others.
func device() *fake {
	directory := binary.BigEndian.AppendUint32(nil, 3)
	directory = append(directory, entry("opt/gasp/key2", 0x21, 1)...)
	directory = append(directory, entry("etc/acpi/tables", 0x22, 0x20000)...)
	directory = append(directory, entry("opt/gasp/key", 0x23, 5)...)
	return &fake{items: map[uint16][]byte{0: []byte("QEMU"), 0x19: directory, 0x23: []byte("hello")}}
}

func TestRead(t *testing.T) {
	buf := make([]byte, 100)
	n, err := Read(device(), "opt/gasp/key", buf)
	if err != nil || string(buf[:n]) != "hello" {
		t.Errorf("%q, %v", buf[:n], err)
	}
	for _, name := range []string{"", "opt/gasp/ke", "opt/gasp/key3", strings.Repeat("x", 56), strings.Repeat("x", 100)} {
		if _, err := Read(device(), name, buf); !errors.Is(err, ErrNoFile) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := Read(device(), "opt/gasp/key", buf[:4]); !errors.Is(err, ErrTooLong) {
		t.Errorf("longer than the buffer: %v", err)
	}
}

func TestDevicesThatAreNoneOrLie(t *testing.T) {
	buf := make([]byte, 100)
	none := &fake{items: map[uint16][]byte{}}
	if _, err := Read(none, "opt/gasp/key", buf); !errors.Is(err, ErrNoDevice) {
		t.Errorf("no device: %v", err)
	}
	ones := &fake{items: map[uint16][]byte{0: {0xff, 0xff, 0xff, 0xff}}}
	if _, err := Read(ones, "opt/gasp/key", buf); !errors.Is(err, ErrNoDevice) {
		t.Errorf("a bus without a device: %v", err)
	}
	endless := device()
	endless.items[0x19] = []byte{0xff, 0xff, 0xff, 0xff}
	if _, err := Read(endless, "opt/gasp/key", buf); !errors.Is(err, ErrNoFile) || endless.reads > (maxFiles+1)*entrySize {
		t.Errorf("four thousand million files: %v after %d bytes", err, endless.reads)
	}
	huge := device()
	copy(huge.items[0x19][4+2*entrySize:], []byte{0xff, 0xff, 0xff, 0xff})
	if _, err := Read(huge, "opt/gasp/key", buf); !errors.Is(err, ErrTooLong) {
		t.Errorf("a file of 4 GiB: %v", err)
	}
	strange := device()
	copy(strange.items[0x19][4+2*entrySize+entryKey:], []byte{0, 1})
	if _, err := Read(strange, "opt/gasp/key", buf); !errors.Is(err, ErrNoFile) {
		t.Errorf("a file that is another item: %v", err)
	}
}
