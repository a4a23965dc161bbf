//go:build tamago && arm

package arm

// The processor has two worlds (ARM ARM ARMv7-A, B1.5). Our loaders start the image in the secure one, where FIQs, group 0 of the
// interrupts, are its own. Behind OP-TEE, or another monitor, it is in the non-secure one. SCR, which has the bit, traps
// there, but the controller's view tells: IGROUPR reads as zero and ignores writes (IHI 0048B, 4.3.4).
//
// What differs there: all interrupts are IRQs, the physical timer is another (B8.1.1: its registers are banked), and CNTFRQ cannot be
// written (B4.1.21).

var world struct{ nonSecure bool }

// NonSecure tells whether the image runs in the non-secure world, once FindGIC has been called.
func NonSecure() bool { return world.nonSecure }

// The private interrupts of the physical timers (Cortex-A7 MPCore TRM, table 8-1).
const (
	secureTimerIRQ    = 29
	nonSecureTimerIRQ = 30
)

// timerIRQ is that of the timer that CNTP's registers are of.
func timerIRQ() uint32 {
	if world.nonSecure {
		return nonSecureTimerIRQ
	}
	return secureTimerIRQ
}
