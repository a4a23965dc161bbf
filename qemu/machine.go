package qemu

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
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

// ErrMachine is wrapped by Start's errors about a Machine that cannot be.
var ErrMachine = errors.New("not a possible machine")

// Machine describes a virtual machine and what its network cable leads to. Type is the only field that must be set.
type Machine struct {
	Type string // the name of one of MachineTypes
	// NIC is QEMU's name of the network card with any properties behind it, "e1000" or
	// "virtio-net-pci,disable-modern=on" for example. Empty for none. On microvm it is "virtio-net-device", whose
	// registers are virtio-mmio's legacy ones unless Extra has "-global", "virtio-mmio.force-legacy=false". On a machine
	// whose cards are built in it is their model, with ".1" behind it for the second one.
	NIC string
	MAC net.HardwareAddr // DefaultMAC if nil
	// Wire is the other end of the NIC's cable. Without one the NIC gets QEMU's user networking: the guest is
	// 10.0.2.15, and what it sends to 10.0.2.2 arrives at the host's 127.0.0.1.
	Wire *Wire
	// Netdev is QEMU's -netdev option, without an id, for another end of the cable than a Wire:
	// "user,hostfwd=tcp:127.0.0.1:8080-:80" for example.
	Netdev string

	// Image is the file to boot, with the type's suffix; empty boots the firmware alone. UEFI finds it on a disk: a file
	// that ends with ".efi" alone, with the command line in CommandFile beside it, any other file as the whole disk,
	// which takes no command line.
	Image   string
	Cmdline string // the kernel's command line
	Seed    []byte // entropy, 32 bytes, for a machine whose type has a Line; nil for none
	// Kernel has UEFI fetch Image and Cmdline from QEMU (-kernel) instead. Without UEFI that is always so.
	Kernel bool
	Memory int    // MiB, DefaultMemory if 0
	Accel  string // "kvm" or "tcg"; empty takes KVM where it works (see KVM) and nothing else forbids it
	CPU    string // QEMU's name of the CPU; empty: everything the accelerator can do

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

	Ahead    []string      // arguments for QEMU in front of the network card's: what that is plugged into
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
	t, err := TypeOf(m.Type)
	if err != nil {
		return nil, err
	}
	if err := m.check(t); err != nil {
		return nil, err
	}
	accel := m.Accel
	if accel == "" {
		accel = "tcg"
		if !m.Icount && t.KVM && kvm() {
			accel = "kvm"
		}
	}
	// -S: the monitor starts the CPU, once it answers.
	a := []string{"-machine", t.Machine, "-accel", accel, "-m", strconv.Itoa(or(m.Memory, DefaultMemory)), "-S",
		"-no-user-config", "-nodefaults", "-display", "none",
		"-chardev", "stdio,id=serial,signal=off", "-serial", "chardev:serial",
		"-chardev", fmt.Sprintf("socket,id=monitor,fd=%d", monitorFD), "-mon", "chardev=monitor,mode=control"}
	if !m.Reboot {
		a = append(a, "-no-reboot")
	}
	if cpu := or(m.CPU, t.CPU); cpu != "" {
		a = append(a, "-cpu", cpu)
	}
	switch {
	case t.Firmware != nil:
		firmware, err := t.Firmware.arguments(m, dir)
		if err != nil {
			return nil, err
		}
		a = append(a, firmware...)
	case t.EL3:
		a = append(a, m.el3Arguments(dir)...)
	case m.Image != "" && t.Line != 0:
		a = append(a, "-kernel", m.Image, "-device", fmt.Sprintf("loader,force-raw=on,addr=%#x,file=%s", t.Line, escape(filepath.Join(dir, lineFile))))
		if m.Seed != nil {
			a = append(a, "-device", fmt.Sprintf("loader,force-raw=on,addr=%#x,file=%s", t.Line+seedOffset, escape(filepath.Join(dir, seedFile))))
		}
	case m.Image != "":
		a = append(a, m.kernel()...)
	}
	a = append(a, m.Ahead...)
	if m.NIC != "" {
		a = append(a, m.network(t)...)
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

// check finds what cannot be.
func (m *Machine) check(t *MachineType) error {
	switch {
	case m.Wire != nil && m.NIC == "":
		return fmt.Errorf("qemu: %w: a wire but no NIC", ErrMachine)
	case m.Netdev != "" && (m.NIC == "" || m.Wire != nil):
		return fmt.Errorf("qemu: %w: a Netdev without NIC, or beside a wire", ErrMachine)
	case t.BuiltIn != "" && m.NIC != "" && m.NIC != t.BuiltIn && m.NIC != t.BuiltIn+secondCard:
		return fmt.Errorf("qemu: %w: NIC %q on a machine that has %s and %s", ErrMachine, m.NIC, t.BuiltIn, t.BuiltIn+secondCard)
	case m.MAC != nil && len(m.MAC) != 6:
		return fmt.Errorf("qemu: %w: MAC %v is not 6 bytes", ErrMachine, m.MAC)
	case m.Memory < 0 || m.Deadline < 0:
		return fmt.Errorf("qemu: %w: memory %d MiB, deadline %v", ErrMachine, m.Memory, m.Deadline)
	case m.Icount && m.Accel == "kvm":
		return fmt.Errorf("qemu: %w: KVM cannot count instructions", ErrMachine)
	case m.Executed && !m.Icount:
		return fmt.Errorf("qemu: %w: Executed without Icount", ErrMachine)
	case m.Seed != nil && (t.Line == 0 || m.Image == "" || len(m.Seed) != seedSize):
		return fmt.Errorf("qemu: %w: a seed of %d bytes for %s; there is one of %d bytes on machines that are given their command line in memory", ErrMachine, len(m.Seed), t.Name, seedSize)
	case m.ExitDevice && !t.ExitDevice:
		return fmt.Errorf("qemu: %w: %s with an isa-debug-exit", ErrMachine, t.Name)
	case m.Kernel && (t.Firmware == nil || !strings.HasSuffix(m.Image, ".efi")):
		return fmt.Errorf("qemu: %w: Kernel is for UEFI and a file that ends with .efi, not for %s and %q", ErrMachine, t.Name, m.Image)
	}
	return nil
}

// kernel gives the image to QEMU.
func (m *Machine) kernel() []string {
	a := []string{"-kernel", m.Image}
	if m.Cmdline != "" {
		a = append(a, "-append", m.Cmdline)
	}
	return a
}

// secondCard is behind the model of a machine's second built-in card, as in QEMU's names of them.
const secondCard = ".1"

// network connects the card: one that is built in by a place in QEMU's list, which has them in the machine's order.
func (m *Machine) network(t *MachineType) []string {
	netdev := or(m.Netdev, "user") + ",id=net"
	if m.Wire != nil {
		netdev = fmt.Sprintf("dgram,id=net,local.type=fd,local.str=%d", wireFD)
	}
	mac := m.MAC
	if mac == nil {
		mac = DefaultMAC
	}
	a := []string{"-netdev", netdev}
	if t.BuiltIn != "" {
		if m.NIC != t.BuiltIn {
			a = append(a, "-net", "nic,model="+t.BuiltIn)
		}
		return append(a, "-net", fmt.Sprintf("nic,model=%s,netdev=net,macaddr=%s", t.BuiltIn, mac))
	}
	device := fmt.Sprintf("%s,netdev=net,mac=%s", m.NIC, mac)
	if t.ROM && !strings.Contains(m.NIC, ",romfile=") && !strings.HasPrefix(m.NIC, "virtio-net-device") {
		device += ",romfile="
	}
	return append(a, "-device", device)
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
