//go:build tamago && arm64

package arm64

import "gasp/board/gic"

// How ordinary interrupts are masked while urgent ones are to come in. Where urgent ones are FIQs, by PSTATE.I. Else, as soon as MaskByPriority says
// so, by the interrupt controller's priority mask: then the kernel under the runtime runs with PSTATE.I clear and ordinary ones masked, and what
// comes in there as IRQ is urgent. The kernel's entries and exits find what they need in masking_arm64.s.

const (
	urgentOnly = gic.UrgentOnly
	anyOne     = gic.Any
)

// masking is 0 as long as it is PSTATE.I, bySystem where the mask is ICC_PMR_EL1, else the address of the controller's interface.
var masking uint64

const bySystem = 1

// MaskByPriority has ordinary interrupts masked by priority from now on. at is the address of the interface of a controller of version 2, 0 for a later one.
// It runs on the first processor, outside the kernel, with no interrupt masked.
func MaskByPriority(at uint64) { masking = max(at, bySystem) }

// AdmitUrgent lets urgent interrupts come to a further processor, in the kernel.
func AdmitUrgent()

// MaskInterrupts keeps ordinary interrupts out until UnmaskInterrupts, or until the goroutine is on another processor.
func MaskInterrupts()

// UnmaskInterrupts lets them in.
func UnmaskInterrupts()

// MaskAll keeps urgent interrupts out as well. RestoreMasks takes what it returns.
//
//go:nosplit
func MaskAll() (masks uint64) { return maskAll() }

// RestoreMasks ends it.
func RestoreMasks(masks uint64)

// Taken is the number of the urgent interrupt that came last as IRQ, where masks are by priority: it is acknowledged, and ended.
func Taken() uint32
