package uefi

const runtimeAttribute = 1 << 63 // EFI_MEMORY_RUNTIME (7.2.3)

// Kinds of reset (EFI_RESET_TYPE, 8.5.1).
const (
	ResetWarm     = 1 // memory may keep its contents
	ResetShutdown = 2
)

// ResetService is the address of ResetSystem (8.5.1); ok is false if there is none, or it is not code of the runtime services'.
func (h *HandOver) ResetService() (addr uint64, ok bool) {
	h.each(func(start, size uint64, kind uint32, attribute uint64) {
		if kind == runtimeServicesCode && attribute&runtimeAttribute != 0 && h.ResetSystem >= start && h.ResetSystem-start < size {
			addr, ok = h.ResetSystem, true
		}
	})
	return addr, ok
}

// Runtime calls f with each range of memory that runtime services need where it is: memory, or registers that are not to be cached. Ranges that end beyond the
// address space are left out.
func (h *HandOver) Runtime(f func(start, size uint64, registers bool)) {
	h.each(func(start, size uint64, kind uint32, attribute uint64) {
		if attribute&runtimeAttribute != 0 && size != addressSpace {
			f(start, size, attribute&writeBack == 0)
		}
	})
}
