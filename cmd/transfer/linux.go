//go:build !tamago

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// modules are those of the network devices, each behind what it needs. The initramfs need not have all.
var modules = []string{"virtio_ring", "virtio", "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_pci", "failover", "net_failover",
	"virtio_net", "e1000"}

const device = "eth0"

// The guest in QEMU's user networking.
var (
	address = netip.AddrFrom4([4]byte{10, 0, 2, 15})
	mask    = netip.AddrFrom4([4]byte{255, 255, 255, 0})
)

// errNotFirst says that the program is an ordinary process.
var errNotFirst = errors.New("this is for the first process of a Linux guest")

// prepare loads the network device's driver and brings the device up.
func prepare() error {
	if os.Getpid() != 1 {
		return errNotFirst
	}
	for _, name := range modules {
		if err := load("/lib/" + name + ".ko"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("module %s: %w", name, err)
		}
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq(device)
	if err != nil {
		return err
	}
	if err := errors.Join(request.SetInet4Addr(address.AsSlice()), unix.IoctlIfreq(fd, unix.SIOCSIFADDR, request)); err != nil {
		return fmt.Errorf("address of %s: %w", device, err)
	}
	if err := errors.Join(request.SetInet4Addr(mask.AsSlice()), unix.IoctlIfreq(fd, unix.SIOCSIFNETMASK, request)); err != nil {
		return fmt.Errorf("mask of %s: %w", device, err)
	}
	request.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request)
}

func load(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.FinitModule(int(f.Fd()), "", 0); err != nil && err != syscall.EEXIST {
		return err
	}
	return nil
}
