package runtime

// CPU profiles. The runtime asks for a signal each time that the process has run for so long (setitimer(2), ITIMER_PROF),
// and samples what it interrupts. Here each processor looks at its clock when it interrupts a thread: a processor that idles
// when its time comes takes no sample. What runs with interrupts off is charged to the instruction behind it.

// gaspProfileEvery is the time between two samples, in ns; 0: none are taken.
var gaspProfileEvery int64

// gaspSetitimer reads struct itimerval: interval and first value, seconds and microseconds each.
func gaspSetitimer(which, new, old uint64) uint64 {
	if which != _ITIMER_PROF || old != 0 || new == 0 {
		return gaspError(_ENOSYS)
	}
	v := (*itimerval)(gaspPointer(new))
	every := int64(v.it_interval.tv_sec)*1e9 + int64(v.it_interval.tv_usec)*1e3
	if every < 0 || every != 0 && every < gaspProfileLeast {
		return gaspError(_EINVAL)
	}
	gaspProfileEvery = every
	for _, c := range gaspCPUs[:gaspNCPU] {
		c.sampleAt = 0
	}
	return 0
}

// gaspProfileLeast bounds the interrupts for samples, ns.
const gaspProfileLeast = 100_000

// sample is called when the processor has interrupted t: it sends the signal if the time has come.
func (c *gaspCPU) sample(t *gaspThread) {
	if c.sampleDue(gaspNow()) {
		t.pending |= 1 << _SIGPROF
	}
}

// gaspDeliverSample makes t run the handler of a sample, if one waits.
func gaspDeliverSample(t *gaspThread) bool {
	const bit = 1 << _SIGPROF
	if t.pending&bit == 0 || t.mask&(bit>>1) != 0 {
		return false
	}
	t.pending &^= bit
	if gaspActions[_SIGPROF].sa_handler <= 1 {
		return false
	}
	gaspDeliver(t, _SIGPROF, 0, 0)
	return true
}

// sampleDue tells whether the time of a sample has come, and sets the next one.
func (c *gaspCPU) sampleDue(now int64) bool {
	every := gaspProfileEvery
	if every == 0 || now < c.sampleAt {
		return false
	}
	due := c.sampleAt != 0
	if c.sampleAt += every; c.sampleAt <= now {
		c.sampleAt = now + every
	}
	return due
}

// sampleAlarm is when the processor that runs a thread interrupts it, given when it does so anyway.
func (c *gaspCPU) sampleAlarm(at, now int64) int64 {
	if gaspProfileEvery == 0 {
		return at
	}
	c.sampleDue(now) // sets the first time; a time that came while the kernel ran is none of a thread's
	return min(at, c.sampleAt)
}
