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
	base   int          // bus address of its first byte
	wire   *net.UDPConn // the wire's end that is the test's
	nic    *net.UDPAddr // the device's end
}

// Start starts QEMU's machine type kind with 16 MiB of memory and the one device
// given, both as -machine and -device name them, properties included. The device
// is a NIC with the address 52:54:00:12:34:56. args are QEMU's other arguments.
// The machine ends with the test; what QEMU said is logged if that failed.
func Start(t *testing.T, kind, device string, args ...string) *Machine {
	t.Helper()
	bios := filepath.Join(t.TempDir(), "bios")
	if err := os.WriteFile(bios, sleep(), 0o600); err != nil {
		t.Fatal(err)
	}
	return start(t, "qemu-system-x86_64", 0, append(args,
		"-machine", kind+",accel=tcg,memory-backend=ram", "-bios", bios, "-vga", "none",
		"-device", device+",netdev=n,mac="+station)...)
}

// StartBoard starts a machine type of qemu-system-arm, whose memory, 16 MiB of it, begins at a bus address, and whose
// NICs are on board. The one with the number given, from 0, has the address
// 52:54:00:12:34:56 and the wire.
func StartBoard(t *testing.T, kind string, base, nic int, args ...string) *Machine {
	t.Helper()
	// wfi; b to it: a machine that does not run receives nothing.
	kernel := filepath.Join(t.TempDir(), "kernel")
	if err := os.WriteFile(kernel, []byte{0x03, 0xF0, 0x20, 0xE3, 0xFD, 0xFF, 0xFF, 0xEA}, 0o600); err != nil {
		t.Fatal(err)
	}
	for range nic {
		args = append(args, "-net", "nic")
	}
	return start(t, "qemu-system-arm", base, append(args,
		"-machine", kind+",accel=tcg,memory-backend=ram", "-kernel", kernel, "-net", "nic,netdev=n,macaddr="+station)...)
}

const station = "52:54:00:12:34:56"

// start starts QEMU with what all machines have.
func start(t *testing.T, program string, base int, args ...string) *Machine {
	t.Helper()
	qemu, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf("%s is not installed, run qemu/setup.sh: %v", program, err)
	}
	m := &Machine{t: t, dir: t.TempDir(), base: base}
	ram := filepath.Join(m.dir, "ram")
	m.share(ram)
	socket := m.lay()
	defer socket.Close()

	cmd := exec.Command(qemu, append(args,
		"-m", "16", "-object", "memory-backend-file,id=ram,size=16M,share=on,mem-path="+ram,
		"-display", "none", "-nodefaults", "-qtest", "stdio",
		"-chardev", "socket,id=m,server=on,wait=off,path="+filepath.Join(m.dir, monitorSocket),
		"-mon", "chardev=m,mode=readline",
		"-netdev", "dgram,id=n,local.type=fd,local.str=3")...)
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
