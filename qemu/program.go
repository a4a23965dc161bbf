package qemu

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

const (
	programName    = "qemu-system-x86_64"
	versionTimeout = 10 * time.Second

	// OldestMajor.OldestMinor is the oldest QEMU that works: -netdev dgram came with 7.2.
	OldestMajor, OldestMinor = 7, 2

	remedy = "run qemu/setup.sh, or: apt-get install --no-install-recommends qemu-system-x86"
)

var (
	// ErrNotInstalled says that there is no QEMU in PATH.
	ErrNotInstalled = errors.New(programName + " is not installed")
	// ErrTooOld says that the QEMU in PATH is older than OldestMajor.OldestMinor.
	ErrTooOld = errors.New(programName + " is too old")
)

// program finds QEMU in PATH.
func program() (string, error) {
	path, err := exec.LookPath(programName)
	if err != nil {
		return "", fmt.Errorf("qemu: %w: %s (%w)", ErrNotInstalled, remedy, err)
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
