//go:build tamago

package machine

import (
	"unsafe"

	"gasp/board/bootparam"
)

// MaxCommandLine is how many bytes of the loader's command line count.
const MaxCommandLine = 4095

// defaultCmdline is the command line of a machine whose loader gave none. The
// linker sets it (mkimage -cmdline).
var defaultCmdline string

// commandLine is the kernel command line. The runtime's kernel asks for it before anything
// else is set up.
//
//go:nosplit
//go:linkname commandLine runtime/goos.CommandLine
func commandLine() string {
	if given := loaderCommandLine(); given != "" {
		return given
	}
	return defaultCmdline
}

// baked tells whether a command line is not the loader's.
func baked(line string) bool {
	return unsafe.StringData(line) == unsafe.StringData(defaultCmdline)
}

// CommandLine is the command line that the machine was started with, without the device key.
func CommandLine() bootparam.Line { return cmdline }

// MaxCPUs is how many processors are used at the most.
const MaxCPUs = 16

// WantedCPUs is how many maxcpus= and nosmp leave (Linux
// Documentation/admin-guide/kernel-parameters.txt). It may be called before the runtime is set up.
func WantedCPUs() int { return min(bootparam.Split(commandLine()).MaxCPUs(), MaxCPUs) }

// MemoryLimit is what mem= leaves of RAM, in bytes. It may be called before the runtime is set up.
func MemoryLimit() (n uint64, ok bool) { return bootparam.MemoryLimit(commandLine()) }

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
