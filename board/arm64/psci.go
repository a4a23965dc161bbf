//go:build tamago && arm64

package arm64

// Functions of the Power State Coordination Interface (Arm DEN 0022, 5.1): how firmware, or the emulator, is asked
// for what only it can do.
const (
	PSCISystemOff   = 0x8400_0008
	PSCISystemReset = 0x8400_0009
	PSCICPUOn       = 0xC400_0003
)

// A Conduit is the instruction that asks.
type Conduit int

// The conduits; without one nothing is asked.
const (
	NoConduit Conduit = iota
	HVC
	SMC
)

// PSCI calls a function, and returns what it returns: 0 for success, a negative number for an error, -1 (not supported)
// without a conduit.
func PSCI(c Conduit, function, a, b, d uint64) int64 {
	switch c {
	case HVC:
		return hypervisorCall(function, a, b, d)
	case SMC:
		return monitorCall(function, a, b, d)
	}
	return -1
}

// psci_arm64.s
func hypervisorCall(function, a, b, c uint64) int64
func monitorCall(function, a, b, c uint64) int64
