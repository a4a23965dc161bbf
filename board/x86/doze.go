//go:build tamago && amd64

package x86

import (
	"encoding/binary"
	_ "unsafe" // go:linkname

	"gasp/board/acpi"
	_ "gasp/board/machine"
)

// A dead machine that stays sleeps between two looks at the network. What wakes
// it may be what died: it is checked before.

const (
	apicTPR = 0x080 // task priority
	apicPPR = 0x0a0 // processor priority: of what is being handled
	apicIRR = 0x200 // requested, 32 vectors a register

	// All interrupts that can be in service at once.
	maxInService = 256
	// The timer's first interrupt takes a microsecond; an emulator on a busy
	// machine is late.
	timerWait = 100_000_000 // ns
)

// wakeUps is what an interrupt of the timer needs, as it was when all was well, for
// each processor.
var wakeUps [acpi.MaxCPUs]struct {
	gdt, idt descriptorTable
	gate     [2]uint64
	code     uint64
}

// rememberWakeUp is called on a processor once its tables are loaded.
func rememberWakeUp(cpu uint64) {
	w := &wakeUps[cpu%acpi.MaxCPUs]
	w.gdt, w.idt = loadedGDT(), loadedIDT()
	w.gate, w.code = wakeUpDescriptors(w.gdt, w.idt)
}

// wakeUpDescriptors reads the timer's gate and the segment that it leads to.
func wakeUpDescriptors(gdt, idt descriptorTable) (gate [2]uint64, code uint64) {
	const gateSize, selector = 16, 0x08
	le := binary.LittleEndian
	if b := at(idt.base+timerVector*gateSize, gateSize); b != nil {
		gate = [2]uint64{le.Uint64(b), le.Uint64(b[8:])}
	}
	if b := at(gdt.base+selector, 8); b != nil {
		code = le.Uint64(b)
	}
	return gate, code
}

// canDoze tells whether the timer can wake the processor. Interrupts are off;
// whichever was being handled is taken for done.
//
//go:linkname canDoze gasp/board/machine.canDoze
func canDoze() bool {
	gdt, idt := loadedGDT(), loadedIDT()
	w := &wakeUps[0]
	for i := range wakeUps {
		if wakeUps[i].gdt == gdt {
			w = &wakeUps[i]
		}
	}
	if w.idt.base == 0 || gdt != w.gdt || idt != w.idt {
		return false
	}
	if gate, code := wakeUpDescriptors(gdt, idt); gate != w.gate || code != w.code {
		return false
	}
	nicLines.MaskAll() // whatever their devices do now
	apic.Write32(apicTPR, 0)
	for n := 0; apic.Read32(apicPPR)&0xf0 != 0; n++ {
		if n == maxInService {
			return false
		}
		apic.Write32(apicEOI, 0)
	}
	apic.Write32(apicSVR, svrEnable|svrSpurious)
	apic.Write32(apicDivide, divideBy1)
	alarm(0)
	for end := nanotime() + timerWait; nanotime() < end; {
		if apic.Read32(apicIRR+timerVector/32*0x10)&(1<<(timerVector%32)) != 0 {
			return true
		}
	}
	return false
}

// doze sleeps until the given time, machine.PollInterval at the most.
//
//go:linkname doze gasp/board/machine.doze
func doze(until int64) {
	alarm(until)
	wait()
	apic.Write32(apicEOI, 0)
}
