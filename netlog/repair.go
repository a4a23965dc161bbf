package netlog

import (
	"sync/atomic"
	"time"
)

// What a log host that asks without end gets: so many datagrams at once, and so many a second.
const (
	repairBurst = 256
	repairRate  = 4096

	repairInterval = int64(time.Second) / repairRate
)

// repairPause is how long the same number is not sent again: it may be on its way. In stamps.
const repairPause = 20

// repairs is what is known of records that were sent and may be asked for.
type repairs struct {
	spent  int64  // when all datagrams so far would have been sent at the rate
	goneTo uint64 // number behind the last one told as gone
	goneAt uint32 // stamp
	sent   atomic.Uint64
	stamps [Records]uint32 // when each record of the ring was sent last
}

// A stamp is a time in units of about a millisecond; 0 is never.
func stampOf(now int64) uint32 {
	if now <= 0 {
		return 0
	}
	return uint32(now>>20) | 1<<31
}

// recent says whether a stamp is younger than the pause. Without a clock none is.
func recent(stamp, now uint32) bool { return stamp != 0 && now != 0 && now-stamp < repairPause }

// allows says whether one more datagram stays within the bounds (ITU-T I.371, generic cell rate algorithm).
func (r *repairs) allows(now int64) bool {
	const most = repairBurst * repairInterval
	if r.spent < now || r.spent-now > most {
		r.spent = now
	}
	return r.spent-now <= most-repairInterval
}

// prepareRepair makes a datagram of what a log host misses, for that one: the records, and which of the numbers are
// held back or gone. What was never sent is not asked for, whatever the answer says.
func (l *Logger) prepareRepair() bool {
	s := &l.network
	if s.more.Load() == 0 {
		return s.answers.asks() && l.repairFor(&s.answers)
	}
	for i := range s.destinations() {
		if a := &s.to(i).answers; a.asks() && l.repairFor(a) {
			s.sealed.only = i + 1
			return true
		}
	}
	return false
}

// asks says whether something that the log host asked for was not looked at yet.
func (a *answers) asks() bool { return uint(a.run) < uint(a.newest.Runs) }

func (l *Logger) repairFor(a *answers) bool {
	z := &l.network.sealed
	r := &z.repairs
	wanted := a.newest.Wanted[:min(uint(a.newest.Runs), uint(len(a.newest.Wanted)))]
	if uint(a.run) >= uint(len(wanted)) || !r.allows(l.now()) {
		return false
	}
	said := z.said.Load()
	g := gathering{length: l.beginDatagram()}
	empty := g.length
	for a.run < len(wanted) {
		w := wanted[a.run]
		if w.First >= said {
			a.run = len(wanted)
			break
		}
		g.seq, g.end = max(w.First, a.from), min(w.Last, said-1)+1
		l.gather(&g, true)
		if g.seq < g.end {
			a.from = g.seq
			break
		}
		a.run++
		a.from = 0
	}
	if g.length == empty {
		return false
	}
	r.spent += repairInterval
	z.records, z.gone, z.upto, z.repaired = g.records, 0, 0, true
	l.seal(g.length, said)
	return true
}
