package qemu

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gasp/netlog/wire"
)

// uefiDeadline is for a machine whose firmware looks at all that it has first.
const uefiDeadline = 3 * time.Minute

// TestUEFI starts the demonstration from UEFI firmware: from a disk image, as a file with gasp.txt beside it, and with load
// options; on arm64 with a device tree, and with ACPI's tables in its place. The word that only one of them has says that the command line came that way.
func TestUEFI(t *testing.T) {
	for _, tt := range []struct {
		name, kind, nic, suffix string
		kernel                  bool
		extra                   []string
		says                    []string // in records
	}{
		{"disk image", "q35-uefi", "e1000e", ".img", false, nil, nil},
		{"file", "q35-uefi", "virtio-net-pci", ".efi", false, []string{"-smp", "2"}, nil},
		{"load options", "q35-uefi", "e1000e", ".efi", true, []string{"-m", "8192"}, nil},
		{"disk image for arm64", "virt-uefi", "virtio-net-pci", ".img", false, []string{"-machine", "acpi=off"}, []string{"described by a device tree"}},
		{"tables for arm64", "virt-uefi", "e1000e", ".efi", true, append([]string{"-machine", "acpi=on,gic-version=3", "-smp", "2"}, atOddClock...), []string{"described by ACPI tables", "arrive by MSI"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			kind, err := TypeOf(tt.kind)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := kind.Firmware.find(); err != nil {
				t.Skip(err)
			}
			image(t) // what it is built from
			const byFirmware = "gasp: UEFI's ResetSystem"
			word := "way=" + strings.ReplaceAll(tt.name, " ", "-")
			line := knownStation("+") + " loglevel=8 gasp.crash=nil panic=-1 " + word
			resets := kind.Arch == "arm64" && tt.suffix == ".img"
			if resets {
				line += " reboot=efi"
			}
			file := filepath.Join(buildDir, kind.Arch+tt.suffix)
			flags := []string{"-arch", kind.Arch}
			w := &Wire{}
			m := Machine{Type: tt.kind, NIC: tt.nic, Extra: tt.extra, Wire: w, Image: file, Cmdline: line, Kernel: tt.kernel, Deadline: uefiDeadline}
			if tt.suffix == ".img" {
				flags = append(flags, "-cmdline", line)
				m.Cmdline = ""
			}
			if err := BuildImage(t.Context(), file, "./cmd/image", flags...); err != nil {
				t.Fatal(err)
			}
			r := bootMachine(t, m)
			if end, err := r.Wait(); err != nil {
				t.Fatal(end, err)
			}
			if end := strings.TrimSpace(r.Serial()); resets && !strings.HasSuffix(end, byFirmware) { // behind it there is what went wrong
				t.Errorf("the serial line ends with %q, want %q", tail(end, 100), byFirmware)
			}
			if slices.Contains(tt.says, "described by ACPI tables") { // which name no real-time clock
				checkOddClock(t, w.Datagrams(), time.Since(r.Started))
			}
			report := reportOf(t, w.Datagrams(), wire.Crash)
			if cause := string(report.Headline.Cause); !strings.Contains(cause, "invalid memory address") {
				t.Errorf("the cause is %q", cause)
			}
			var text strings.Builder
			for _, r := range records(t, w.Datagrams()) {
				text.Write(r.Text)
				text.WriteByte('\n')
			}
			for _, want := range append(tt.says, word) {
				if !strings.Contains(text.String(), want) {
					t.Errorf("no record has %q", want)
				}
			}
		})
	}
}
