package qemu

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Files in a run's directory beside captureFile.
const (
	serialFile   = "serial"
	messagesFile = "messages" // what QEMU itself has to say
)

// Serial returns what the guest has written to its first serial port so far.
func (r *Run) Serial() string { return r.file(serialFile) }

// Messages returns what QEMU itself has said so far, warnings mostly.
func (r *Run) Messages() string { return r.file(messagesFile) }

func (r *Run) file(name string) string {
	b, _ := os.ReadFile(filepath.Join(r.dir, name))
	return strings.TrimRight(string(b), "\n")
}

// Capture reads the frames of a machine with Icount. Their times are virtual and count from the machine's start; one
// instruction is one nanosecond, the capture's grain a microsecond.
func (r *Run) Capture() ([]Frame, error) {
	if !r.machine.Icount {
		return nil, fmt.Errorf("qemu: no capture: %w: Icount is off", ErrMachine)
	}
	f, err := os.Open(filepath.Join(r.dir, captureFile))
	if err != nil {
		return nil, fmt.Errorf("qemu: no capture: %w", err)
	}
	defer f.Close()
	return ReadPcap(f, icountEpoch)
}
