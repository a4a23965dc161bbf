package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"gasp/internal/command"

	"golang.org/x/sys/unix"
)

// enter runs the program once more in a network namespace of its own, which has no device but the loopback one
// (network_namespaces(7)), and returns its exit status.
func enter(args []string) int {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(os.Stderr, "flood:", err)
		return command.Failed
	}
	// Both get the terminal's signals; this one ends with the other.
	signal.Ignore(os.Interrupt)
	c := exec.Command(self, append([]string{"-inside"}, args...)...)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET, Pdeathsig: syscall.SIGTERM}
	err = c.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit) && exit.Exited():
		return exit.ExitCode()
	case errors.Is(err, unix.EPERM):
		fmt.Fprintln(os.Stderr, "flood: a network namespace can only be made by root: sudo make flood")
		return command.Usage
	}
	fmt.Fprintln(os.Stderr, "flood:", err)
	return command.Failed
}

// loopback brings up the loopback device. All of 127.0.0.0/8 is this machine's then.
func loopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING | unix.IFF_LOOPBACK)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo)
}
