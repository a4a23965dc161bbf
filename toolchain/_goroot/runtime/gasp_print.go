package runtime

import "unsafe"

// gaspLine gathers what the runtime prints while the program dies, piece by
// piece, so that the kernel is entered once a line and not ten times.
var gaspLine struct {
	text [512]byte
	n    int32
}

// gaspPrint takes the place of write for what the runtime prints itself.
//
//go:nosplit
//go:nowritebarrierrec
func gaspPrint(fd uintptr, p unsafe.Pointer, n int32) int32 {
	if !gaspDead || fd != 2 {
		return write1(fd, p, n)
	}
	l := &gaspLine
	for done := int32(0); done < n; {
		if l.n == int32(len(l.text)) {
			gaspPrintFlush()
		}
		size := min(n-done, int32(len(l.text))-l.n)
		memmove(add(unsafe.Pointer(&l.text), uintptr(l.n)), add(p, uintptr(done)), uintptr(size))
		l.n += size
		done += size
	}
	if l.n > 0 && l.text[l.n-1] == '\n' {
		gaspPrintFlush()
	}
	return n
}

//go:nosplit
//go:nowritebarrierrec
func gaspPrintFlush() {
	if n := gaspLine.n; n > 0 {
		gaspLine.n = 0
		write1(2, unsafe.Pointer(&gaspLine.text), n)
	}
}
