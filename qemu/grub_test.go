package qemu

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gasp/netlog/wire"
	"gasp/toolchain"
)

// TestGRUB starts the image from a CD with GRUB, by the Multiboot2 protocol, where the RAM that its file asks for is somebody else's: its command line
// arrives, and the report is whole, on the network and on the screen.
func TestGRUB(t *testing.T) {
	if os.Getenv("GASP_FULL") != "1" {
		t.Skip("GRUB takes its time: GASP_FULL=1")
	}
	for _, program := range []string{"grub-mkrescue", "xorriso", "mformat"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%v: apt-get install --no-install-recommends grub-pc-bin grub-common xorriso mtools", err)
		}
	}
	dir := t.TempDir()
	boot := filepath.Join(dir, "disk", "boot")
	if err := os.MkdirAll(filepath.Join(boot, "grub"), 0o700); err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(boot, "files.cpio")
	if err := toolchain.WriteArchive(archive, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat(" "+strings.Repeat("word", 20), 40) // so that a boot information is as long as that of UEFI machines
	menu := fmt.Sprintf("insmod all_video\ncutmem 30M 100M\nmultiboot2 /boot/app.elf %s loglevel=8 gasp.crash=nil --%s\n%[3]s%[3]s%[3]sboot\n",
		knownStation(""), long, "module2 /boot/files.cpio"+long+"\n")
	if err := os.WriteFile(filepath.Join(boot, "grub", "grub.cfg"), []byte(menu), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := copyFile(filepath.Join(boot, "app.elf"), image(t)); err != nil {
		t.Fatal(err)
	}
	disk := filepath.Join(dir, "grub.iso")
	if said, err := exec.CommandContext(t.Context(), "grub-mkrescue", "-o", disk, filepath.Join(dir, "disk")).CombinedOutput(); err != nil {
		t.Fatalf("grub-mkrescue: %v\n%s", err, said)
	}
	w := &Wire{LogHost: logHost, Hosts: []Host{{Addr: logHost.Addr()}}}
	r := start(t, Machine{Type: "q35", NIC: "e1000e", Wire: w, Deadline: pcDeadline, Extra: []string{"-cdrom", disk, "-vga", "std"}})
	waitUntil(t, r, w, "end of crash")
	if cause := string(reportOf(t, w.Datagrams(), wire.Crash).Headline.Cause); !strings.Contains(cause, "nil pointer dereference") {
		t.Errorf("the machine died of %q", cause)
	}
	place := uint64(0)
	for _, r := range records(t, w.Datagrams()) {
		fmt.Sscanf(string(r.Text), "the image lies at 0x%x", &place)
	}
	if place < 100<<20 {
		t.Errorf("the image lies at %#x, where there is no RAM for it", place)
	}
	if lines, _ := screenWith(t, r, "gasp: end of crash "); !strings.Contains(lines[0], "gasp: crash ") {
		t.Errorf("the first line on the screen is %q", lines[0])
	}
}
