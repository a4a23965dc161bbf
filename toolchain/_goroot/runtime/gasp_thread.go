package runtime

import (
	"internal/runtime/kernel"
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
	fx                                   uintptr // to fxRoom, aligned: floating point and vector registers
	fxvalid                              uint64  // fx is to be restored
	mxcsr                                uint64  // if not, this is: a system call keeps it
	vector, errcode, cr2                 uint64  // of the last exception or interrupt

	id kernel.Thread

	mask, pending  uint64 // signals; bit n-1 and bit n stand for signal n
	altsp, altsize uint64 // signal stack

	fxRoom [gaspFXSize + gaspFXAlign]byte
}

const (
	// gaspFXSize is room for x87, SSE, AVX and AVX-512 state (Intel SDM volume 1,
	// 13.4 and table 13-1).
	gaspFXSize   = 2752
	gaspFXHeader = 512 // offset of the header
	gaspFXAlign  = 64
)

var (
	gaspXSAVE uint8  // the CPU has XSAVE; otherwise FXSAVE has to do
	gaspXCR0  uint32 // the state that XSAVE keeps
)

// setFX aligns fx. XSAVE leaves most of the area's header as it is, and XRSTOR
// wants zeros there (13.4.2).
func (t *gaspThread) setFX() {
	t.fx = alignUp(uintptr(unsafe.Pointer(&t.fxRoom)), gaspFXAlign)
	*(*[8]uint64)(unsafe.Pointer(t.fx + gaspFXHeader)) = [8]uint64{}
}

var (
	gaspThreads [kernel.MaxThreads]gaspThread // number n at n-1
	gaspSched   kernel.Scheduler
)

// gaspUsed are the threads that were ever in use.
func gaspUsed() []gaspThread { return gaspThreads[:gaspSched.Used()] }

// waiting tells that t waits for something.
func (t *gaspThread) waiting() bool { return gaspSched.State(t.id) == kernel.Waiting }

// exists tells that t is a thread.
func (t *gaspThread) exists() bool { return gaspSched.State(t.id) != kernel.Free }

// gaspFirstThread makes the thread that the runtime starts on.
func gaspFirstThread() {
	for i := range gaspThreads {
		t := &gaspThreads[i]
		t.id = kernel.Thread(i + 1)
		t.setFX()
	}
	gaspSched.Start(0, gaspNow())
}

// gaspClone makes a thread that returns 0 from the same system call as t.
func gaspClone(t *gaspThread, flags, stack, tls uint64) uint64 {
	id := gaspSched.New()
	if id == kernel.Nobody {
		return gaspError(_EAGAIN)
	}
	c := &gaspThreads[id-1]
	*c = *t
	c.id = id
	c.setFX()
	c.sp = stack
	if flags&gaspCloneSetTLS != 0 {
		c.fs = tls
	}
	c.pending, c.altsize = 0, 0
	c.ax = 0
	return uint64(id)
}

// gaspWait makes t, which made a system call, wait: for addr, 0 being nothing, and
// until deadline, 0 being for ever; the result of the call is then late. A signal
// that has a handler ends it.
func gaspWait(t *gaspThread, addr uint64, deadline int64, late uint64) {
	if gaspDeliverable(t) {
		t.ax = gaspError(_EINTR)
		return
	}
	t.ax = late
	gaspSched.Wait(int(gaspThis().number), addr, deadline)
}

// gaspWake ends the wait of t, with a result.
func gaspWake(t *gaspThread, result uint64) {
	t.ax = result
	gaspSched.Wake(t.id)
}

// gaspDeadline is when a wait ends: timespec is relative, nil is never.
func gaspDeadline(timespec uint64) int64 {
	if timespec == 0 {
		return 0
	}
	ts := (*[2]int64)(gaspPointer(timespec))
	return max(1, gaspNow()+ts[0]*1e9+ts[1])
}

// gaspWakeWaiters makes up to n threads ready that wait on addr.
func gaspWakeWaiters(addr, n uint64) (woken uint64) {
	for ; woken < n; woken++ {
		id := gaspSched.Waiter(addr)
		if id == kernel.Nobody {
			break
		}
		gaspWake(&gaspThreads[id-1], 0)
	}
	return woken
}

// gaspSchedule chooses the thread that the processor goes on with, idling while
// there is none. A thread gives way at the end of its slice, or if it wants to.
func gaspSchedule(giveWay bool) {
	c := gaspThis()
	for {
		now := gaspNow()
		for {
			id := gaspSched.Expired(now)
			if id == kernel.Nobody {
				break
			}
			gaspSched.Wake(id)
		}
		if id := gaspSched.Next(int(c.number), now, giveWay); id != kernel.Nobody {
			c.cur = &gaspThreads[id-1]
			c.forget()
			gaspKick()
			gaspArm(c, now)
			gaspDeliverPending(c.cur)
			return
		}
		c.idleUntilInterrupt(now)
	}
}

// gaspKick tells idle processors that there is work.
func gaspKick() {
	for {
		cpu, ok := gaspSched.Kick()
		if !ok {
			return
		}
		goosKick(uint64(cpu))
	}
}

// gaspArm sets the processor's alarm, unless it interrupts early enough anyway.
func gaspArm(c *gaspCPU, now int64) {
	at := c.sampleAlarm(gaspSched.Alarm(int(c.number), now), now)
	if gaspTimerOn && (c.armed <= now || at < c.armed) {
		c.armed = at
		goosAlarm(c.number, at)
	}
}

// idleUntilInterrupt waits for one, without the kernel's lock and without the TLS
// of the thread that ran before: another processor may run that next.
func (c *gaspCPU) idleUntilInterrupt(now int64) {
	if !gaspTimerOn {
		return // nothing would wake the CPU: poll
	}
	at := gaspSched.Alarm(int(c.number), now)
	gaspIdleTLS(c)
	c.cur = &c.idle
	c.armed = 0
	gaspUnlockKernel()
	goosSleep(c.number, at)
	for v := uint64(0); c.irqs != 0; v++ {
		if c.irqs&(1<<v) != 0 {
			c.irqs &^= 1 << v
			goosInterrupt(c.number, gaspIRQ0+v)
		}
	}
	c.signs++
	c.sampleDue(gaspNow()) // it idled
	gaspLockKernel()
	gaspFramesCame()
	gaspWatch(c)
}

func gaspIdleTLS(c *gaspCPU)

// gaspPointer makes a pointer of an argument of a system call.
func gaspPointer(a uint64) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&a)) }

// gaspBytes is n bytes at p.
func gaspBytes(p unsafe.Pointer, n uintptr) []byte {
	s := slice{p, int(n), int(n)}
	return *(*[]byte)(unsafe.Pointer(&s))
}
