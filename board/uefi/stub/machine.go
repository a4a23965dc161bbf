//go:build tamago && (amd64 || arm64)

package stub

import (
	"encoding/binary"
	"unsafe"

	"gasp/board/uefi"
)

// findTables takes what the firmware's tables lead to.
func (t *systemTable) findTables(h *uefi.HandOver) {
	var acpi10 uint64
	for _, c := range unsafe.Slice(t.configuration, int(t.configurations)) {
		table := uint64(c.table)
		switch c.vendor {
		case acpi20Table:
			h.RSDP = table
		case acpi10Table:
			acpi10 = table
		case deviceTreeTable:
			h.DeviceTree, h.TreeSize = table, treeSize(table)
		}
	}
	if h.RSDP == 0 {
		h.RSDP = acpi10
	}
}

// treeSize is the size of a device tree in bytes (Devicetree Specification 0.4, 5.2),
// 0 if it is none.
func treeSize(at uint64) uint64 {
	const magic, header = 0xd00dfeed, 8
	b := unsafe.Slice((*byte)(pointer(at)), header)
	if binary.BigEndian.Uint32(b) != magic {
		return 0
	}
	return uint64(binary.BigEndian.Uint32(b[4:]))
}

// moveTree copies the device tree to where the board can read it before it knows what
// memory there is. A tree that finds no room there stays where it is.
func (p *placement) moveTree(t *systemTable, h *uefi.HandOver) {
	if h.TreeSize == 0 {
		return
	}
	if at := p.outside(t, loaderData, h.TreeSize, earlyLimit); at != 0 {
		copyTo(at, h.DeviceTree, h.TreeSize)
		h.DeviceTree = at
	}
}

// findReset notes where the runtime service is that resets the machine.
func (t *systemTable) findReset(h *uefi.HandOver) {
	if t.runtime != nil {
		h.ResetSystem = uint64(t.runtime.resetSystem)
	}
}

// findTime asks what time it is, and looks at the processor's counter.
func (t *systemTable) findTime(h *uefi.HandOver) {
	c := &h.Clock
	if t.runtime != nil && call(t.runtime.getTime, address(&c.Time), address(&c.Capabilities), 0, 0, 0) == success {
		c.Counter = counter()
	}
}

// counter is the processor's (entry_*.s).
func counter() uint64

const byProtocol = 2 // EFI_LOCATE_SEARCH_TYPE (7.3.15)

// findScreen takes the first screen that is memory and one of the firmware's console, or else the first that is memory: a second display
// adapter has a screen too, which nobody may be looking at (Linux drivers/firmware/efi/libstub/gop.c). The console itself may be one that
// only the firmware can draw on, and stands for several.
func (t *systemTable) findScreen(h *uefi.HandOver) {
	var n uintptr
	var handles *uintptr
	if call(t.boot.locateBuffer, byProtocol, address(&graphicsOutputProtocol), 0, address(&n), address(&handles)) != success {
		return
	}
	found := uefi.Framebuffer{}
	for _, handle := range unsafe.Slice(handles, int(n)) {
		g := (*graphicsOutput)(t.boot.protocol(handle, &graphicsOutputProtocol))
		if g == nil || g.mode == nil || g.mode.info == nil {
			continue
		}
		i := g.mode.info
		h.Screen = uefi.Framebuffer{
			Base: g.mode.base, Size: uint64(g.mode.length), Width: i.width, Height: i.height, Stride: i.stride,
			Format: uefi.PixelFormat(i.format), Red: i.red, Green: i.green, Blue: i.blue,
		}
		if _, ok := h.Framebuffer(); !ok {
			continue
		}
		var nothing uintptr // the marker has no interface
		if call(t.boot.handleProtocol, handle, address(&consoleOutDevice), address(&nothing), 0, 0) == success {
			return
		}
		if found.Base == 0 {
			found = h.Screen
		}
	}
	h.Screen = found
}

// findMemory takes the memory map, and returns the key that ExitBootServices wants.
func (t *systemTable) findMemory(h *uefi.HandOver) (key, status uintptr) {
	size, entry, version := uintptr(len(h.MemoryMap)), uintptr(0), uint32(0)
	status = call(t.boot.getMemoryMap, address(&size), address(&h.MemoryMap[0]), address(&key), address(&entry), address(&version))
	if status == success {
		h.MemoryMapSize, h.DescriptorSize, h.DescriptorVersion = uint32(size), uint32(entry), version
	}
	return key, status
}
