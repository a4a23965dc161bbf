package netlog

import (
	"gasp/netlog/wire"
)

// A lastSealed is the last level of a sender that seals: nothing can be put into a frame that is sealed. It is
// sealed anew for each session of the log host, which believes no other. All have the same number: only one of
// them is ever sent.
type lastSealed struct {
	words   [lastWordsSize]byte
	length  int // of words
	current int // of frames
	lengths [2]int
	frames  [2][lastSealedSize]byte
}

const (
	// lastWordsSize holds the headline with the longest build id.
	lastWordsSize  = 512
	lastSealedSize = headroom + wire.SealedOverhead + lastWordsSize + 16
)

// build makes the text with what is known at start.
func (f *lastSealed) build(boot [bootDigits]byte, block *wire.Block) {
	h := wire.Headline{Boot: boot, Cause: []byte(wire.FailedCause), Block: block}
	f.length = copy(f.words[:], wire.AppendHeadline(nil, &h, lastWordsSize))
}

// reseal makes the frame for the present session. A crash in between finds the one before.
func (f *lastFrame) reseal(l *Logger) {
	s := &l.network
	z := &s.sealed
	if l.crash.dying() {
		return
	}
	other := 1 - f.sealed.current&1
	b := z.sealer.Begin(f.sealed.frames[other][headroom:headroom])
	b = wire.AppendLastWordsItem(b, f.sealed.words[:within(f.sealed.length, lastWordsSize)])
	b = z.sealer.Seal(b, wire.LastNumber, &wire.Status{
		Time:      l.microseconds(),
		Next:      z.said.Load(),
		Oldest:    l.ring.oldest(),
		Heartbeat: z.heartbeatTenths(),
		Dying:     true,
		Proof:     s.answers.proof,
	})
	f.sealed.lengths[other] = headroom + len(b)
	f.sealed.current = other
}

// frame is the one to send with these headers, nothing if there is none.
func (f *lastSealed) frame(t *template) []byte {
	i := f.current & 1
	if n := f.lengths[i]; n > headroom && n <= lastSealedSize {
		return t.complete(f.frames[i][:n])
	}
	return nil
}
