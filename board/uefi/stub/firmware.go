//go:build tamago && (amd64 || arm64)

package stub

import "unsafe"

// call calls a function of the firmware, with at most five arguments (entry_*.s).
//
//go:noescape
func call(function, a, b, c, d, e uintptr) (status uintptr)

// Values of EFI_STATUS (appendix D).
const (
	success          = 0
	loadError        = 1<<63 | 1
	invalidParameter = 1<<63 | 2
)

// A guid names a protocol or a table (appendix A).
type guid struct {
	a    uint32
	b, c uint16
	d    [8]byte
}

var (
	loadedImageProtocol    = guid{0x5b1b31a1, 0x9562, 0x11d2, [8]byte{0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b}}
	fileSystemProtocol     = guid{0x964e5b22, 0x6459, 0x11d2, [8]byte{0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b}}
	graphicsOutputProtocol = guid{0x9042a9de, 0x23dc, 0x4a38, [8]byte{0x96, 0xfb, 0x7a, 0xde, 0xd0, 0x80, 0x51, 0x6a}}
	// consoleOutDevice marks a device of the console (EDK II, MdeModulePkg/Include/Guid/ConsoleOutDevice.h).
	consoleOutDevice = guid{0xd3b36f2c, 0xd551, 0x11d4, [8]byte{0x9a, 0x46, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d}}

	acpi20Table     = guid{0x8868e871, 0xe4f1, 0x11d3, [8]byte{0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81}}
	acpi10Table     = guid{0xeb9d2d30, 0x2d88, 0x11d3, [8]byte{0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d}}
	deviceTreeTable = guid{0xb1b621d5, 0xf19c, 0x41a5, [8]byte{0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0}}
)

type tableHeader struct {
	signature uint64
	revision  uint32
	size      uint32
	crc32     uint32
	_         uint32
}

// systemTable is EFI_SYSTEM_TABLE (4.3.1).
type systemTable struct {
	tableHeader
	vendor         *uint16
	revision       uint32
	_              uint32
	inHandle       uintptr
	in             uintptr
	outHandle      uintptr
	out            *textOutput
	errorHandle    uintptr
	error          *textOutput
	runtime        *runtimeServices
	boot           *bootServices
	configurations uintptr
	configuration  *configuration
}

// configuration is EFI_CONFIGURATION_TABLE (4.6).
type configuration struct {
	vendor guid
	table  uintptr
}

// bootServices is EFI_BOOT_SERVICES (4.4.1), as far as it is used.
type bootServices struct {
	tableHeader
	_                [2]uintptr
	allocatePages    uintptr
	freePages        uintptr
	getMemoryMap     uintptr
	_                [11]uintptr
	handleProtocol   uintptr
	_                [9]uintptr
	exitBootServices uintptr
	_                uintptr
	stall            uintptr
	setWatchdogTimer uintptr
	_                [6]uintptr
	locateBuffer     uintptr
}

// runtimeServices is EFI_RUNTIME_SERVICES (4.5.1), likewise.
type runtimeServices struct {
	tableHeader
	getTime     uintptr
	_           [9]uintptr
	resetSystem uintptr
}

// textOutput is EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL (12.4.1), likewise.
type textOutput struct {
	reset        uintptr
	outputString uintptr
}

// loadedImage is EFI_LOADED_IMAGE_PROTOCOL (9.1.1), likewise.
type loadedImage struct {
	revision    uint32
	_           uint32
	parent      uintptr
	system      uintptr
	device      uintptr
	path        *devicePath
	_           uintptr
	optionsSize uint32
	_           uint32
	options     *byte
}

// fileSystem is EFI_SIMPLE_FILE_SYSTEM_PROTOCOL (13.4.1).
type fileSystem struct {
	revision   uint64
	openVolume uintptr
}

// file is EFI_FILE_PROTOCOL (13.5.1), as far as it is used.
type file struct {
	revision uint64
	open     uintptr
	close    uintptr
	_        uintptr
	read     uintptr
	_        uintptr
	position uintptr // GetPosition
	seek     uintptr // SetPosition
}

// graphicsOutput is EFI_GRAPHICS_OUTPUT_PROTOCOL (12.9.2).
type graphicsOutput struct {
	_    [3]uintptr
	mode *graphicsMode
}

type graphicsMode struct {
	modes  uint32
	mode   uint32
	info   *graphicsInfo
	_      uintptr
	base   uint64
	length uintptr
}

type graphicsInfo struct {
	version          uint32
	width, height    uint32
	format           uint32
	red, green, blue uint32
	reserved         uint32
	stride           uint32
}

// address is where something lies, for the firmware.
func address[T any](p *T) uintptr { return uintptr(unsafe.Pointer(p)) }

// protocol returns the interface that a handle has for a protocol, nil for none.
func (s *bootServices) protocol(handle uintptr, which *guid) (p unsafe.Pointer) {
	if handle == 0 || call(s.handleProtocol, handle, address(which), address(&p), 0, 0) != success {
		return nil
	}
	return p
}
