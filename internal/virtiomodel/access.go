package virtiomodel

import "gasp/drivers/reg"

// registers is one window of registers as the transport lays it out.
type registers interface {
	// read and write are an access of n bytes; ok is false if there is no register
	// of that width at off.
	read(off, n uint32) (v uint32, ok bool)
	write(off, n, v uint32) (ok bool)
}

// window is what the driver sees: it counts, may interrupt, and may be dead.
type window struct {
	d    *Device
	name string
	regs registers
}

var _ reg.Space = (*window)(nil)

func (w *window) begin() (alive bool) {
	w.d.mu.Lock()
	w.d.Accesses++
	if w.d.OnAccess != nil {
		w.d.OnAccess(w.d.Accesses)
	}
	return !w.d.Faults.Dead
}

func (w *window) load(off, n uint32) uint32 {
	defer w.d.mu.Unlock()
	if !w.begin() {
		return 0xFFFF_FFFF
	}
	v, ok := w.regs.read(off, n)
	if !ok {
		w.d.violation("%s: %d-byte read at %#x", w.name, n, off)
		return 0xFFFF_FFFF
	}
	return v
}

func (w *window) store(off, n, v uint32) {
	defer w.d.mu.Unlock()
	if w.begin() && !w.regs.write(off, n, v) {
		w.d.violation("%s: %d-byte write of %#x at %#x", w.name, n, v, off)
	}
}

func (w *window) Read8(off uint32) uint8   { return uint8(w.load(off, 1)) }
func (w *window) Read16(off uint32) uint16 { return uint16(w.load(off, 2)) }
func (w *window) Read32(off uint32) uint32 { return w.load(off, 4) }

func (w *window) Write8(off uint32, v uint8)   { w.store(off, 1, uint32(v)) }
func (w *window) Write16(off uint32, v uint16) { w.store(off, 2, uint32(v)) }
func (w *window) Write32(off uint32, v uint32) { w.store(off, 4, v) }

// readConfig is a read of the device configuration; fields are to be read in their
// own width (4.1.3.1, 4.2.2.2).
func (d *Device) readConfig(off, n uint32) (uint32, bool) {
	switch {
	case off < 6 && n == 1:
		return uint32(d.config(off)), true
	case off == 6 && n == 2:
		return uint32(d.config(6)) | uint32(d.config(7))<<8, true
	}
	return 0, false
}
