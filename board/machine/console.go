//go:build tamago

package machine

import (
	"unsafe"

	"gasp/netlog"
)

// printk is the serial line for what comes before or outside the logger, and
// with TamaGo's toolchain the way of everything printed.
//
//go:linkname printk runtime/goos.Printk
func printk(c byte) {
	overhear(c)
	b := [1]byte{c}
	write(unsafe.Pointer(&b), 1)
}

// write takes what is written to standard output and standard error.
//
//go:linkname write runtime/goos.Write
func write(p unsafe.Pointer, n uintptr) {
	text := unsafe.Slice((*byte)(p), int(n))
	if !started {
		writeSerial(text) // the logger has no clock and no console yet
		return
	}
	if demander != 0 && demander == uint32(thisCPU())+1 {
		netlog.Default().ReportConsole(text)
		return
	}
	netlog.Default().Console(text)
}

// started means that the logger works.
var started bool

// SerialLines puts text on a serial line, a character at a time: a terminal there wants a carriage
// return before each line's end.
func SerialLines(text []byte, put func(byte)) {
	for _, c := range text {
		if c == '\n' {
			put('\r')
		}
		put(c)
	}
}
