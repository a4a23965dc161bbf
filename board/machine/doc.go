// Package machine is what all boards share, whatever their processor: from the command
// line to a logger that waits for a network device, and to the end of the machine. It
// makes most of TamaGo's interface to the runtime (runtime/goos) out of the functions
// of cpu.go, which the package of the processor (board/x86 and its likes) defines.
//
// In a program for the host, where it may be compiled for tests, it does nothing.
package machine
