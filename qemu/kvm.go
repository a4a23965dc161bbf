package qemu

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

const (
	probeTimeout = 5 * time.Second // a CPU needs 20 ms, plain emulation 300 ms
	probeValue   = 0x2a
	probeStatus  = probeValue<<1 | 1 // isa-debug-exit's arithmetic
	firmwareSize = 64 << 10          // the smallest QEMU takes as firmware; it ends at 4 GiB
)

// probeCode is the firmware's first bytes, 16-bit code. The loop tells a CPU from a hypervisor that has to emulate every
// instruction of an unmodified guest, as some nested ones do: a hundred times slower than plain emulation.
var probeCode = []byte{
	0x66, 0xb9, 0x00, 0x00, 0x00, 0x02, // mov ecx, 1<<25
	0x66, 0x49, //                         dec ecx
	0x75, 0xfc, //                         jnz back to the dec
	0xb0, probeValue, //                   mov al, probeValue
	0xe6, 0xf4, //                         out 0xf4, al
	0xf4,       //                         hlt
	0xeb, 0xfd, //                         jmp back to the hlt
}

// KVM says whether a machine of x86-64 really runs under KVM here, which neither the existence of /dev/kvm nor the right to open
// it promises. The first call finds out with a machine that runs a loop; later ones return its answer.
var KVM = sync.OnceValue(func() bool { return accelerates("kvm") })

// accelerates runs probeCode under the accelerator and says whether it did what it should, in time.
func accelerates(accel string) bool {
	path, err := program(programX86)
	if err != nil {
		return false
	}
	dir, err := os.MkdirTemp("", "gasp-qemu-")
	if err != nil {
		return false
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "firmware")
	if err := os.WriteFile(file, firmware(probeCode), 0o600); err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
	defer cancel()
	err = exec.CommandContext(ctx, path, "-machine", "pc", "-accel", accel, "-cpu", "max", "-m", "16", "-no-user-config", "-nodefaults",
		"-display", "none", "-no-reboot", "-bios", file, "-device", "isa-debug-exit,iobase=0xf4,iosize=4").Run()
	var exit *exec.ExitError
	return errors.As(err, &exit) && exit.ExitCode() == probeStatus
}

// firmware makes a firmware image that runs code.
func firmware(code []byte) []byte {
	image := make([]byte, firmwareSize)
	copy(image, code)
	copy(image[firmwareSize-16:], []byte{0xe9, 0x0d, 0x00}) // where a CPU starts: jmp to the image's first byte
	return image
}
