package runtime

// gaspClearBefore makes t clear memory, whole words, before it goes on: by itself,
// with interrupts on, however much it is. The heap does not come here: it clears
// what it hands out. What follows a system call uses no register but R0, g, SP and LR.
func gaspClearBefore(t *gaspThread, p, size uintptr) {
	t.r[1], t.r[2] = uint32(p), uint32(p+size)
	t.r[12] = uint32(t.pc)
	t.pc = uint64(gaspClearPC())
}

// gaspClearPC returns the address of gaspClear (gasp_clear_arm.s).
func gaspClearPC() uintptr
