package source

import "time"

// clock maps a sender's time, microseconds since its boot, to the time of day, for one boot.
//
// What arrives at A and was stamped T by the sender says that the sender's boot was no later than
// A-T; by how much earlier is the delay on the way. So the least A-T is the nearest to the truth, and
// it is an upper bound of it. The sender's clock may run fast or slow by maxDrift against ours, so a
// bound grows by as much while it gets older. The clock keeps the least bound of two stretches of
// time, the running one and the one before: a bounded state, and one that forgets.
//
// The error that it states is one-sided: what was said was said at the time that is given, or earlier
// by no more than the error. It is an estimate of the delay that the best of the samples had, and
// knows nothing of a delay that all of them have.
type clock struct {
	running, before stretch
	base            int64 // nanoseconds, of the first sample
}

// stretch is what was learnt in clockStretch.
type stretch struct {
	began  int64 // nanoseconds, of our time
	bound  int64 // the least sample, less the growth of our time up to it: as bound(0) would be
	at     int64 // when that sample came
	taken  int64 // when one was taken for the excess
	count  int64 // samples taken for the excess, apart from each other
	excess float64
}

const (
	clockStretch = 30 * time.Second
	// maxDrift is how many nanoseconds in a million the two clocks may drift apart.
	maxDrift = 200
	// clockApart is how far samples are apart that count as more than one: what the network delays, it
	// delays in bunches.
	clockApart = 100 * time.Millisecond
	// fewSamples is below how many of them a delay of firstDelay is allowed for.
	fewSamples = 8
	firstDelay = time.Second
	// delayFactor: of n samples that are later than the least by m in the mean, the least is hardly late
	// by more than delayFactor*m/n. For delays that are spread evenly it is once in a million for 30
	// samples, and hardly ever for 100.
	delayFactor = 60
	// clockGrain is what the stamping of a datagram on arrival may be off.
	clockGrain = time.Millisecond
	// longestUptime is the largest time in microseconds that is believed: a hundred years.
	longestUptime = 100 * 365 * 24 * 3600 * 1_000_000
)

func drift(d int64) int64 { return d / (1_000_000 / maxDrift) }

// sample takes a datagram that came at a time with the sender's time in it.
func (c *clock) sample(at time.Time, usec uint64) {
	if usec > longestUptime {
		return
	}
	now := at.UnixNano()
	offset := now - int64(usec)*1000
	if c.running.count == 0 {
		c.base = offset
		c.running = stretch{began: now, bound: offset - drift(now), at: now}
	}
	if now-c.running.began >= int64(clockStretch) {
		c.before, c.running = c.running, stretch{began: now, bound: offset - drift(now), at: now}
	}
	s := &c.running
	if bound := offset - drift(now); bound <= s.bound {
		s.bound, s.at = bound, now
	}
	if s.count == 0 || now-s.taken >= int64(clockApart) {
		s.count++
		s.taken = now
		s.excess += float64(offset - c.base)
	}
}

// said is when, by our clock, something happened that the sender's clock says was at usec.
func (c *clock) said(now time.Time, usec uint64) (at time.Time, earlier time.Duration) {
	if c.running.count == 0 || usec > longestUptime {
		return time.Time{}, 0
	}
	ours := now.UnixNano()
	least := &c.running
	if c.before.count > 0 && c.before.bound <= least.bound {
		least = &c.before
	}
	offset := least.bound + drift(ours)
	lowest := float64(least.bound + drift(least.at) - c.base)
	late := c.late(c.running.count, c.running.excess, lowest, ours-c.running.began)
	if c.before.count > 0 {
		late = min(late, c.late(c.running.count+c.before.count, c.running.excess+c.before.excess, lowest, ours-c.before.began))
	}
	said := offset + int64(usec)*1000
	// What was said some time ago was said when the offset was another.
	old := drift(max(ours-said, 0))
	said = min(said+old, ours) // nothing is said after it came
	return time.Unix(0, said), clockGrain + late + time.Duration(2*old)
}

// late is how much too high the bound may be, by the samples of so many nanoseconds: what the best of
// them was late, and what the clocks drifted towards each other.
func (c *clock) late(count int64, excess, lowest float64, age int64) time.Duration {
	n := float64(count)
	late := time.Duration(max(excess/n-lowest, 0) * delayFactor / n)
	if count < fewSamples {
		late = max(late, firstDelay)
	}
	return late + time.Duration(2*drift(max(age, 0)))
}
