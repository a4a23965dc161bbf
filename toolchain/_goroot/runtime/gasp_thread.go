package runtime

import (
	"internal/runtime/sys"
	"unsafe"
)

// gaspThread is a thread as the runtime knows it (an M), between two of its
// instructions. The assembly in gasp_entry_amd64.s saves and restores it.
type gaspThread struct {
	_                                    sys.NotInHeap
	ax, bx, cx, dx, si, di, bp, sp       uint64
	r8, r9, r10, r11, r12, r13, r14, r15 uint64
	pc, flags, fs, g                     uint64
	fxvalid                              uint64 // fx is to be restored
	vector, errcode, cr2                 uint64 // of the last exception or interrupt

	state    uint64
	seq      uint64 // place in the run queue: the smallest of the ready ones goes first
	waitAddr uint64 // futex word
	deadline int64  // of a wait; 0: none
	id       uint64

	mask, pending  uint64 // signals; bit n-1 and bit n stand for signal n
	altsp, altsize uint64 // signal stack

	fx [512]byte // FXSAVE image
}

// Thread states. The waiting ones come last.
const (
	gaspFree = iota
	gaspReady
	gaspFutex
	gaspSleep
	gaspEpoll
)

const gaspMaxThreads = 256

var (
	gaspThreads [gaspMaxThreads]gaspThread
	gaspUsed    int         = 1 // no thread from here on was ever in use
	gaspCur     *gaspThread = &gaspThreads[0]
	gaspSeq     uint64
)

// gaspSlice is how long a thread runs while another one is ready, in ns.
const gaspSlice = 10e6

// gaspWake puts t at the tail of the run queue with the result of its wait.
func gaspWake(t *gaspThread, result uint64) {
	t.ax = result
	gaspEnqueue(t)
}

func gaspEnqueue(t *gaspThread) {
	t.state = gaspReady
	t.deadline = 0
	gaspSeq++
	t.seq = gaspSeq
}

// gaspClone makes a thread that returns 0 from the same system call as t.
func gaspClone(t *gaspThread, stack, tls uint64) uint64 {
	for i := range gaspThreads {
		c := &gaspThreads[i]
		if c.state != gaspFree {
			continue
		}
		*c = *t
		c.id = uint64(i + 1)
		c.sp, c.fs = stack, tls
		c.pending, c.altsize = 0, 0
		gaspWake(c, 0)
		gaspUsed = max(gaspUsed, i+1)
		return c.id
	}
	return gaspError(_EAGAIN)
}

// gaspSchedule chooses gaspCur among the ready threads, idling while there is
// none. A thread that gives way, or whose slice is over, goes to the tail.
func gaspSchedule(yield bool) {
	cur := gaspCur
	if !yield && cur.state == gaspReady {
		gaspDeliverPending(cur)
		return
	}
	for {
		next := gaspExpire()
		best := (*gaspThread)(nil)
		for i := range gaspThreads[:gaspUsed] {
			t := &gaspThreads[i]
			if t.state == gaspReady && t != cur && (best == nil || t.seq < best.seq) {
				best = t
			}
		}
		if cur.state == gaspReady && best == nil {
			best = cur
		}
		if best == nil {
			gaspWaitInterrupt(next)
			continue
		}
		if best != cur && cur.state == gaspReady {
			gaspEnqueue(cur)
		}
		gaspCur = best
		gaspArm(next)
		gaspDeliverPending(best)
		return
	}
}

// gaspExpire ends the waits whose time has come or whose thread has a signal,
// and returns the next deadline (0: none).
func gaspExpire() (next int64) {
	now := gaspNow()
	for i := range gaspThreads[:gaspUsed] {
		t := &gaspThreads[i]
		if t.state <= gaspReady {
			continue
		}
		switch {
		case gaspDeliverable(t):
			gaspWake(t, gaspError(_EINTR))
		case t.deadline == 0:
		case t.deadline <= now:
			result := uint64(0)
			if t.state == gaspFutex {
				result = gaspError(_ETIMEDOUT)
			}
			gaspWake(t, result)
		case next == 0 || t.deadline < next:
			next = t.deadline
		}
	}
	return next
}

// gaspArmed is when the alarm fires.
var gaspArmed int64

// gaspArm sets the alarm to the earlier of the end of a time slice and next.
func gaspArm(next int64) {
	if !gaspTimerOn {
		return
	}
	now := gaspNow()
	at := now + gaspSlice
	if next != 0 && next < at {
		at = next
	}
	if gaspArmed <= now || at < gaspArmed {
		gaspArmed = at
		goosAlarm(at)
	}
}

// gaspWaitInterrupt idles until an interrupt, at the latest until next.
func gaspWaitInterrupt(next int64) {
	if !gaspTimerOn {
		return // nothing would wake the CPU: poll
	}
	if next == 0 {
		next = maxAlarm
	}
	gaspArmed = 0
	goosIdle(next)
	if v := gaspIRQ; v != 0 {
		gaspIRQ = 0
		goosInterrupt(v)
	}
}

const maxAlarm = 1<<63 - 1

// gaspFutexWake makes up to n threads ready that wait on addr.
func gaspFutexWake(addr, n uint64) (woken uint64) {
	for i := range gaspThreads[:gaspUsed] {
		t := &gaspThreads[i]
		if woken < n && t.state == gaspFutex && t.waitAddr == addr {
			gaspWake(t, 0)
			woken++
		}
	}
	return woken
}

// gaspSleepUntil makes t wait: timespec is relative, nil waits without end.
func gaspSleepUntil(t *gaspThread, state uint64, timespec uint64) {
	t.state = state
	t.deadline = 0
	if timespec != 0 {
		ts := (*[2]int64)(gaspPointer(timespec))
		t.deadline = max(1, gaspNow()+ts[0]*1e9+ts[1])
	}
}

// gaspPointer makes a pointer of an argument of a system call.
func gaspPointer(a uint64) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&a)) }

// gaspBytes is n bytes at p.
func gaspBytes(p unsafe.Pointer, n uintptr) []byte {
	s := slice{p, int(n), int(n)}
	return *(*[]byte)(unsafe.Pointer(&s))
}
