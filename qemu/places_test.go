package qemu

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gasp/netlog/wire"
)

// TestImageAwayFromItsAddress starts the demonstration where it does not lie usually: on a machine whose RAM is not where QEMU's virt has it,
// and on PCs whose loader is told to put it elsewhere. A report comes from them; on 64-bit ARM that of a hang too, and of both processors, though
// firmware keeps FIQs there.
func TestImageAwayFromItsAddress(t *testing.T) {
	for _, tt := range []struct {
		name  string
		m     Machine
		place uint64 // 0: where the file says
		class string // nil without
		cause string // invalid memory address without
	}{
		{"RAM from 0 on", Machine{Type: "xlnx-versal-virt", NIC: "virtio-net-device"}, 0, "hang gasp.watchdog=2", "hard lockup"},
		{"two pieces of RAM, registers as virtio 1.0 has them", Machine{Type: "xlnx-versal-virt", NIC: "virtio-net-device", Memory: 3072,
			Extra: []string{"-global", "virtio-mmio.force-legacy=false"}}, 0, "", ""},
		{"RAM that ends in the middle of a block", Machine{Type: "xlnx-versal-virt", NIC: "virtio-net-device", Memory: 1023}, 0, "", ""},
		{"a PC, 512 MiB on", Machine{Type: "q35", NIC: "e1000e", Extra: []string{"-smp", "2"}}, 512 << 20, "", ""},
		{"a microvm, over its memory for kept reports", Machine{Type: "microvm", NIC: "virtio-net-device", Memory: 128}, 10 << 20, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			kind, err := TypeOf(tt.m.Type)
			if err != nil {
				t.Fatal(err)
			}
			m, w := tt.m, &Wire{}
			if m.Image, err = demonstration[kind.Suffix](); err != nil {
				t.Fatal(err)
			}
			if tt.place != 0 {
				m.Image = moved(t, m.Image, tt.place)
			}
			m.Wire, m.Cmdline, m.Deadline = w, knownStation("+")+" loglevel=8 panic=-1 gasp.crash="+or(tt.class, "nil"), bootDeadline
			if end, err := bootMachine(t, m).Wait(); err != nil {
				t.Fatal(end, err)
			}
			report := reportOf(t, w.Datagrams(), wire.Crash)
			if cause := string(report.Headline.Cause); !strings.Contains(cause, or(tt.cause, "invalid memory address")) {
				t.Errorf("the cause is %q", cause)
			}
			if others := stoppedCPUs(report); kind.CPUs > 0 && len(others) != kind.CPUs-1 {
				t.Errorf("the report tells of the other processors %v, of %d", others, kind.CPUs)
			}
			var text strings.Builder
			for _, r := range records(t, w.Datagrams()) {
				text.Write(r.Text)
				text.WriteByte('\n')
			}
			if want := fmt.Sprintf("the image lies at %#x\n", tt.place); tt.place != 0 && !strings.Contains(text.String(), want) || strings.Contains(text.String(), "not complete") {
				t.Errorf("it says, and not %q:\n%s", want, &text)
			}
		})
	}
}

// moved is a copy of an image for PVH that asks to be loaded at another address.
func moved(t *testing.T, image string, place uint64) string {
	t.Helper()
	b, err := os.ReadFile(image)
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	const headerSize, physical, noteEntry = 56, 24, 16
	le := binary.LittleEndian
	from := uint64(0)
	for i, p := range f.Progs {
		if p.Type == elf.PT_LOAD && from == 0 {
			from = p.Paddr
		}
		header := b[le.Uint64(b[32:])+uint64(i)*headerSize:]
		switch {
		case p.Type == elf.PT_LOAD:
			le.PutUint64(header[physical:], p.Paddr-from+place)
		case p.Type == elf.PT_NOTE && bytes.Contains(b[p.Off:p.Off+p.Filesz], []byte("Xen\x00")):
			entry := b[p.Off+noteEntry:]
			le.PutUint64(entry, le.Uint64(entry)-from+place)
		}
	}
	file := filepath.Join(t.TempDir(), "moved.elf")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
