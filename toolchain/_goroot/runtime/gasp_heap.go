package runtime

// gaspLargeBlock is from what size on, in bytes, room is looked for first.
const gaspLargeBlock = 1 << 20

// gaspMakeRoom collects garbage before a large block would be the end of the
// program though what is in its way is garbage: without overcommit the heap cannot
// grow beyond RAM until the collector, which works in the background, is done. It
// runs at the start of mallocgcLarge.
func gaspMakeRoom(size uintptr) {
	gp := getg()
	mp := gp.m
	if size < gaspLargeBlock || gp != mp.curg || mp.locks != 0 || mp.mallocing != 0 || mp.preemptoff != "" || !memstats.enablegc {
		return // as with every other collection that an allocation starts
	}
	fits := false
	systemstack(func() { fits = gaspFits(size) })
	if !fits {
		GC()
	}
}

// gaspFits tells whether the heap has room for size bytes in one piece, or can
// grow by them. The kernel may be changing what it has left: a wrong answer costs a
// collection, or comes as late as any other that is true no more when it is used.
func gaspFits(size uintptr) bool {
	h := &mheap_
	lock(&h.lock)
	base, _ := h.pages.find(alignUp(size, pageSize) / pageSize)
	rest := h.curArena.end - h.curArena.base
	unlock(&h.lock)
	grow := alignUp(size, heapArenaBytes)
	return base != 0 || rest >= grow || gaspRAM.Fits(grow+heapArenaBytes)
}
