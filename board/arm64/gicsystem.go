//go:build tamago && arm64

package arm64

// GICSystem are the registers of this processor's interface to an interrupt controller of version 3 (package gic).
type GICSystem struct{}

// Open enables the registers and all priorities, of group 1 and, if fiq says so, of group 0.
func (GICSystem) Open(fiq bool) {
	openGIC()
	if fiq {
		admitGroup0()
	}
}

// TakesFIQ tells whether FIQs come to this exception level.
func (GICSystem) TakesFIQ() bool { return takesFIQ() }

// Mask sets the priority mask.
func (GICSystem) Mask(priority uint32) { setMask(priority) }

// Acknowledge takes an interrupt of a group.
func (GICSystem) Acknowledge(group uint32) uint32 {
	if group == 0 {
		return acknowledge0()
	}
	return acknowledge1()
}

// End ends the handling of one.
func (GICSystem) End(group, id uint32) {
	if group == 0 {
		end0(id)
	} else {
		end1(id)
	}
}

// Forget ends the handling of all.
func (GICSystem) Forget(fiq bool) {
	forget1()
	if fiq {
		forget0()
	}
}

// Send interrupts other processors.
func (GICSystem) Send(group uint32, v uint64) {
	if group == 0 {
		send0(v)
	} else {
		send1(v)
	}
}

// gicsystem_arm64.s
func openGIC()
func takesFIQ() bool
func setMask(priority uint32)
func admitGroup0()
func acknowledge0() uint32
func acknowledge1() uint32
func end0(id uint32)
func end1(id uint32)
func forget0()
func forget1()
func send0(v uint64)
func send1(v uint64)
