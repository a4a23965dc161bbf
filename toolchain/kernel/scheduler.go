package kernel

const (
	// MaxThreads bounds the threads of a Scheduler, MaxCPUs its processors.
	MaxThreads = 256
	MaxCPUs    = 16
	// Slice is how long a thread runs while another one is ready, in ns.
	Slice = 10_000_000
	// Never is the time of an alarm that nobody needs.
	Never = 1<<63 - 1
)

// A Thread is the number of a thread, from 1 on; Nobody is none.
type Thread int32

// Nobody is no thread.
const Nobody Thread = 0

// A State is what a thread does.
type State uint8

const (
	Free    State = iota // there is no such thread
	Ready                // in the run queue
	Running              // on a processor
	Waiting              // for a word, a time or a wake-up
)

// A Scheduler decides which thread runs on which processor. Times are in ns, of
// one clock that only goes forward. The zero value has no threads.
//
// The run queue is first come, first served. So are those who wait for the same
// address. A thread that gives way, or whose slice is over, goes to the tail.
type Scheduler struct {
	threads [MaxThreads + 1]thread
	used    Thread // the highest number that was ever in use
	queue   ends   // of the ready threads
	ready   int    // its length
	waiting ends
	timers  ends // of the waiting threads with a deadline, the earliest first
	cpus    [MaxCPUs]cpu
	online  int // processors from number 0 on that were ever scheduled
	kicked  int // of them, have been told to look and did not yet
}

type thread struct {
	state    State
	cpu      uint8  // of a running thread
	queued   link   // in queue or waiting
	timed    link   // in timers
	addr     uint64 // what a waiting thread waits for
	deadline int64  // 0: none
}

type link struct{ next, prev Thread }

type ends struct{ first, last Thread }

type cpu struct {
	running Thread
	idle    bool  // it looks for work again when it is told to, or by its alarm
	kicked  bool  // it was told
	slice   int64 // end of the running thread's
	alarm   int64 // what Alarm said last
}

// Start makes a thread and runs it on a processor.
func (s *Scheduler) Start(cpu int, now int64) Thread {
	t := s.New()
	if t != Nobody {
		s.Next(cpu, now, false)
	}
	return t
}

// New makes a thread, ready. It returns Nobody if there is no room.
func (s *Scheduler) New() Thread {
	for t := Thread(1); t <= MaxThreads; t++ {
		if s.threads[t].state == Free {
			s.used = max(s.used, t)
			s.enqueue(t)
			return t
		}
	}
	return Nobody
}

// Used is the highest number that a thread ever had.
func (s *Scheduler) Used() Thread { return s.used }

// State is what t does.
func (s *Scheduler) State(t Thread) State {
	if t < 1 || t > MaxThreads {
		return Free
	}
	return s.threads[t].state
}

// On is the processor that t runs on.
func (s *Scheduler) On(t Thread) (cpu int, ok bool) {
	if s.State(t) != Running {
		return 0, false
	}
	return int(s.threads[t].cpu), true
}

// Exit ends the thread that runs on a processor, which then needs a Next.
func (s *Scheduler) Exit(cpu int) {
	c := &s.cpus[cpu]
	s.threads[c.running] = thread{}
	c.running = Nobody
}

// Wait makes the thread that runs on a processor wait: for addr, 0 being
// nothing, and at the latest until deadline, 0 being for ever. The processor then
// needs a Next.
func (s *Scheduler) Wait(cpu int, addr uint64, deadline int64) {
	c := &s.cpus[cpu]
	id := c.running
	c.running = Nobody
	t := &s.threads[id]
	t.state, t.addr, t.deadline = Waiting, addr, deadline
	s.append(&s.waiting, id)
	if deadline != 0 {
		s.setTimer(id)
	}
}

// Wake makes a waiting thread ready.
func (s *Scheduler) Wake(id Thread) {
	if s.State(id) != Waiting {
		return
	}
	s.remove(&s.waiting, id)
	if s.threads[id].deadline != 0 {
		s.stopTimer(id)
	}
	s.enqueue(id)
}

// Waiter is the thread that has waited longest for addr.
func (s *Scheduler) Waiter(addr uint64) Thread {
	for id := s.waiting.first; id != Nobody; id = s.threads[id].queued.next {
		if s.threads[id].addr == addr {
			return id
		}
	}
	return Nobody
}

// Waits is what t waits for; 0 if it does not wait, or for nothing but a deadline.
func (s *Scheduler) Waits(t Thread) uint64 {
	if s.State(t) != Waiting {
		return 0
	}
	return s.threads[t].addr
}

// Expired is a waiting thread whose deadline has come, the earliest first.
func (s *Scheduler) Expired(now int64) Thread {
	if id := s.timers.first; id != Nobody && s.threads[id].deadline <= now {
		return id
	}
	return Nobody
}

// Next decides what a processor does: go on with its thread, unless that waits,
// has ended, or gives way to another one; run the one that has been ready
// longest; or idle, which is Nobody.
func (s *Scheduler) Next(cpu int, now int64, giveWay bool) Thread {
	c := &s.cpus[cpu]
	s.online = max(s.online, cpu+1)
	if c.kicked {
		c.kicked = false
		s.kicked--
	}
	if c.running != Nobody {
		if !giveWay {
			return c.running
		}
		s.enqueue(c.running)
	}
	id := s.queue.first
	c.running, c.idle = id, id == Nobody
	if id == Nobody {
		return Nobody
	}
	s.remove(&s.queue, id)
	s.ready--
	t := &s.threads[id]
	t.state, t.cpu = Running, uint8(cpu)
	c.slice = now + Slice
	return id
}

// Current is the thread that runs on a processor.
func (s *Scheduler) Current(cpu int) Thread { return s.cpus[cpu].running }

// Kick is a processor that idles although a thread is ready, and has to be told.
// As many are named as threads are ready, each once.
func (s *Scheduler) Kick() (cpu int, ok bool) {
	if s.ready <= s.kicked {
		return 0, false
	}
	for i := range s.cpus[:s.online] {
		if c := &s.cpus[i]; c.idle && !c.kicked {
			c.kicked = true
			s.kicked++
			return i, true
		}
	}
	return 0, false
}

// Alarm is when a processor has to look again at the latest: when the slice of
// its thread ends, if another one is ready, or when the next wait does, unless
// another processor looks by then.
func (s *Scheduler) Alarm(cpu int, now int64) int64 {
	c := &s.cpus[cpu]
	c.alarm = Never
	if id := s.timers.first; id != Nobody {
		if d := s.threads[id].deadline; !s.watched(d, now) {
			c.alarm = d
		}
	}
	if c.running != Nobody && s.queue.first != Nobody {
		c.alarm = min(c.alarm, max(c.slice, now))
	}
	return c.alarm
}

// watched tells whether a processor looks at a time still to come.
func (s *Scheduler) watched(at, now int64) bool {
	for i := range s.cpus[:s.online] {
		if a := s.cpus[i].alarm; a > now && a <= at {
			return true
		}
	}
	return false
}

func (s *Scheduler) enqueue(id Thread) {
	s.threads[id].state = Ready
	s.append(&s.queue, id)
	s.ready++
}

func (s *Scheduler) append(l *ends, id Thread) {
	t := &s.threads[id]
	t.queued = link{prev: l.last}
	if l.last == Nobody {
		l.first = id
	} else {
		s.threads[l.last].queued.next = id
	}
	l.last = id
}

func (s *Scheduler) remove(l *ends, id Thread) {
	k := s.threads[id].queued
	if k.prev == Nobody {
		l.first = k.next
	} else {
		s.threads[k.prev].queued.next = k.next
	}
	if k.next == Nobody {
		l.last = k.prev
	} else {
		s.threads[k.next].queued.prev = k.prev
	}
}

// setTimer puts id among the timers, behind those of the same time.
func (s *Scheduler) setTimer(id Thread) {
	t := &s.threads[id]
	before := s.timers.last
	for before != Nobody && s.threads[before].deadline > t.deadline {
		before = s.threads[before].timed.prev
	}
	t.timed = link{prev: before}
	if before == Nobody {
		t.timed.next = s.timers.first
		s.timers.first = id
	} else {
		t.timed.next = s.threads[before].timed.next
		s.threads[before].timed.next = id
	}
	if t.timed.next == Nobody {
		s.timers.last = id
	} else {
		s.threads[t.timed.next].timed.prev = id
	}
}

func (s *Scheduler) stopTimer(id Thread) {
	k := s.threads[id].timed
	if k.prev == Nobody {
		s.timers.first = k.next
	} else {
		s.threads[k.prev].timed.next = k.next
	}
	if k.next == Nobody {
		s.timers.last = k.prev
	} else {
		s.threads[k.next].timed.prev = k.prev
	}
}
