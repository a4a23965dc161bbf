package main

import (
	"context"
	"path/filepath"

	"gasp/qemu"
)

// Images that are measured.
const (
	demonstration = "./cmd/image"
	measuring     = "./cmd/measure"
)

// A machine is one with a network device.
type machine struct {
	name string // in the names of figures
	qemu.Combination
	linux string // how the kit calls it; "" if it has none like it
}

var (
	e1000   = machine{"e1000", qemu.Combination{Type: "q35", NIC: "e1000"}, "e1000"}
	virtio  = machine{"virtio", qemu.Combination{Type: "q35", NIC: "virtio-net-pci"}, "virtio"}
	microvm = machine{"microvm", qemu.Combination{Type: "microvm", NIC: "virtio-net-device"}, ""}
)

// image gives the file of an image, which it builds when it is first asked for.
func (r *run) image(ctx context.Context, pkg string) (string, error) {
	file := filepath.Join(r.dir, filepath.Base(pkg)+".elf")
	if r.built[pkg] {
		return file, nil
	}
	r.doing("building %s", file)
	if err := qemu.BuildImage(ctx, file, pkg); err != nil {
		return "", err
	}
	r.built[pkg] = true
	return file, nil
}
