// Package qtest lets a test be the CPU of a machine in QEMU: it starts one whose
// CPU sleeps, and reaches a device's registers, the memory that the device reads
// and writes by itself, and the wire at its other end. The device runs on its own
// meanwhile. It is for tests of drivers, and ends the test when QEMU fails.
//
// Source: QEMU, docs/devel/qtest.rst and softmmu/qtest.c, for the protocol.
package qtest

import (
	"bufio"
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A Machine is a running QEMU. It is for the test's own goroutine.
type Machine struct {
	t      *testing.T
	dir    string // its files
	in     *bufio.Writer
	out    *bufio.Reader
	memory []byte       // all of the machine's
	wire   *net.UDPConn // the wire's end that is the test's
	nic    *net.UDPAddr // the device's end
}

// Start starts QEMU's machine type kind with 16 MiB of memory and the one device
// given, both as -machine and -device name them, properties included. The device
// is a NIC with the address 52:54:00:12:34:56. args are QEMU's other arguments.
// The machine ends with the test; what QEMU said is logged if that failed.
func Start(t *testing.T, kind, device string, args ...string) *Machine {
	t.Helper()
	qemu, err := exec.LookPath("qemu-system-x86_64")
	if err != nil {
		t.Fatalf("qemu-system-x86_64 is not installed, run qemu/setup.sh: %v", err)
	}
	m := &Machine{t: t, dir: t.TempDir()}
	bios := filepath.Join(m.dir, "bios")
	if err := os.WriteFile(bios, sleep(), 0o600); err != nil {
		t.Fatal(err)
	}
	ram := filepath.Join(m.dir, "ram")
	m.share(ram)
	socket := m.lay()
	defer socket.Close()

	cmd := exec.Command(qemu, append(args,
		"-machine", kind+",accel=tcg,memory-backend=ram", "-m", "16", "-bios", bios,
		"-object", "memory-backend-file,id=ram,size=16M,share=on,mem-path="+ram,
		"-display", "none", "-nodefaults", "-vga", "none", "-qtest", "stdio",
		"-chardev", "socket,id=m,server=on,wait=off,path="+filepath.Join(m.dir, monitorSocket),
		"-mon", "chardev=m,mode=readline",
		"-netdev", "dgram,id=n,local.type=fd,local.str=3",
		"-device", device+",netdev=n,mac=52:54:00:12:34:56")...)
	cmd.ExtraFiles = []*os.File{socket} // descriptor 3
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() && stderr.Len() > 0 {
			t.Logf("QEMU says: %s", stderr.String())
		}
	})
	m.in, m.out = bufio.NewWriter(stdin), bufio.NewReader(stdout)
	return m
}

// sleep is firmware whose reset vector, 16 bytes before its end, is
// cli; hlt; jmp to the hlt.
func sleep() []byte {
	bios := make([]byte, 64<<10)
	copy(bios[len(bios)-16:], []byte{0xFA, 0xF4, 0xEB, 0xFD})
	return bios
}
