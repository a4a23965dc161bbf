package toolchain

import (
	"fmt"
	"slices"
	"strings"
)

// A substitution replaces text in one file of GOROOT/src. It must occur exactly
// n times, or this is not the Go that the kernel was written for.
type substitution struct {
	file     string
	old, new string
	n        int
}

// On amd64 SYSCALL puts the return address into CX; so does the LEAQ 5(IP), CX that
// takes its place, before a jump of five bytes. Neither uses the stack.
const (
	syscallInstruction = "\tSYSCALL\n"
	syscallJump        = "\tBYTE $0x48; BYTE $0x8d; BYTE $0x0d; LONG $5\n\tJMP\truntime·gaspSyscall(SB)\n"
)

var amd64Substitutions = []substitution{
	{"runtime/sys_linux_amd64.s", syscallInstruction, syscallJump, 40},
	{"runtime/time_linux_amd64.s", syscallInstruction, syscallJump, 2},
	{"internal/runtime/syscall/linux/asm_linux_amd64.s", syscallInstruction, syscallJump, 1},
	{"syscall/asm_linux_amd64.s", syscallInstruction, syscallJump, 3},
}

// On 32-bit ARM an SWI is an exception like others: nothing takes its place. The heap gets no
// large piece of the address space ahead: that would be RAM which nothing else could have.
var armSubstitutions = []substitution{
	{"runtime/malloc.go", "\t\t\t512 << 20,\n\t\t\t256 << 20,\n\t\t\t128 << 20,\n", "", 1},
	noVDSOPage,
}

// What reads the clock does not use g's register for anything else.
var noVDSOPage = substitution{"runtime/vdso_linux.go", "func inVDSOPage(pc uintptr) bool {\n", "func inVDSOPage(pc uintptr) bool {\n\treturn false\n", 1}

// On arm64 a system call traps: no instruction is replaced.
var arm64Substitutions = []substitution{noVDSOPage}

// substitutions is what every image needs, whatever its architecture.
var substitutions = slices.Concat(runtimeSubstitutions, netSubstitutions, detourSubstitutions())

var runtimeSubstitutions = []substitution{
	// The heap lies in RAM at its own address: small address space, small arenas,
	// no random hole in it.
	{"runtime/malloc.go", "(1-goos.IsIos*goarch.IsArm64))*48 +", "(1-goos.IsIos*goarch.IsArm64))*40 +", 1},
	{"runtime/malloc.go", "logHeapArenaBytes = (6+20)*(", "logHeapArenaBytes = (2+20)*(", 1},
	{"runtime/malloc.go", "randomizeHeapBase = goexperiment.RandomizedHeapBase64 &&", "randomizeHeapBase = false && goexperiment.RandomizedHeapBase64 &&", 1},
	{"runtime/malloc.go", "arenaBaseOffset = 0xffff800000000000*goarch.IsAmd64 +", "arenaBaseOffset = 0x0*goarch.IsAmd64 +", 1},
	// The heap's RAM holds what it held: neither fresh memory nor what madvise was
	// told of is zero. The heap clears what it hands out.
	{"runtime/mem_linux.go", "func sysMapOS(v unsafe.Pointer, n uintptr, vmaName string) {\n",
		"func sysMapOS(v unsafe.Pointer, n uintptr, vmaName string) {\n\tif vmaName == \"heap\" {\n\t\treturn\n\t}\n", 1},
	{"runtime/mheap.go", "func (h *mheap) allocNeedsZero(base, npage uintptr) (needZero bool) {\n",
		"func (h *mheap) allocNeedsZero(base, npage uintptr) (needZero bool) {\n\treturn true\n", 1},
	{"runtime/mem_linux.go", "return debug.madvdontneed == 0", "return true", 1},
	// What is garbage is no reason to be out of memory.
	{"runtime/malloc.go", "func mallocgcLarge(size uintptr, typ *_type, needzero bool) (unsafe.Pointer, uintptr) {\n",
		"func mallocgcLarge(size uintptr, typ *_type, needzero bool) (unsafe.Pointer, uintptr) {\n\tgaspMakeRoom(size)\n", 1},
	// A thread's system stacks have a guard page.
	{"runtime/proc.go", "mp.g0 = malg(16384 * sys.StackGuardMultiplier)", "mp.g0 = gaspMalg()", 1},
	{"runtime/os_linux.go", "mp.gsignal = malg(32 * 1024)", "mp.gsignal = gaspMalg()", 1},
	{"runtime/proc.go", "stackfree(mp.gsignal.stack)", "gaspStackFree(mp.gsignal.stack)", 1},
	{"runtime/proc.go", "stackfree(freem.g0.stack)", "gaspStackFree(freem.g0.stack)", 1},

	// The board starts once memory can be allocated.
	{"runtime/os_linux.go", "func goenvs() {\n", "func goenvs() {\n\tgaspStart1()\n", 1},
	{"runtime/proc.go", "\t\tdoInit(m.inittasks)\n", "\t\tdoInit(gaspBoardFirst(m.inittasks))\n", 1},
	// A program that is about to say why it dies tells the kernel.
	{"runtime/panic.go", "func throw(s string) {\n", "func throw(s string) {\n\tgaspDying(gaspByThrow, s)\n", 1},
	{"runtime/panic.go", "func fatal(s string) {\n", "func fatal(s string) {\n\tgaspDying(gaspByFatal, s)\n", 1},
	{"runtime/panic.go", "\t\tgp.m.dying = 1\n", "\t\tgp.m.dying = 1\n\t\tgaspDyingPanic()\n", 1},
}

// A MismatchError is text that is not in GOROOT as expected.
type MismatchError struct {
	Version string // Go's
	File    string // its path
	Text    string // what was looked for
	Want    int    // how often it was expected
	Got     int    // how often it was found
}

// Error names file, text and the version that fits.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("%s does not fit: %s: expected %d times %q, found %d; this release builds images with %s (tested) and other %s.x whose runtime is the same: set GOTOOLCHAIN=%s",
		e.Version, e.File, e.Want, strings.TrimSpace(e.Text), e.Got, GoVersion, goSeries, GoVersion)
}

// apply replaces in text, the contents of the file at path.
func (s *substitution) apply(version, path, text string) (string, error) {
	if n := strings.Count(text, s.old); n != s.n {
		return "", &MismatchError{Version: version, File: path, Text: s.old, Want: s.n, Got: n}
	}
	return strings.ReplaceAll(text, s.old, s.new), nil
}
