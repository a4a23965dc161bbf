// Package arm is what the boards with a 32-bit ARM processor (ARMv7-A, Cortex-A7) share: from
// the first instruction to what package machine asks of a processor. It is empty for other
// architectures. Sources: the ARM Architecture Reference Manual ARMv7-A and ARMv7-R edition
// (ARM DDI 0406C), the Cortex-A7 MPCore Technical Reference Manual (DDI 0464), the GIC
// architecture specification, version 2.0 (IHI 0048B).
package arm
