package runtime

import "unsafe"

// The board's side of package runtime/goos.

//go:linkname goosRamStart runtime/goos.RamStart
var goosRamStart uint

//go:linkname goosRamSize runtime/goos.RamSize
var goosRamSize uint

//go:linkname goosRamApart runtime/goos.RamApart
var goosRamApart bool

//go:linkname goosExit runtime/goos.Exit
var goosExit func(int32)

//go:linkname goosHwinit0 runtime/goos.Hwinit0
func goosHwinit0()

//go:linkname goosHwinit1 runtime/goos.Hwinit1
func goosHwinit1()

//go:noescape
//go:linkname goosEntropy runtime/goos.Entropy
func goosEntropy(b []byte) bool

//go:nosplit
//go:linkname goosCommandLine runtime/goos.CommandLine
func goosCommandLine() string

//go:linkname goosHostname runtime/goos.Hostname
func goosHostname() string

//go:linkname goosArchive runtime/goos.Archive
func goosArchive(i int) (p *byte, n uintptr)

//go:linkname goosArchiveDamage runtime/goos.ArchiveDamage
func goosArchiveDamage(i int, what string)

//go:linkname goosPrintk runtime/goos.Printk
func goosPrintk(c byte)

//go:linkname goosWrite runtime/goos.Write
func goosWrite(p unsafe.Pointer, n uintptr)

//go:linkname goosAlarm runtime/goos.Alarm
func goosAlarm(cpu uint64, at int64)

//go:linkname goosInterrupt runtime/goos.Interrupt
func goosInterrupt(cpu, vector uint64) (kick bool)

//go:linkname goosWoken runtime/goos.Woken
func goosWoken() bool

//go:linkname goosSigns runtime/goos.Signs
func goosSigns(cpu uint64) uint32

//go:linkname goosSleep runtime/goos.Sleep
func goosSleep(cpu uint64, until int64)

//go:linkname goosCPUs runtime/goos.CPUs
func goosCPUs() uint64

//go:linkname goosStartCPU runtime/goos.StartCPU
func goosStartCPU(cpu uint64, entry, arg uintptr, up *uint32) bool

//go:linkname goosCPUUp runtime/goos.CPUUp
func goosCPUUp(cpu uint64)

//go:linkname goosKick runtime/goos.Kick
func goosKick(cpu uint64)

//go:linkname goosStop runtime/goos.Stop
func goosStop(cpu uint64)

//go:linkname goosDying runtime/goos.Dying
func goosDying(death unsafe.Pointer)

//go:linkname goosNMI runtime/goos.NMI
func goosNMI() uint64

//go:linkname goosWatchdog runtime/goos.Watchdog
func goosWatchdog() int64

//go:linkname goosMemory runtime/goos.Memory
func goosMemory(i int) (start, size uint64)

//go:linkname goosGuard runtime/goos.Guard
func goosGuard(page uintptr)

// What TamaGo's packages expect of a runtime beyond goos (v1.26.0).

// MemRegion returns the RAM that the image may use.
func MemRegion() (start, end gaspAddress) {
	return gaspAddress(goosRamStart), gaspAddress(goosRamStart) + gaspAddress(goosRamSize)
}

// TextRegion returns where the code lies.
func TextRegion() (start, end gaspAddress) {
	return gaspAddress(firstmoduledata.text), gaspAddress(firstmoduledata.etext)
}

// GetG returns the current goroutine and its thread.
func GetG() (gp, mp uint) {
	g := getg()
	return uint(uintptr(unsafe.Pointer(g))), uint(uintptr(unsafe.Pointer(g.m)))
}

// Asleep tells whether a goroutine of GetG waits.
func Asleep(gp uint) bool {
	p := uintptr(gp)
	return readgstatus(*(**g)(unsafe.Pointer(&p)))&^_Gscan == _Gwaiting
}

// CPU names the processor.
func CPU() string { return GOARCH }
