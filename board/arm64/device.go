//go:build tamago && arm64

package arm64

// Instructions that Go has no words for (device_arm64.s).

// Affinity is MPIDR_EL1: which processor it runs on.
//
//go:nosplit
func Affinity() uint64 { return readAffinity() }

// Relax lets about a microsecond pass, in few instructions, for who waits for another processor or a device.
func Relax()

// A StartBlock is what a further processor finds at SecondaryPC, by its address: where to go on, and with what in R0.
type StartBlock struct{ Entry, Arg uint64 }

// SecondaryPC is the physical address where a further processor starts, with the address of its StartBlock in R0.
func SecondaryPC() uint64 {
	others = true
	return Physical(secondaryPC())
}

// others means that there are other processors, or soon will be.
var others bool

func secondaryPC() uintptr // boot_arm64.s

// Alarm asks for an interrupt at the given time, as package machine does.
func Alarm(at int64) { alarm(at) }

// WaitForInterrupt returns when one is pending, masked or not.
func WaitForInterrupt() { waitForInterrupt() }

// ArmPhysicalTimer makes the processor's physical timer (Arm ARM, D11.2.4) run out after ns.
func ArmPhysicalTimer(ns uint64) {
	armPhysical(ns * clock.hz / nsPerSecond)
}

// StopPhysicalTimer ends that.
func StopPhysicalTimer()

// HasRNDR tells whether the processor makes random numbers (FEAT_RNG: ID_AA64ISAR0_EL1).
func HasRNDR() bool

// RNDR is a random number of the processor's; ok is false if it has none at the moment.
func RNDR() (v uint64, ok bool)

// WriteBack writes memory that the caches hold to memory.
func WriteBack(b []byte) {
	if len(b) > 0 {
		clean(&b[0], uint64(len(b)))
	}
}

func readAffinity() uint64
func armPhysical(ticks uint64)

//go:noescape
func clean(p *byte, n uint64)
