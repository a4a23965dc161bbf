package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// machine is a scheduler with its processors and a clock.
type machine struct {
	Scheduler
	t   *testing.T
	now int64
}

func newMachine(t *testing.T, threads int) *machine {
	m := &machine{t: t, now: 1}
	if id := m.Start(0, m.now); id != 1 {
		t.Fatalf("the first thread has number %d, want 1", id)
	}
	for i := 1; i < threads; i++ {
		m.New()
	}
	return m
}

func (m *machine) want(cpu int, giveWay bool, want Thread) {
	m.t.Helper()
	if got := m.Next(cpu, m.now, giveWay); got != want {
		m.t.Fatalf("processor %d runs thread %d, want %d", cpu, got, want)
	}
}

func TestThreadsTakeTurns(t *testing.T) {
	m := newMachine(t, 3)
	for range 3 {
		for _, want := range []Thread{2, 3, 1} {
			m.want(0, true, want)
		}
	}
}

func TestThreadGoesOnUnlessItGivesWay(t *testing.T) {
	m := newMachine(t, 2)
	m.want(0, false, 1)
	m.want(0, true, 2)
	m.want(0, false, 2)
}

func TestLoneThreadDoesNotIdle(t *testing.T) {
	m := newMachine(t, 1)
	m.want(0, true, 1)
}

// A thread made ready while another spins runs at the end of that one's slice,
// before all that become ready later.
func TestWokenThreadRunsAtTheEndOfTheSlice(t *testing.T) {
	m := newMachine(t, 2)
	m.want(0, true, 2)
	m.Wait(0, 0, m.now+5)
	m.want(0, false, 1)
	m.New() // 3
	m.now += 5
	if id := m.Expired(m.now); id != 2 {
		t.Fatalf("thread %d has expired, want 2", id)
	}
	m.Wake(2)
	if at := m.Alarm(0, m.now); at > m.now+Slice {
		t.Fatalf("the alarm is %d ns away, further than a slice", at-m.now)
	}
	m.want(0, true, 3)
	m.want(0, true, 2)
}

func TestWaitersForAnAddressWakeInTheirOrder(t *testing.T) {
	m := newMachine(t, 5)
	order := []Thread{1, 2, 3, 4}
	for _, id := range order {
		m.want(0, false, id)
		addr := uint64(0x1000)
		if id == 2 {
			addr = 0x2000
		}
		m.Wait(0, addr, 0)
	}
	m.want(0, false, 5)
	for _, want := range []Thread{1, 3, 4} {
		got := m.Waiter(0x1000)
		if got != want {
			t.Fatalf("thread %d is woken, want %d: the one that waits longest", got, want)
		}
		m.Wake(got)
	}
	if id := m.Waiter(0x1000); id != Nobody {
		t.Fatalf("thread %d still waits", id)
	}
	for _, want := range []Thread{1, 3, 4, 5} {
		m.want(0, true, want)
	}
}

func TestDeadlinesExpireInTheirOrder(t *testing.T) {
	m := newMachine(t, 5)
	for _, deadline := range []int64{50, 20, 40, 20} {
		m.Wait(0, 0, deadline)
		m.Next(0, m.now, false)
	}
	if at := m.Alarm(0, m.now); at != 20 {
		t.Fatalf("the alarm is at %d, want 20: the earliest deadline", at)
	}
	if id := m.Expired(19); id != Nobody {
		t.Fatalf("thread %d has expired before its time", id)
	}
	var got []Thread
	for id := m.Expired(45); id != Nobody; id = m.Expired(45) {
		got = append(got, id)
		m.Wake(id)
	}
	if want := []Thread{2, 4, 3}; !slices.Equal(got, want) {
		t.Fatalf("expired: %v, want %v", got, want)
	}
	m.Wake(1) // by something else than its deadline
	if id := m.Expired(1000); id != Nobody {
		t.Fatalf("thread %d, which does not wait any more, has expired", id)
	}
}

func TestAlarm(t *testing.T) {
	m := newMachine(t, 1)
	if at := m.Alarm(0, m.now); at != Never {
		t.Errorf("a lone thread without deadlines: alarm at %d, want never", at)
	}
	m.New()
	if at := m.Alarm(0, m.now); at != m.now+Slice {
		t.Errorf("another thread is ready: alarm at %d, want %d: the end of the slice", at, m.now+Slice)
	}
	m.now += 3 * Slice
	if at := m.Alarm(0, m.now); at != m.now {
		t.Errorf("the slice is over: alarm at %d, want %d: now", at, m.now)
	}
	m.want(0, true, 2)
	m.Wait(0, 0, m.now+7)
	m.want(0, false, 1)
	if at := m.Alarm(0, m.now); at != m.now+7 {
		t.Errorf("alarm at %d, want %d: the deadline", at, m.now+7)
	}
	m.Wait(0, 0, m.now+3)
	m.want(0, false, Nobody)
	if at := m.Alarm(0, m.now); at != m.now+3 {
		t.Errorf("idle: alarm at %d, want %d: the earliest deadline", at, m.now+3)
	}
}

// Of several processors one looks after a deadline; if it stops doing so in time,
// another one does.
func TestOneProcessorWatchesADeadline(t *testing.T) {
	m := newMachine(t, 2)
	m.want(1, false, 2)
	m.Wait(1, 0, 100)
	m.want(1, false, Nobody)
	if at := m.Alarm(1, m.now); at != 100 {
		t.Fatalf("alarm of processor 1 at %d, want 100", at)
	}
	if at := m.Alarm(0, m.now); at != Never {
		t.Fatalf("alarm of processor 0 at %d, want never: processor 1 looks", at)
	}
	m.now = 200 // processor 1 is late
	if at := m.Alarm(0, m.now); at != 100 {
		t.Fatalf("alarm of processor 0 at %d, want 100: processor 1 did not look", at)
	}
}

func TestIdleProcessorIsKickedOnce(t *testing.T) {
	m := newMachine(t, 1)
	m.want(1, false, Nobody)
	m.want(2, false, Nobody)
	if cpu, ok := m.Kick(); ok {
		t.Fatalf("processor %d is kicked, and nothing is ready", cpu)
	}
	m.New()
	if cpu, ok := m.Kick(); !ok || cpu != 1 {
		t.Fatalf("kicked: %d %v, want processor 1", cpu, ok)
	}
	m.want(1, false, 2)
	if cpu, ok := m.Kick(); ok {
		t.Fatalf("processor %d is kicked, and nothing is ready any more", cpu)
	}
	m.New()
	if cpu, ok := m.Kick(); !ok || cpu != 2 {
		t.Fatalf("kicked: %d %v, want processor 2: 1 is busy", cpu, ok)
	}
	if cpu, ok := m.Kick(); ok {
		t.Fatalf("processor %d is kicked, and none idles that was not", cpu)
	}
}

func TestNoRoomForAnotherThread(t *testing.T) {
	m := newMachine(t, MaxThreads)
	if id := m.New(); id != Nobody {
		t.Fatalf("thread %d of at most %d", id, MaxThreads)
	}
	m.want(0, true, 2)
	m.Exit(0)
	if id := m.New(); id != 2 {
		t.Fatalf("the new thread has number %d, want 2, which is free", id)
	}
}

func TestForeignNumbersAreNoThreads(t *testing.T) {
	m := newMachine(t, 1)
	for _, id := range []Thread{-1, 0, 2, MaxThreads + 1} {
		if s := m.State(id); s != Free {
			t.Errorf("thread %d has state %d, want free", id, s)
		}
		m.Wake(id)
	}
	m.want(0, true, 1)
}

// Threads that spin, sleep and wait for each other, on one to four processors,
// for many seconds of their time: nobody starves, nobody sleeps longer than it
// takes all the others to use up a slice.
func TestFairness(t *testing.T) {
	for _, cpus := range []int{1, 2, 4} {
		const threads, rounds = 20, 20000
		m := newMachine(t, threads)
		r := rand.New(rand.NewPCG(uint64(cpus), 1))
		var ran [threads + 1]int64      // time on a processor
		var readyAt [threads + 1]int64  // since when
		var lastWait [threads + 1]int64 // the longest time in the run queue
		spins := func(id Thread) bool { return id%2 == 0 }
		for i := range readyAt {
			readyAt[i] = m.now
		}
		woken := func(id Thread) {
			m.Wake(id)
			readyAt[id] = m.now
		}
		for range rounds {
			before := m.now
			next := int64(Never)
			for cpu := range cpus {
				next = min(next, m.Alarm(cpu, m.now))
			}
			if next == Never {
				next = m.now + Slice
			}
			m.now = max(m.now+1, next)
			for cpu := range cpus {
				if id := m.Current(cpu); id != Nobody {
					ran[id] += m.now - before
				}
			}
			for id := m.Expired(m.now); id != Nobody; id = m.Expired(m.now) {
				woken(id)
			}
			for cpu := range cpus {
				was := m.Current(cpu)
				switch {
				case was == Nobody || spins(was):
				case r.IntN(2) == 0:
					m.Wait(cpu, 0, m.now+1+r.Int64N(3*Slice))
				default:
					m.Wait(cpu, uint64(was%3+1), m.now+10*Slice)
					if id := m.Waiter(uint64(r.IntN(3) + 1)); id != Nobody {
						woken(id)
					}
				}
				giveWay := m.cpus[cpu].slice <= m.now
				id := m.Next(cpu, m.now, giveWay)
				if giveWay && was != Nobody && m.State(was) == Ready {
					readyAt[was] = m.now
				}
				if id != was && id != Nobody {
					lastWait[id] = max(lastWait[id], m.now-readyAt[id])
				}
			}
			for {
				cpu, ok := m.Kick()
				if !ok {
					break
				}
				if id := m.Next(cpu, m.now, false); id != Nobody {
					lastWait[id] = max(lastWait[id], m.now-readyAt[id])
				}
			}
		}
		low, high := int64(Never), int64(0)
		for id := Thread(1); id <= threads; id++ {
			if limit := int64(threads * Slice * 2); lastWait[id] > limit {
				t.Errorf("%d processors: thread %d was ready for %d ms before it ran, limit %d", cpus, id, lastWait[id]/1e6, limit/1e6)
			}
			if spins(id) {
				low, high = min(low, ran[id]), max(high, ran[id])
			}
		}
		if low*10 < high*9 {
			t.Errorf("%d processors: of the threads that spin one ran for %d ms, another for %d", cpus, low/1e6, high/1e6)
		}
	}
}

func TestWaitsTellsWhatFor(t *testing.T) {
	var s Scheduler
	a := s.Start(0, 0)
	if got := s.Waits(a); got != 0 {
		t.Errorf("a running thread waits for %#x", got)
	}
	s.Wait(0, 0x1234, 0)
	if got := s.Waits(a); got != 0x1234 {
		t.Errorf("it waits for %#x, not for 0x1234", got)
	}
	s.Wake(a)
	for _, id := range []Thread{a, Nobody, -1, MaxThreads, MaxThreads + 1} {
		if got := s.Waits(id); got != 0 {
			t.Errorf("thread %d waits for %#x", id, got)
		}
	}
}
