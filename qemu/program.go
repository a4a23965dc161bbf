package qemu

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

const (
	versionTimeout = 10 * time.Second

	// OldestMajor.OldestMinor is the oldest QEMU that works: -netdev dgram came with 7.2.
	OldestMajor, OldestMinor = 7, 2
)

// packages are those of Debian and Ubuntu that have the programs.
var packages = map[string]string{programX86: "qemu-system-x86", programARM: "qemu-system-arm", programARM64: "qemu-system-arm"}

var (
	// ErrNotInstalled says that a program of QEMU's is not in PATH.
	ErrNotInstalled = errors.New("QEMU is not installed")
	// ErrTooOld says that the QEMU in PATH is older than OldestMajor.OldestMinor.
	ErrTooOld = errors.New("QEMU is too old")
)

// Unusable says of an error that QEMU cannot be used, whatever the machine is to do.
func Unusable(err error) bool {
	return errors.Is(err, ErrNotInstalled) || errors.Is(err, ErrTooOld) || errors.Is(err, ErrNoFirmware)
}

// program finds one of QEMU's in PATH.
func program(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("qemu: %w: there is no %s: run qemu/setup.sh, or: apt-get install --no-install-recommends %s (%w)", ErrNotInstalled, name, packages[name], err)
	}
	return path, nil
}

// checkVersion returns ErrTooOld for a QEMU that is. An unreadable version is let pass.
func checkVersion(path string) error {
	ctx, cancel := context.WithTimeout(context.Background(), versionTimeout)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return fmt.Errorf("qemu: %s --version: %w", path, err)
	}
	var major, minor int
	if _, err := fmt.Sscanf(string(out), "QEMU emulator version %d.%d", &major, &minor); err != nil {
		return nil
	}
	if major < OldestMajor || major == OldestMajor && minor < OldestMinor {
		return fmt.Errorf("qemu: %w: %s is %d.%d, at least %d.%d is needed (Debian 12, Ubuntu 24.04)", ErrTooOld, path, major, minor, OldestMajor, OldestMinor)
	}
	return nil
}
