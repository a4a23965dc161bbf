package runtime

// gaspClearBefore makes t clear memory, whole words, before it goes on: by itself,
// with interrupts on, however much it is. The heap does not come here: it clears
// what it hands out.
func gaspClearBefore(t *gaspThread, p, size uintptr) {
	t.si, t.r11 = t.ax, t.pc
	t.ax, t.di, t.cx = 0, uint64(p), uint64(size/8)
	t.pc = uint64(gaspClearPC())
}

// gaspClearPC returns the address of gaspClear (gasp_clear_amd64.s).
func gaspClearPC() uintptr
