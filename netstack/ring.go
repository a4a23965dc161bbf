package netstack

import "sync/atomic"

const (
	// ringFrames is how many received frames wait for the stack: a power of two.
	ringFrames = 512
	// frameSize holds the longest frame without FCS, with a VLAN tag.
	frameSize = 1518
)

// A ring holds received frames between the context that takes them from the device,
// which may be an interrupt, and the stack's goroutine. One puts and one takes at a
// time: the logger's device is held by who puts.
type ring struct {
	put, taken atomic.Uint64 // frames so far
	dropped    atomic.Uint64 // frames there was no room for
	lengths    [ringFrames]int
	frames     [ringFrames][frameSize]byte
}

// tap copies a frame into the ring, or counts it as dropped. It allocates nothing,
// stores no pointer and does not wait.
func (r *ring) tap(frame []byte) {
	at := r.put.Load()
	if at-r.taken.Load() >= ringFrames || len(frame) > frameSize {
		r.dropped.Add(1)
		return
	}
	r.lengths[at%ringFrames] = copy(r.frames[at%ringFrames][:], frame)
	r.put.Store(at + 1)
}

// next is the frame that is taken next, nil if there is none. It stays where it is
// until done.
func (r *ring) next() []byte {
	at := r.taken.Load()
	if at == r.put.Load() {
		return nil
	}
	return r.frames[at%ringFrames][:r.lengths[at%ringFrames]]
}

// done gives back the place of the frame that next returned.
func (r *ring) done() { r.taken.Add(1) }
