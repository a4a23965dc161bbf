package runtime

// gaspClearBefore makes t clear memory, whole pages, before it goes on: by itself,
// with interrupts on, however much it is. The heap does not come here: it clears
// what it hands out.
func gaspClearBefore(t *gaspThread, p, size uintptr) {
	t.r[9], t.r[16], t.r[17] = uint64(p), uint64(size/gaspClearStep), t.pc
	t.pc = uint64(gaspClearPC())
}

// gaspClearStep is how many bytes gaspClear clears in a turn.
const gaspClearStep = 64

// gaspClearPC returns the address of gaspClear (gasp_clear_arm64.s).
func gaspClearPC() uintptr
