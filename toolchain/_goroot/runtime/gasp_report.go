package runtime

import "unsafe"

// The report of a death. Everything here runs on the crash stack, which a fault
// empties: then the next step follows, and the fault has become part of the
// report. Nothing allocates, locks, or needs the scheduler.

// The steps, in their order.
const (
	gaspStepWords     = iota // find out what to say
	gaspStepHeadline         // the board sends what there is
	gaspStepMessage          // a message longer than the headline takes
	gaspStepScene            // the stack it happened on
	gaspStepSceneRaw         // ... if that could not be followed
	gaspStepGoroutine        // the goroutine it happened for
	gaspStepCPUs             // where the other processors were
	gaspStepGather           // the other goroutines, by equal stacks
	gaspStepShow
	gaspSteps
)

const (
	// gaspWordsSize is what the headline takes of the words.
	gaspWordsSize = 700
	// gaspTries is how often a part of the report is begun, should it fault.
	gaspTries = 2
	// gaspMaxFaults bounds the faults inside a report. Each damaged goroutine
	// may cost one.
	gaspMaxFaults = 64
)

// gaspReportState is a report and how far it is.
type gaspReportState struct {
	scene    gaspScene
	note     gaspDeath
	step     int
	part     int // of the report, under way: a step, or behind those one of the gathered goroutines
	tries    int // of the part
	faults   int
	told     int  // faults that the board was told of
	followed bool // the scene's stack was followed to its end
	alone    bool // the scene is a goroutine's own stack
}

var (
	gaspLastWords gaspReportState // of the death
	gaspAsides    gaspReportState // on demand
)

// gaspReport reports the death and ends the machine. It is entered again after a
// fault.
//
//go:nowritebarrierrec
func gaspReport() {
	r := &gaspLastWords
	gaspStopOthers()
	if !gaspClockOn { // the board is not up: the serial line is all there is
		r.fillNote()
		gaspFindWords(&r.scene)
		r.setWords()
		goosDying(unsafe.Pointer(&r.note))
		gaspEnd(2)
	}
	r.report()
	if r.faults > 2*gaspMaxFaults {
		gaspHalt()
	}
	code := int32(2)
	if r.scene.kind == gaspByExit {
		code = r.scene.code
	}
	gaspEnd(code)
}

// report takes the steps that were not taken yet.
func (r *gaspReportState) report() {
	if r.faults > gaspMaxFaults {
		r.step = gaspSteps
	}
	for ; r.step < gaspSteps; r.step++ {
		most := 1
		if r.step >= gaspStepMessage {
			most = gaspTries
		}
		if r.step == gaspStepGather || r.step == gaspStepShow {
			most = gaspMaxFaults // they go on behind what faulted
		}
		if r.attempt(r.step, most) {
			r.take(r.step)
		}
	}
}

// attempt begins a part of the report, again if it faulted, but no more than most
// times. Lines that were written the last time are then passed over.
func (r *gaspReportState) attempt(part, most int) bool {
	if part != r.part {
		r.part, r.tries = part, 0
		gaspLine.written = 0
	}
	r.tries++
	gaspLine.n = 0
	gaspLine.skip = gaspLine.written
	return r.tries <= most
}

func (r *gaspReportState) take(step int) {
	switch step {
	case gaspStepWords:
		gaspRestartGather()
		gaspEntered = r.scene.entered
		r.fillNote()
		gaspFindWords(&r.scene)
	case gaspStepHeadline:
		r.setWords()
		goosDying(unsafe.Pointer(&r.note))
	case gaspStepMessage:
		gaspRestOfMessage(&r.scene)
	case gaspStepScene:
		r.showScene()
		r.followed = true
	case gaspStepSceneRaw:
		if !r.followed {
			w := r.scene.walk()
			gaspBounds(&w, &r.scene)
			gaspWords(&w)
		}
	case gaspStepGoroutine:
		r.showBehind()
	case gaspStepCPUs:
		gaspShowCPUs()
	case gaspStepGather:
		if !r.scene.success() {
			gaspGather(gaspCurg(&r.scene))
		}
	case gaspStepShow:
		r.showGathered()
	}
}

func (r *gaspReportState) setWords() {
	gaspSetString(&r.note.words, slicebytetostringtmp(&gaspWordsText.b[0], gaspWordsText.n))
}

// faultInside notes a fault inside the report and tells the board, unless that
// is what faulted.
func (r *gaspReportState) faultInside(words string, pc uintptr) {
	r.faults++
	gaspCapturing = false
	if r.told != r.faults-1 {
		r.told = r.faults
		return
	}
	d := &gaspInside
	d.kind, d.pc, d.faulted = gaspByFault, uint64(pc), words == ""
	gaspSetString(&d.words, words)
	if words == "" {
		gaspNoteFault(d, &gaspFault)
	}
	gaspNoteFunction(d)
	goosDying(unsafe.Pointer(d))
	r.told = r.faults
}

// gaspInside is the last fault inside the report.
var gaspInside gaspDeath

// Stacks that are none of the system stacks gaspBounds names; "" is a goroutine's.
const (
	gaspStackUnnamed = "stack"
	gaspStackUnknown = "unknown stack"
	gaspStackNone    = "no stack"
)

// gaspBounds finds the stack that w is on.
func gaspBounds(w *gaspWalk, s *gaspScene) (name string) {
	on := func(gp *g) bool {
		if !gaspPlausible(uintptr(unsafe.Pointer(gp))) || w.sp < gp.stack.lo-gaspPage || w.sp > gp.stack.hi {
			return false // a pointer in the guard page has run over the stack's end
		}
		w.lo, w.hi = gp.stack.lo, gp.stack.hi
		return true
	}
	if on(&gaspCrashG) {
		return "crash stack"
	}
	for _, c := range gaspCPUs[:gaspNCPU] {
		switch {
		case on(&c.g):
			return "kernel stack"
		case on(&c.nmiG):
			return "NMI stack"
		}
	}
	if p := uintptr(s.g); gaspPlausible(p) {
		gp := (*g)(gaspPointer(s.g))
		if mp := gp.m; gaspPlausibleM(mp) {
			switch {
			case on(mp.curg):
				return ""
			case on(mp.g0):
				return "runtime stack"
			case on(mp.gsignal):
				return "signal stack"
			}
		}
		if on(gp) {
			return gaspStackUnnamed
		}
	}
	if have := gaspRAMFrom(w.sp); have >= 8 {
		const most = 1 << 20
		w.lo, w.hi = w.sp, w.sp+min(have, most)
		return gaspStackUnknown
	}
	w.lo, w.hi = w.sp, w.sp
	return gaspStackNone
}

// showScene shows the stack it happened on.
func (r *gaspReportState) showScene() {
	s := &r.scene
	gp := gaspCurg(s)
	if s.success() || s.kind == gaspByPanic && s.announced && gp != nil {
		return // the system stack that a panic ends on tells nothing
	}
	w := s.walk()
	name := gaspBounds(&w, s)
	if name == "" && gp != nil {
		r.alone = true
		gaspHeader(gp)
	} else {
		gaspLine.str(name)
		gaspLine.char(':')
		gaspLine.end()
		w.system = true
	}
	w.fault = r.note.faulted
	gaspFrames(&w, !r.alone || s.kind == gaspByThrow)
	if r.alone {
		gaspCreatedBy(gp)
	}
}

// showBehind shows the goroutine that a system stack worked for.
func (r *gaspReportState) showBehind() {
	s := &r.scene
	if gp := gaspCurg(s); gp != nil && !r.alone && !s.success() {
		gaspShowGoroutine(gp, s.kind == gaspByThrow)
	}
}
