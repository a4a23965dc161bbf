package qemu

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// start starts a machine without an image: its firmware looks for something to boot, forever.
func start(t *testing.T, m Machine) *Run {
	t.Helper()
	r, err := Start(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func TestQEMUMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Start(t.Context(), Machine{Type: "q35"})
	if !errors.Is(err, ErrNotInstalled) || !strings.Contains(err.Error(), "apt-get install") || !strings.Contains(err.Error(), "qemu/setup.sh") {
		t.Errorf("the error names no remedy: %v", err)
	}
}

func TestQEMUTooOld(t *testing.T) {
	bin := t.TempDir()
	old := "#!/bin/sh\n[ \"$1\" = --version ] && echo 'QEMU emulator version 6.2.0 (Debian 1:6.2)' && exit 0\necho 'no such netdev' >&2; exit 1\n"
	if err := os.WriteFile(filepath.Join(bin, programX86), []byte(old), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	_, err := Start(t.Context(), Machine{Type: "q35", Accel: "tcg"})
	if !errors.Is(err, ErrTooOld) || !strings.Contains(err.Error(), "6.2") {
		t.Errorf("the error does not say that 6.2 is too old: %v", err)
	}
}

func TestStartErrors(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	for name, c := range map[string]struct {
		machine Machine
		says    string
	}{
		"unknown NIC":          {Machine{Type: "q35", NIC: "ne3000"}, "ne3000"},
		"no such image":        {Machine{Type: "pc", Image: "/nonexistent.elf"}, "/nonexistent.elf"},
		"PCI on a bus of none": {Machine{Type: "microvm", NIC: "e1000"}, "PCI"},
		"unknown option":       {Machine{Type: "pc", Extra: []string{"-frobnicate"}}, "frobnicate"},
	} {
		r, err := Start(t.Context(), c.machine)
		if err == nil {
			r.Close()
			t.Errorf("%s: started", name)
			continue
		}
		if !errors.Is(err, ErrDied) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: the error does not pass on what QEMU said of %s: %v", name, c.says, err)
		}
		if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
			t.Errorf("%s: left behind: %v, %v", name, left, err)
		}
	}
}

func TestDeadlineKills(t *testing.T) {
	r := start(t, Machine{Type: "pc", Deadline: 500 * time.Millisecond})
	begin := time.Now()
	exit, err := r.Wait()
	if !errors.Is(err, ErrDeadline) || !strings.Contains(err.Error(), "500ms") {
		t.Errorf("ended with %+v, %v instead of by its deadline", exit, err)
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("the deadline of 0.5 s took %v", took)
	}
	mustBeGone(t, r)
}

func TestContextKills(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, err := Start(ctx, Machine{Type: "pc"})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cancel()
	if _, err := r.Wait(); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	mustBeGone(t, r)
}

func TestCloseLeavesNothing(t *testing.T) {
	r := start(t, Machine{Type: "q35", NIC: "e1000", Wire: &Wire{}})
	if err := syscall.Kill(r.cmd.Process.Pid, 0); err != nil {
		t.Fatalf("QEMU does not run: %v", err)
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := r.Wait(); !errors.Is(err, ErrClosed) {
		t.Errorf("Wait says %v", err)
	}
	mustBeGone(t, r)
	if _, err := os.Stat(r.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the run's directory is still there: %v", err)
	}
	if err := r.InjectNMI(); !errors.Is(err, ErrMonitorGone) {
		t.Errorf("a command to a closed machine: %v", err)
	}
}

func mustBeGone(t *testing.T, r *Run) {
	t.Helper()
	if err := syscall.Kill(-r.cmd.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("QEMU's process group still exists (%v)", err)
	}
}

func TestMonitor(t *testing.T) {
	r := start(t, Machine{Type: "q35", NIC: "virtio-net-pci", Wire: &Wire{}, Reboot: true})
	var status struct{ Status string }
	if err := r.Monitor("query-status", nil, &status); err != nil || status.Status != "running" {
		t.Errorf("the machine is %q, %v", status.Status, err)
	}
	if out, err := r.Human("info network"); err != nil || !strings.Contains(out, "52:54:00:12:34:56") {
		t.Errorf("info network says %q, %v", out, err)
	}
	if err := r.Monitor("no-such-command", nil, nil); !errors.Is(err, ErrMonitor) {
		t.Errorf("an unknown command: %v", err)
	}
	for name, err := range map[string]error{"NMI": r.InjectNMI(), "link down": r.SetLink(false), "link up": r.SetLink(true), "reset": r.Reset()} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := r.Quit(); err != nil {
		t.Error(err)
	}
	if exit, err := r.Wait(); err != nil || exit != (Exit{Reason: "host-qmp-quit"}) {
		t.Errorf("ended with %+v, %v", exit, err)
	}
}

func TestResetEnds(t *testing.T) {
	r := start(t, Machine{Type: "pc"})
	if err := r.Reset(); err != nil {
		t.Fatal(err)
	}
	if exit, err := r.Wait(); err != nil || exit.Reason != "host-qmp-system-reset" || exit.PoweredOff() {
		t.Errorf("ended with %+v, %v", exit, err)
	}
}

// TestProbe runs KVM's test of the accelerator where its answer is known.
func TestProbe(t *testing.T) {
	if !accelerates("tcg") {
		t.Error("plain emulation does not run the probe")
	}
	if accelerates("no-such-accelerator") {
		t.Error("an accelerator that does not exist is said to work")
	}
	t.Logf("KVM works: %v", KVM())
}

// TestFirmwareOutput sees the whole way: a guest that runs, a serial line that is read, a status that is passed on.
func TestFirmwareOutput(t *testing.T) {
	code := slices.Concat([]byte{0xba, 0xf8, 0x03}, // mov dx, 0x3f8
		[]byte{0xb0, 'h', 0xee, 0xb0, 'i', 0xee}, // mov al, 'h'; out dx, al; ...
		[]byte{0xb0, 0x15, 0xe6, 0xf4, 0xf4})     // mov al, 0x15; out 0xf4, al; hlt
	file := filepath.Join(t.TempDir(), "firmware")
	if err := os.WriteFile(file, firmware(code), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, icount := range []bool{false, true} {
		r := start(t, Machine{Type: "pc", Icount: icount, NIC: "e1000", ExitDevice: true, Extra: []string{"-bios", file}})
		exit, err := r.Wait()
		if want := (Exit{Status: 0x15<<1 | 1}); err != nil || exit != want || r.Serial() != "hi" {
			t.Errorf("icount %v: ended with %+v, %v after %q, want %+v after \"hi\"", icount, exit, err, r.Serial(), want)
		}
		if frames, err := r.Capture(); icount && (err != nil || len(frames) != 0) || !icount && err == nil {
			t.Errorf("icount %v: captured %d frames, %v", icount, len(frames), err)
		}
	}
}

// TestFrames lets a real guest use the cable: the network card's own boot code asks for an address.
func TestFrames(t *testing.T) {
	dhcp := netip.MustParseAddrPort("255.255.255.255:67")
	asked := make(chan Datagram, 1)
	wire := &Wire{LogHost: dhcp, Deliver: func(d Datagram) {
		select {
		case asked <- d:
		default:
		}
	}}
	r := start(t, Machine{Type: "pc", NIC: "e1000,romfile=efi-e1000.rom,bootindex=0", Wire: wire})
	ended := make(chan error, 1)
	go func() { _, err := r.Wait(); ended <- err }()
	select {
	case d := <-asked:
		if d.SourceMAC.String() != DefaultMAC.String() || d.Source.Port() != 68 || d.Time <= 0 || d.Time > time.Since(r.Started) {
			t.Errorf("the DHCP request is %+v", d)
		}
	case err := <-ended:
		t.Fatalf("no DHCP request: %v; QEMU says %q", err, r.Messages())
	}
	if err := r.Quit(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if c := wire.Counts(); c.Bad > 0 || c.Datagrams != len(wire.Datagrams()) || c.Frames != len(wire.Frames()) {
		t.Errorf("counts are %+v with %d datagrams in %d frames", c, len(wire.Datagrams()), len(wire.Frames()))
	}
}

// TestForwarded: QEMU listens where it says that the guest's ports are.
func TestForwarded(t *testing.T) {
	r := start(t, Machine{Type: "q35", NIC: "e1000", Netdev: "user,hostfwd=tcp:127.0.0.1:0-:80,hostfwd=tcp:127.0.0.1:0-:80"})
	addresses, err := r.Forwarded()
	if err != nil || len(addresses) != 2 || addresses[0] == addresses[1] {
		t.Fatalf("forwarded are %v, %v", addresses, err)
	}
	for _, a := range addresses {
		conn, err := net.Dial("tcp", a.String())
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
	}
	if _, err := start(t, Machine{Type: "q35", NIC: "e1000"}).Forwarded(); !errors.Is(err, ErrNotForwarded) {
		t.Errorf("without a port: %v", err)
	}
}
