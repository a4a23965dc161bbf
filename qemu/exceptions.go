package qemu

import (
	"slices"
	"strings"
)

// onArch leaves out machines of other architectures.
func onArch(archs ...string) func(Combination) bool {
	return func(c Combination) bool { return slices.Contains(archs, c.Arch()) }
}

// hasButton leaves out machines without a button for an NMI, or a power key in its place.
func hasButton(c Combination) bool {
	return onArch("amd64", "arm64")(c) && c.Type != "xlnx-versal-virt"
}

// exceptions is what boards call what x86-64 calls the key: the short name, which the headline's exception is and its cause
// begins with (board/arm64/exceptions.go, board/arm/exceptions.go). fetching is a page fault of fetching an instruction.
var exceptions = map[string]map[string]string{
	"arm64": {"#PF": "DABT", fetching: "IABT", "#GP": "DABT", "#UD": "UND", "#BP": "BRK", "#DB": "HWBKPT", "NMI": "FIQ", urgentIRQ: "IRQ"},
	"arm":   {"#PF": "DABT", fetching: "PABT", "#GP": "DABT", "#UD": "UND", "#BP": "PABT", "#DB": "PABT"},
}

const (
	fetching  = "#PF of a fetch"
	urgentIRQ = "NMI, without FIQs"
)

// leastRegisters of an exception: all general ones and the flags, without arm64's x18, which Go leaves alone.
var leastRegisters = map[string]int{"amd64": 17, "arm64": 32, "arm": 16}

// For is the class as a machine's architecture has it.
func (c *Crash) For(m Combination) *Crash {
	names, arch := exceptions[m.Arch()], *c
	arch.registers = leastRegisters[m.Arch()]
	if names == nil || c.Exception == "" {
		return &arch
	}
	name := c.Exception
	if c.Fetch {
		name = fetching
	}
	if t, err := TypeOf(m.Type); err == nil && t.NoFIQ && name == "NMI" {
		name = urgentIRQ
	}
	if names[name] == "" {
		return &arch
	}
	arch.Exception = names[name]
	if strings.HasPrefix(c.Cause, c.Exception+" ") {
		arch.Cause = names[name] + " "
	}
	return &arch
}
