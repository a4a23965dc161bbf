//go:build tamago && amd64

package x86

import (
	"encoding/binary"
	"unsafe"

	"gasp/board/acpi"
	"gasp/board/machine"
	"gasp/board/x86/instep"
)

// The further processors. Each starts in real mode at a page below 1 MiB, at
// interrupts that the first one sends (Intel SDM volume 3, 9.4.4 and 11.6.1).
var cpus struct {
	ids    [acpi.MaxCPUs]uint32 // local APIC ids as the tables have them, this processor's first
	n      int
	online [acpi.MaxCPUs]uint32 // those of the kernel's numbers
	up     int                  // how many of them run
}

const (
	// usualStart is RAM where a BIOS has loaded a boot sector, if anything. Where that is not
	// free, another page below lowMemory is.
	usualStart = 0x8000
	lowMemory  = 0xa0000

	startSettings = 0x100 // from the page on
	startTable    = 0x20
	startBase     = 0x42 // of the table, in what LGDT takes

	kickVector = timerVector + 1

	noAPIC = 0xff // the id of none, outside x2APIC mode

	icrInit    = 5 << 8
	icrStartUp = 6 << 8
	icrPending = 1 << 12
	maxPending = 1_000_000 // reads

	initPause    = 10_000_000    // ns, as the manual has it
	startUpPause = 200_000       // ns
	startUpWait  = 2_000_000_000 // ns for a processor to come up; an emulator may be late
)

// startCode is what lies in the start page, in real mode: it leaves the page's address in EBX, loads the descriptor table
// behind it, switches to protected mode and jumps to what startSettings names.
var startCode = [...]byte{
	0xfa,       // CLI
	0xfc,       // CLD
	0x8c, 0xc8, // MOV AX, CS
	0x8e, 0xd8, // MOV DS, AX
	0x0f, 0x01, 0x16, 0x40, 0x00, // LGDT [0x40]
	0x66, 0x0f, 0xb7, 0xd8, // MOVZX EBX, AX
	0x66, 0xc1, 0xe3, 0x04, // SHL EBX, 4
	0x0f, 0x20, 0xc0, // MOV EAX, CR0
	0x0c, 0x01, // OR AL, PE
	0x0f, 0x22, 0xc0, // MOV CR0, EAX
	0x66, 0xff, 0x2e, 0x00, 0x01, // JMP FAR [0x100]
	// 0x20: none, 64-bit code, data, 32-bit code
	0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0x9b, 0x20, 0,
	0xff, 0xff, 0, 0, 0, 0x93, 0xcf, 0,
	0xff, 0xff, 0, 0, 0, 0x9b, 0xcf, 0,
	// 0x40: limit and base
	0x1f, 0x00, 0, 0, 0, 0,
}

// cpuSettings is what lies at startSettings (cpus_amd64.s).
type cpuSettings struct {
	start32, selector   uint32
	cr3, cr4, efer, cr0 uint64
	entry, arg          uint64
	start64             uint64
}

// cpus_amd64.s
func ownSettings(s *cpuSettings)

// countCPUs finds the processors that maxcpus= and nosmp leave.
//
//go:linkname countCPUs runtime/goos.CPUs
func countCPUs() uint64 {
	findAPIC()
	var found [acpi.MaxCPUs]uint32
	there := acpi.LocalAPICs(at, rootPointer(), found[:])
	own := apic.id()
	cpus.ids[0], cpus.online[0], cpus.n, cpus.up = own, own, 1, 1
	most := machine.WantedCPUs()
	for _, id := range found[:min(there, len(found))] {
		if id != own && (apic.x2 || id < noAPIC) && cpus.n < min(most, len(cpus.ids)) {
			cpus.ids[cpus.n] = id
			cpus.n++
		}
	}
	if there > len(found) && most == len(cpus.ids) {
		machine.Problem("the machine has more processors than are used")
	}
	return uint64(cpus.n)
}

// startPage is a page of RAM that a processor in real mode reaches and nobody else uses, 0
// if there is none.
func startPage() uint64 {
	found, ok := loaderRAM()
	removeLoaded(&found)
	if !ok || found.Has(usualStart, usualStart+pageSize) {
		return usualStart
	}
	for _, r := range found.Ranges() {
		if start := max(r.Start, pageSize); start+pageSize <= min(r.End, lowMemory) {
			return start
		}
	}
	return 0
}

// startCPU starts processor i of those that countCPUs found.
//
//go:linkname startCPU runtime/goos.StartCPU
func startCPU(i uint64, entry, arg uintptr, up *uint32) bool {
	start := startPage()
	page := at(start, pageSize)
	if i >= uint64(cpus.n) || page == nil {
		return false
	}
	copy(page, startCode[:])
	binary.LittleEndian.PutUint32(page[startBase:], uint32(start)+startTable)
	const code32 = 0x18
	s := (*cpuSettings)(unsafe.Pointer(&page[startSettings]))
	ownSettings(s)
	s.selector, s.entry, s.arg = code32, uint64(entry), uint64(arg)

	id := cpus.ids[i]
	cpus.online[cpus.up] = id
	meeting = instep.Meeting{}
	apic.send(id, icrInit|icrAssert)
	machine.Pause(initPause)
	for range 2 {
		apic.send(id, icrStartUp|icrAssert|uint32(start/pageSize))
		machine.Pause(startUpPause)
	}
	if meet(up, nanotime()+startUpWait) {
		cpus.up++
		return true
	}
	// Late or broken: it must not find the next one's settings, nor be admitted.
	apic.send(id, icrInit|icrAssert)
	machine.Pause(initPause)
	return false
}

// cpuUp sets up the local APIC of the processor that it runs on, and protects its
// descriptor table.
//
//go:linkname cpuUp runtime/goos.CPUUp
func cpuUp(cpu uint64) {
	meeting.Answer(tscInPlace, setTSCBack, relax)
	joinAPIC()
	setPAT()
	keepTimer()
	startMachineChecks(cpu)
	enableAPIC()
	gdt := loadedGDT()
	setAccessed(gdt)
	protectDescriptors(gdt)
	rememberWakeUp(cpu)
}

// thisCPU is the kernel's number of the processor that it runs on.
//
//go:nosplit
//go:linkname thisCPU gasp/board/machine.thisCPU
func thisCPU() int {
	if cpus.up > 1 {
		own := apic.id()
		for i, id := range cpus.online[:min(cpus.up, acpi.MaxCPUs)] {
			if id == own {
				return i
			}
		}
	}
	return 0
}

// kick interrupts a processor.
//
//go:linkname kick runtime/goos.Kick
func kick(cpu uint64) { apic.send(cpus.online[cpu%acpi.MaxCPUs], icrAssert|kickVector) }

// stopCPU sends a processor a non-maskable interrupt.
//
//go:linkname stopCPU runtime/goos.Stop
func stopCPU(cpu uint64) { apic.send(cpus.online[cpu%acpi.MaxCPUs], icrAssert|deliverNMI) }
