//go:build tamago && amd64

package x86

import _ "unsafe" // go:linkname

// Instructions that Go has no words for (cpu_amd64.s).

func in8(port uint16) uint8
func in16(port uint16) uint16
func in32(port uint16) uint32
func out8(port uint16, v uint8)
func out16(port uint16, v uint16)
func out32(port uint16, v uint32)

// tsc is the time stamp counter.
func tsc() uint64

//go:linkname counter gasp/board/machine.counter
func counter() uint64 { return tsc() }

// Relax lets about a microsecond pass, in few instructions, for who waits for another processor or a device.
func Relax()

// relax is one thirty-second of that.
func relax()

// wait lets an interrupt in and returns after one.
func wait()

//go:linkname waitForInterrupt gasp/board/machine.wait
func waitForInterrupt() { wait() }

// stop halts the CPU for good.
func stop()

// writeBack writes the caches to memory.
func writeBack()

// tripleFault resets the processor, and with it the machine.
func tripleFault()

// ports is a window of I/O ports as a reg.Space.
type ports struct {
	base, size uint16
}

func (p *ports) Read8(off uint32) uint8 {
	if off >= uint32(p.size) {
		return ^uint8(0)
	}
	return in8(p.base + uint16(off))
}

func (p *ports) Read16(off uint32) uint16 {
	if off+1 >= uint32(p.size) {
		return ^uint16(0)
	}
	return in16(p.base + uint16(off))
}

func (p *ports) Read32(off uint32) uint32 {
	if off+3 >= uint32(p.size) {
		return ^uint32(0)
	}
	return in32(p.base + uint16(off))
}

func (p *ports) Write8(off uint32, v uint8) {
	if off < uint32(p.size) {
		out8(p.base+uint16(off), v)
	}
}

func (p *ports) Write16(off uint32, v uint16) {
	if off+1 < uint32(p.size) {
		out16(p.base+uint16(off), v)
	}
}

func (p *ports) Write32(off uint32, v uint32) {
	if off+3 < uint32(p.size) {
		out32(p.base+uint16(off), v)
	}
}
