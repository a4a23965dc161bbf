//go:build tamago

package x86

import "unsafe"

// defaultCmdline is the command line of a machine whose loader gave none. The
// linker sets it (mkimage -cmdline).
var defaultCmdline string

const startMagic = 0x336ec578 // of start_info, where cpuinit has copied it

// commandLine is the kernel command line, at most maxCmdline-1 bytes. The runtime's
// kernel asks for it before anything else is set up.
//
//go:nosplit
//go:linkname commandLine runtime/goos.CommandLine
func commandLine() string {
	copied, info := uintptr(cmdlineCopy), uintptr(startInfoCopy)
	if *(*uint32)(*(*unsafe.Pointer)(unsafe.Pointer(&info))) != startMagic {
		return defaultCmdline
	}
	text := (*[maxCmdline]byte)(*(*unsafe.Pointer)(unsafe.Pointer(&copied)))
	n := 0
	for n < len(text) && text[n] != 0 {
		n++
	}
	if n == 0 {
		return defaultCmdline
	}
	return unsafe.String(&text[0], n)
}

// defaultHostname is the machine's name without hostname=.
const defaultHostname = "gasp"

// hostname is the machine's name, from hostname= (Linux
// Documentation/admin-guide/kernel-parameters.txt).
//
//go:linkname hostname runtime/goos.Hostname
func hostname() string {
	if settings.Hostname != "" {
		return settings.Hostname
	}
	return defaultHostname
}
