package drivertest

import (
	"testing"
)

// crash is what OnAccess panics with.
type crash struct{}

// CrashAt runs f and stops it before its k-th register access; it tells whether
// f got that far.
func (b *Bench) CrashAt(k int, f func()) (crashed bool) {
	start := *b.Accesses
	*b.OnAccess = func(n int) {
		if n-start == k {
			panic(crash{})
		}
	}
	defer func() {
		*b.OnAccess = nil
		if r := recover(); r != nil {
			if _, ok := r.(crash); !ok {
				panic(r)
			}
			crashed = true
		}
	}()
	f()
	return false
}

// Every method, stopped before each of its register accesses, and taken over
// from there, with the device fast, slow and dead.
func (s *Suite) TestTakeOverFromInsideEveryMethod(t *testing.T) {
	frames := [][]byte{Numbered(60, 1), Numbered(70, 2), Numbered(80, 3)}
	for _, m := range []struct {
		name string
		call func(b *Bench)
	}{
		{"Transmit", func(b *Bench) { b.Transmit(frames[0]) }},
		{"TransmitBatch", func(b *Bench) { b.TransmitBatch(frames) }},
		{"Flush", func(b *Bench) { b.Flush() }},
		{"Receive", func(b *Bench) { b.Inject(frames[0]); b.Receive(make([]byte, 2000)) }},
		{"Link", func(b *Bench) { b.Link() }},
		{"TakeOver when idle", func(b *Bench) { b.TakeOver() }},
		{"TakeOver with a reset", func(b *Bench) { b.Upset(); b.TakeOver() }},
	} {
		for _, slow := range []int64{0, 12e3} {
			t.Run(m.name, func(t *testing.T) {
				s.onEach(t, func(b *Bench) {
					*b.FrameTime = slow
					for k := 1; k < 300_000; k += s.Stride(k) {
						for i := range k % 5 {
							b.Transmit(Numbered(100, i))
						}
						if !b.CrashAt(k, func() { m.call(b) }) {
							return
						}
						if err := b.TakeOver(); err != nil {
							b.Fatalf("stopped before access %d: %v", k, err)
						}
						b.Elapse(1e9)
						for i := range 70 {
							b.Sends("after TakeOver from inside", Numbered(60+i, i))
							b.Receives("after TakeOver from inside", Numbered(60+i, i))
						}
					}
					b.Errorf("%s takes more than 300,000 register accesses", m.name)
				})
			})
		}
	}
}

// Stopped before any register access of any method: what Transmit took has left or
// is told of as lost, and nothing leaves twice or late.
func (s *Suite) TestDeliveredAndLostAddUp(t *testing.T) {
	for _, device := range []struct {
		name string
		set  func(b *Bench)
	}{
		{"fast", func(b *Bench) {}},
		{"slow", func(b *Bench) { *b.FrameTime = 12e3 }},
		{"that stops after 3", func(b *Bench) { *b.StopAfter = 4 }},
		{"that completes nothing", func(b *Bench) { *b.NeverCompletes = true }},
		{"that writes nothing back", func(b *Bench) { *b.NoWriteBack = true }},
	} {
		for _, call := range []struct {
			name string
			do   func(b *Bench, next func() []byte)
		}{
			{"Transmit", func(b *Bench, next func() []byte) { b.Transmit(next()) }},
			{"TransmitBatch", func(b *Bench, next func() []byte) { b.TransmitBatch([][]byte{next(), next(), next()}) }},
			{"Flush", func(b *Bench, next func() []byte) { b.Flush() }},
			{"Receive", func(b *Bench, next func() []byte) { b.Inject(Numbered(60, 1)); b.Receive(make([]byte, 2000)) }},
			{"TakeOver", func(b *Bench, next func() []byte) { b.TakeOver() }},
			{"TakeOver with a reset", func(b *Bench, next func() []byte) { b.Upset(); b.TakeOver() }},
		} {
			t.Run(call.name+" on a device "+device.name, func(t *testing.T) {
				for _, k := range s.Kinds {
					if k.Alike {
						continue
					}
					for step := 1; step < 300_000; step += 1 + step/60*60 {
						b := k.Open(t)
						number := 0
						next := func() []byte { number++; return Numbered(60, number) }
						for range 7 {
							b.Transmit(next())
						}
						b.Flush()
						device.set(b)
						for range step % 6 {
							b.Transmit(next())
						}
						taken := number
						writesBack := !*b.NoWriteBack
						crashed := b.CrashAt(step, func() { call.do(b, next) })
						if err := b.TakeOver(); err != nil {
							t.Fatalf("%s, stopped before access %d: TakeOver: %v", k.Name, step, err)
						}
						delivered, given := 0, 0
						for i, f := range b.frames() {
							if numberOf(f) != i+1 {
								t.Fatalf("%s, stopped before access %d: frame %d on the wire is number %d", k.Name, step, i+1, numberOf(f))
							}
							if given++; numberOf(f) <= taken {
								delivered++
							}
						}
						most := number - given
						if !writesBack {
							most = number
						}
						if b.Lost < taken-delivered || b.Lost > most {
							t.Fatalf("%s, stopped before access %d: %d frames taken and %d begun, %d left: %d lost",
								k.Name, step, taken, number-taken, given, b.Lost)
						}
						b.Mend()
						b.Elapse(1e9)
						if err := b.TakeOver(); err != nil {
							t.Fatalf("%s, stopped before access %d: a second TakeOver: %v", k.Name, step, err)
						}
						if b.Resets() != 0 && len(b.frames()) != given {
							t.Fatalf("%s, stopped before access %d: %d frames that were given up left later", k.Name, step, len(b.frames())-given)
						}
						*b.Sent = nil
						b.Sends("after TakeOver", Numbered(60, 500), Numbered(60, 501))
						b.Receives("after TakeOver", Numbered(70, 502))
						if !crashed {
							break
						}
					}
				}
			})
		}
	}
}
