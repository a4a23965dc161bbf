//go:build tamago && amd64

package x86

import (
	"strconv"

	"gasp/board/acpi"
	"gasp/board/x86/processor"
	"gasp/netlog"
)

// Machine check registers (Intel SDM volume 3, 16.3).
const (
	msrMCGCap     = 0x179
	msrMCGControl = 0x17b
	msrMC0        = 0x400 // a bank has four: control, status, address, miscellaneous

	mcgBanks   = 0xff
	mcgControl = 1 << 8 // there is such a register
	mcValid    = 1 << 63

	maxBanks = 32

	cpuidMCE = 1 << 7 // of leaf 1, EDX
	cpuidMCA = 1 << 14
)

// machineChecks are the processors' that were there at the start, of what was before a warm reset. A bank that several of them
// share is told of once.
var machineChecks [acpi.MaxCPUs][maxBanks]uint64

func banks() uint32 {
	if _, _, _, d := cpuid(1, 0); d&cpuidMCE == 0 || d&cpuidMCA == 0 {
		return 0
	}
	return min(uint32(readMSR(msrMCGCap)&mcgBanks), maxBanks)
}

// startMachineChecks has the processor that it runs on report all errors that it can: after a
// reset none is (16.8).
func startMachineChecks(cpu uint64) {
	n := banks()
	if n > 0 && readMSR(msrMCGCap)&mcgControl != 0 {
		writeMSR(msrMCGControl, ^uint64(0))
	}
	keeps := processorModel().FirmwareHasBank0()
	for i := range n {
		bank := msrMC0 + 4*i
		if status := readMSR(bank + 1); status&mcValid != 0 {
			machineChecks[cpu%acpi.MaxCPUs][i] = status
		}
		writeMSR(bank+1, 0)
		if i > 0 || !keeps {
			writeMSR(bank, ^uint64(0))
		}
	}
}

// reportMachineChecks says what was found.
func reportMachineChecks() {
	for cpu := range machineChecks {
		for i, status := range machineChecks[cpu] {
			if status != 0 {
				netlog.Default().Log(netlog.Warning, "machine check from before the start: cpu "+strconv.Itoa(cpu)+", bank "+strconv.Itoa(i)+", status 0x"+strconv.FormatUint(status, 16))
			}
		}
	}
}

// processorModel is that of the processor that it runs on.
func processorModel() processor.Model {
	_, b, c, d := cpuid(0, 0)
	signature, _, _, _ := cpuid(1, 0)
	return processor.Identify(b, c, d, signature)
}
