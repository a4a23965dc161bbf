package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gasp/qemu"
	"gasp/toolchain/cpio"
)

// The program that both sides run (cmd/transfer).
const (
	guestPackage = "./cmd/transfer"
	guestReady   = "guest: ready" // on the serial line

	guestMemory   = 512 // MiB
	guestPatience = 2 * time.Minute
	guestPoll     = 20 * time.Millisecond
	guestDeadline = 15 * time.Minute
)

// What the kit's folder has of a Linux guest: its kernel, and an initramfs with the network devices' modules in /lib.
const (
	linuxKernel    = "build/vmlinuz"
	linuxInitramfs = "build/initramfs.gz"
)

// errNotReady is wrapped by errors about a guest that did not come up.
var errNotReady = errors.New("the guest did not come up")

// A guest is a machine with the program, which one end of QEMU's user networking leads to.
type guest struct{ *qemu.Run }

// startGasp starts the program as an image.
func (r *run) startGasp(ctx context.Context, m qemu.Combination, netdev string) (*guest, error) {
	image, err := r.image(ctx, guestPackage)
	if err != nil {
		return nil, err
	}
	return startGuest(ctx, qemu.Machine{Type: m.Type, NIC: m.NIC, Netdev: netdev, Image: image, Cmdline: "netconsole=@10.0.2.15/,6666@10.0.2.2/"})
}

// startLinux starts the program as the first process of a Linux guest.
func (r *run) startLinux(ctx context.Context, m qemu.Combination, netdev string) (*guest, error) {
	initramfs, err := r.linuxInitramfs(ctx)
	if err != nil {
		return nil, err
	}
	return startGuest(ctx, qemu.Machine{Type: m.Type, NIC: m.NIC, Netdev: netdev, Image: filepath.Join(r.peers.dir, linuxKernel),
		Cmdline: "console=ttyS0 quiet net.ifnames=0 panic=-1 rdinit=/guest", Extra: []string{"-initrd", initramfs}})
}

func startGuest(ctx context.Context, m qemu.Machine) (*guest, error) {
	m.Memory, m.Deadline, m.Accel = guestMemory, guestDeadline, "tcg"
	run, err := qemu.Start(ctx, m)
	if err != nil {
		return nil, err
	}
	g := &guest{run}
	for end := time.Now().Add(guestPatience); !strings.Contains(g.Serial(), guestReady); time.Sleep(guestPoll) {
		if ctx.Err() != nil || time.Now().After(end) {
			serial := g.Serial()
			g.Close()
			return nil, fmt.Errorf("%w: its serial line ends in %q", errNotReady, serial[max(0, len(serial)-300):])
		}
	}
	return g, nil
}

// linuxInitramfs is the kit's with the program behind it: the kernel unpacks one archive after the other.
func (r *run) linuxInitramfs(ctx context.Context) (string, error) {
	program, file := filepath.Join(r.dir, "guest.linux"), filepath.Join(r.dir, "guest.cpio.gz")
	if r.built[file] {
		return file, nil
	}
	r.doing("building %s", file)
	if err := qemu.BuildProgram(ctx, program, guestPackage); err != nil {
		return "", err
	}
	archive, err := os.ReadFile(filepath.Join(r.peers.dir, linuxInitramfs))
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNoPeers, err)
	}
	out, err := os.Create(file)
	if err != nil {
		return "", err
	}
	defer out.Close()
	if _, err := out.Write(archive); err != nil {
		return "", err
	}
	if err := appendProgram(out, program); err != nil {
		return "", err
	}
	r.built[file] = true
	return file, nil
}

func appendProgram(out *os.File, program string) error {
	in, err := os.Open(program)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	packed := gzip.NewWriter(out)
	archive := cpio.NewWriter(packed)
	err = archive.Add("guest", 0o755, time.Unix(0, 0), info.Size(), in)
	return errors.Join(err, archive.Close(), packed.Close(), out.Close())
}
