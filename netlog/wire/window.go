package wire

// WindowSize is how far behind the newest number a datagram may come and still be taken.
const WindowSize = 4096

// A Window tells numbers of datagrams that were not seen yet from others, as in RFC 4303, 3.4.3. The
// zero Window has seen none.
type Window struct {
	top  uint64 // the greatest number seen
	last bool   // LastNumber was seen; it does not move the window
	seen [WindowSize / 64]uint64
}

// Top is the greatest number seen, LastNumber left out.
func (w *Window) Top() uint64 { return w.top }

// Fresh says whether a number was not seen yet and is not too old to tell.
func (w *Window) Fresh(n uint64) bool {
	switch {
	case n == LastNumber:
		return !w.last
	case n == 0:
		return false
	case n > w.top:
		return true
	}
	return w.top-n < WindowSize && w.seen[n%WindowSize/64]&(1<<(n%64)) == 0
}

// Take marks a fresh number as seen. It is called once the datagram is known to be genuine.
func (w *Window) Take(n uint64) {
	if n == LastNumber {
		w.last = true
		return
	}
	if n > w.top {
		if n-w.top >= WindowSize {
			w.seen = [WindowSize / 64]uint64{}
		} else {
			for i := w.top + 1; i < n; i++ {
				w.seen[i%WindowSize/64] &^= 1 << (i % 64)
			}
		}
		w.top = n
	}
	w.seen[n%WindowSize/64] |= 1 << (n % 64)
}
