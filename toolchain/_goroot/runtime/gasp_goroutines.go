package runtime

import (
	"internal/goarch"
	"unsafe"
)

// Goroutines whose stacks are the same, call for call, and who wait for the same
// are shown once: a server has thousands of them.

const (
	gaspMaxGroups = 256
	gaspGroupIDs  = 8
	// gaspHashFrames is how many return addresses make two stacks the same.
	gaspHashFrames = 32
)

var gaspGroups struct {
	next  uintptr // in allgs
	n     int
	shown int
	lost  uint64 // goroutines for whose stack there was no group
	bad   uint64 // that could not be read
	group [gaspMaxGroups]struct {
		hash  uint64
		index uintptr // of the first one in allgs
		count uint64
		ids   [gaspGroupIDs]uint64 // of the next ones
	}
}

func gaspRestartGather() {
	r := &gaspGroups
	r.next, r.n, r.shown, r.lost, r.bad = 0, 0, 0, 0, 0
}

// gaspAllG returns number i of all goroutines, nil if it cannot be one.
func gaspAllG(i uintptr) *g {
	p := *(*uintptr)(add(unsafe.Pointer(allgptr), i*goarch.PtrSize))
	if !gaspPlausible(p) {
		return nil
	}
	return (*g)(gaspPointer(uint64(p)))
}

// gaspNobody tells whether number i is a g without a goroutine. It may have no
// stack either.
func gaspNobody(i uintptr) bool {
	p := *(*uintptr)(add(unsafe.Pointer(allgptr), i*goarch.PtrSize))
	if p%goarch.PtrSize != 0 || !gaspInRAM(p, unsafe.Sizeof(g{})) {
		return false
	}
	status := readgstatus((*g)(gaspPointer(uint64(p)))) &^ _Gscan
	return status == _Gidle || status == _Gdead || status == _Gdeadextra
}

// gaspGather groups all goroutines but the one that is shown by itself. After a
// fault it goes on behind the one that it happened in.
func gaspGather(but *g) {
	r := &gaspGroups
	if !gaspInRAM(uintptr(unsafe.Pointer(allgptr)), allglen*goarch.PtrSize) {
		return
	}
	for r.next < allglen {
		i := r.next
		r.next++
		r.bad++
		if gaspNobody(i) {
			r.bad--
			continue
		}
		gp := gaspAllG(i)
		if gp == nil {
			continue
		}
		status := readgstatus(gp) &^ _Gscan
		r.bad--
		if gp == but {
			continue
		}
		r.bad++ // unless the following does not fault
		if !isSystemGoroutine(gp, false) {
			gaspJoin(gp, i, gaspHash(gp, status))
		}
		r.bad--
	}
}

func gaspJoin(gp *g, index uintptr, hash uint64) {
	r := &gaspGroups
	for i := range r.group[:r.n] {
		e := &r.group[i]
		if e.hash == hash {
			if e.count-1 < gaspGroupIDs {
				e.ids[e.count-1] = gp.goid
			}
			e.count++
			return
		}
	}
	if r.n == gaspMaxGroups {
		r.lost++
		return
	}
	e := &r.group[r.n]
	e.hash, e.index, e.count = hash, index, 1
	r.n++
}

func gaspHash(gp *g, status uint32) uint64 {
	const prime = 0x100000001b3 // FNV-1a's, 64 bits
	h := (uint64(status)<<8 | uint64(gp.waitreason)) * prime
	w := gaspSaved(gp)
	w.start()
	for range gaspHashFrames {
		h = (h ^ uint64(w.pc)) * prime
		h ^= h >> 29
		if !w.next() {
			break
		}
	}
	return h
}

// showGathered shows one goroutine of each group.
func (r *gaspReportState) showGathered() {
	l := &gaspGroups
	for ; l.shown < l.n; l.shown++ {
		e := &l.group[l.shown]
		gp := gaspAllG(e.index)
		if gp == nil || !r.attempt(gaspSteps+l.shown, gaspTries) {
			continue
		}
		gaspShowGoroutine(gp, false)
		if e.count > 1 {
			gaspLine.str("and ")
			gaspLine.dec(e.count - 1)
			gaspLine.str(" more like goroutine ")
			gaspLine.dec(gp.goid)
			gaspLine.char(':')
			for _, id := range e.ids[:min(e.count-1, gaspGroupIDs)] {
				gaspLine.char(' ')
				gaspLine.dec(id)
			}
			if e.count-1 > gaspGroupIDs {
				gaspLine.str(" ...")
			}
			gaspLine.end()
		}
	}
	if !r.attempt(gaspSteps+gaspMaxGroups, gaspTries) {
		return
	}
	if l.lost > 0 {
		gaspLine.dec(l.lost)
		gaspLine.str(" more goroutines, with other stacks, are not shown")
		gaspLine.end()
	}
	if l.bad > 0 {
		gaspLine.str("goroutines that are damaged: ")
		gaspLine.dec(l.bad)
		gaspLine.end()
	}
}

func gaspShowGoroutine(gp *g, all bool) {
	gaspHeader(gp)
	w := gaspSaved(gp)
	gaspFrames(&w, all)
	gaspCreatedBy(gp)
}

// gaspEntered tells that the registers of the processor's thread are saved.
var gaspEntered bool

// gaspSaved is where gp goes on when it runs again.
func gaspSaved(gp *g) gaspWalk {
	w := gaspWalk{gaspPoint: gaspPoint{pc: gp.sched.pc, sp: gp.sched.sp, bp: gp.sched.bp, lr: gp.sched.lr}, lo: gp.stack.lo, hi: gp.stack.hi, exact: true}
	if gp.syscallsp != 0 {
		w.gaspPoint = gaspPoint{pc: gp.syscallpc, sp: gp.syscallsp, bp: gp.syscallbp}
	}
	cur := gaspThis().cur
	threads := gaspUsed()
	for i := range threads {
		t := &threads[i]
		if t.exists() && (t != cur || gaspEntered) && t.g == uint64(uintptr(unsafe.Pointer(gp))) && readgstatus(gp)&^_Gscan == _Grunning {
			w.gaspPoint = t.point()
		}
	}
	return w
}

// gaspHeader is the line above a goroutine's frames, as the runtime prints it.
func gaspHeader(gp *g) {
	status := readgstatus(gp) &^ _Gscan
	name := "???"
	if status < uint32(len(gStatusStrings)) && gStatusStrings[status] != "" {
		name = gStatusStrings[status]
	}
	if (status == _Gwaiting || status == _Gleaked) && gp.waitreason != waitReasonZero {
		name = gp.waitreason.String()
	}
	gaspLine.str("goroutine ")
	gaspLine.dec(gp.goid)
	gaspLine.str(" [")
	gaspLine.str(name)
	if (status == _Gwaiting || status == _Gsyscall) && gp.waitsince != 0 {
		if minutes := (gaspNow() - gp.waitsince) / 60e9; minutes >= 1 {
			gaspLine.str(", ")
			gaspLine.dec(uint64(minutes))
			gaspLine.str(" minutes")
		}
	}
	if gp.lockedm != 0 {
		gaspLine.str(", locked to thread")
	}
	gaspLine.str("]:")
	gaspLine.end()
}
