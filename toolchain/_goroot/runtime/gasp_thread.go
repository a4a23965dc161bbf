package runtime

import (
	"internal/runtime/kernel"
	"internal/runtime/sys"
	"unsafe"
)

// gaspThread is a thread as the runtime knows it (an M), between two of its
// instructions. The assembly in gasp_entry_*.s saves and restores its context,
// which is the first of it.
type gaspThread struct {
	_ sys.NotInHeap
	gaspContext

	id kernel.Thread

	mask, pending  uint64 // signals; bit n-1 and bit n stand for signal n
	altsp, altsize uint64 // signal stack
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
		t.init()
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
	c.init()
	c.sp = uint64(uintptr(stack))
	if flags&gaspCloneSetTLS != 0 {
		c.setTLS(tls)
	}
	c.pending, c.altsize = 0, 0
	c.setResult(0)
	return uint64(id)
}

// gaspWait makes t, which made a system call, wait: for addr, 0 being nothing, and
// until deadline, 0 being for ever; the result of the call is then late. A signal
// that has a handler ends it.
func gaspWait(t *gaspThread, addr uint64, deadline int64, late uint64) {
	if gaspDeliverable(t) {
		t.setResult(gaspError(_EINTR))
		return
	}
	t.setResult(late)
	gaspSched.Wait(int(gaspThis().number), addr, deadline)
}

// gaspWake ends the wait of t, with a result.
func gaspWake(t *gaspThread, result uint64) {
	t.setResult(result)
	gaspSched.Wake(t.id)
}

// gaspDeadline is when a wait ends: timespec is relative, nil is never.
func gaspDeadline(timespec uint64) int64 {
	if timespec == 0 {
		return 0
	}
	ts := (*gaspTimespec)(gaspPointer(timespec))
	return max(1, gaspNow()+int64(ts[0])*1e9+int64(ts[1]))
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
	c.leaveTLS()
	c.cur = &c.idle
	c.armed = 0
	gaspUnlockKernel()
	goosSleep(c.number, at)
	c.idleInterrupts()
	c.signs++
	c.sampleDue(gaspNow()) // it idled
	gaspLockKernel()
	gaspFramesCame()
	gaspWatch(c)
}

// gaspPointer makes a pointer of an argument of a system call.
func gaspPointer(a uint64) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&a)) }

// gaspBytes is n bytes at p.
func gaspBytes(p unsafe.Pointer, n uintptr) []byte {
	s := slice{p, int(n), int(n)}
	return *(*[]byte)(unsafe.Pointer(&s))
}
