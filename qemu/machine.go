package qemu

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// DefaultMAC is a machine's Ethernet address unless it says otherwise; 52:54:00 is the prefix QEMU uses.
var DefaultMAC = net.HardwareAddr{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}

// What a Machine's zero fields stand for.
const (
	DefaultMemory   = 1024 // MiB
	DefaultDeadline = time.Minute
)

// Types are the machine types the package knows.
var Types = []string{"q35", "pc", "microvm"}

// ErrMachine is wrapped by Start's errors about a Machine that cannot be.
var ErrMachine = errors.New("not a possible machine")

// Machine describes a virtual machine and what its network cable leads to. Type is the only field that must be set.
type Machine struct {
	Type string // one of Types
	// NIC is QEMU's name of the network card with any properties behind it, "e1000" or
	// "virtio-net-pci,disable-modern=on" for example. Empty for none. On microvm it is "virtio-net-device", whose
	// registers are virtio-mmio's legacy ones unless Extra has "-global", "virtio-mmio.force-legacy=false".
	NIC string
	MAC net.HardwareAddr // DefaultMAC if nil
	// Wire is the other end of the NIC's cable. Without one the NIC gets QEMU's user networking: the guest is
	// 10.0.2.15, and what it sends to 10.0.2.2 arrives at the host's 127.0.0.1.
	Wire *Wire
	// Netdev is QEMU's -netdev option, without an id, for another end of the cable than a Wire:
	// "user,hostfwd=tcp:127.0.0.1:8080-:80" for example.
	Netdev string

	Image   string // the kernel to boot, a PVH ELF file; empty boots the firmware alone
	Cmdline string // the kernel's command line
	Memory  int    // MiB, DefaultMemory if 0
	Accel   string // "kvm" or "tcg"; empty takes KVM where it works (see KVM) and nothing else forbids it
	CPU     string // QEMU's name of the CPU; empty: everything the accelerator can do

	// Icount makes an instruction one virtual nanosecond and the virtual clock the only one, so that the same image
	// takes the same time on every host, and captures the frames with that clock (Run.Capture). It needs plain
	// emulation.
	Icount bool
	// Executed has Run.Executed tell how many instructions the CPU has executed, halts left out. It goes with Icount. The
	// machine does not end by itself then: Executed ends it.
	Executed bool
	// ExitDevice adds isa-debug-exit: a byte v written to port 0xf4 ends QEMU with status v<<1|1.
	ExitDevice bool
	// Reboot lets a reset start the machine again. Otherwise a reset ends it, with the reason "guest-reset".
	Reboot bool

	Extra    []string      // further arguments for QEMU
	Deadline time.Duration // after it the machine is killed and Wait returns ErrDeadline; DefaultDeadline if 0
}

// The descriptors QEMU inherits, in the order of exec.Cmd.ExtraFiles.
const (
	monitorFD = 3
	wireFD    = 4
)

// Files in the run's directory: the frames the guest sent, and what could be replayed.
const (
	captureFile = "frames.pcap"
	replayFile  = "replay"
)

// arguments gives QEMU's command line; dir is the run's own directory, and kvm asks whether KVM works.
func (m *Machine) arguments(dir string, kvm func() bool) ([]string, error) {
	switch {
	case !slices.Contains(Types, m.Type):
		return nil, fmt.Errorf("qemu: %w: type %q, known are %s", ErrMachine, m.Type, strings.Join(Types, ", "))
	case m.Wire != nil && m.NIC == "":
		return nil, fmt.Errorf("qemu: %w: a wire but no NIC", ErrMachine)
	case m.Netdev != "" && (m.NIC == "" || m.Wire != nil):
		return nil, fmt.Errorf("qemu: %w: a Netdev without NIC, or beside a wire", ErrMachine)
	case m.MAC != nil && len(m.MAC) != 6:
		return nil, fmt.Errorf("qemu: %w: MAC %v is not 6 bytes", ErrMachine, m.MAC)
	case m.Memory < 0 || m.Deadline < 0:
		return nil, fmt.Errorf("qemu: %w: memory %d MiB, deadline %v", ErrMachine, m.Memory, m.Deadline)
	case m.Icount && m.Accel == "kvm":
		return nil, fmt.Errorf("qemu: %w: KVM cannot count instructions", ErrMachine)
	case m.Executed && !m.Icount:
		return nil, fmt.Errorf("qemu: %w: Executed without Icount", ErrMachine)
	}
	accel := m.Accel
	if accel == "" {
		accel = "tcg"
		if !m.Icount && kvm() {
			accel = "kvm"
		}
	}
	cpu := m.CPU
	if cpu == "" {
		cpu = "max" // under KVM this is the host's CPU
	}
	// -S: the monitor starts the CPU, once it answers.
	a := []string{"-machine", m.Type, "-accel", accel, "-cpu", cpu, "-m", strconv.Itoa(or(m.Memory, DefaultMemory)), "-S",
		"-no-user-config", "-nodefaults", "-display", "none",
		"-chardev", "stdio,id=serial,signal=off", "-serial", "chardev:serial",
		"-chardev", fmt.Sprintf("socket,id=monitor,fd=%d", monitorFD), "-mon", "chardev=monitor,mode=control"}
	if !m.Reboot {
		a = append(a, "-no-reboot")
	}
	if m.Image != "" {
		a = append(a, "-kernel", m.Image)
		if m.Cmdline != "" {
			a = append(a, "-append", m.Cmdline)
		}
	}
	if m.NIC != "" {
		a = append(a, m.network()...)
	}
	if m.Icount {
		icount := "shift=0,sleep=off"
		if m.Executed { // only a recording QEMU tells what it has counted
			icount += ",rr=record,rrfile=" + escape(filepath.Join(dir, replayFile))
			a = append(a, "-no-shutdown")
		}
		a = append(a, "-icount", icount, "-seed", "1",
			"-rtc", "base="+icountEpoch.Format("2006-01-02T15:04:05")+",clock=vm")
	}
	if m.captures() {
		// queue=rx: what the card gives to the cable, and not what comes back.
		a = append(a, "-object", "filter-dump,id=capture,netdev=net,queue=rx,file="+escape(filepath.Join(dir, captureFile)))
	}
	if m.ExitDevice {
		a = append(a, "-device", "isa-debug-exit,iobase=0xf4,iosize=4")
	}
	return append(a, m.Extra...), nil
}

// captures says whether QEMU writes captureFile: for its clock's stamps, or for what the wire may miss.
func (m *Machine) captures() bool { return m.NIC != "" && (m.Icount || m.Wire != nil) }

func (m *Machine) network() []string {
	netdev := or(m.Netdev, "user") + ",id=net"
	if m.Wire != nil {
		netdev = fmt.Sprintf("dgram,id=net,local.type=fd,local.str=%d", wireFD)
	}
	mac := m.MAC
	if mac == nil {
		mac = DefaultMAC
	}
	device := fmt.Sprintf("%s,netdev=net,mac=%s", m.NIC, mac)
	if m.Type != "microvm" && !strings.Contains(m.NIC, ",romfile=") {
		device += ",romfile=" // the card's own boot code would only cost time
	}
	return []string{"-netdev", netdev, "-device", device}
}

// escape doubles the commas of a value in QEMU's option syntax.
func escape(s string) string { return strings.ReplaceAll(s, ",", ",,") }

func or[T comparable](v, ifZero T) T {
	var zero T
	if v == zero {
		return ifZero
	}
	return v
}
