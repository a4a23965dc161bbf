// Package seal keeps a second copy of what a driver must not lose to a stray
// write: where its registers and its memory are.
package seal

import "unsafe"

// Of is a copy of a T, which is not to change any more, and its checksum. T is a
// multiple of 8 bytes. Of belongs far from the T, in the same object, so that a
// stray write hits one of them only.
type Of[T any] struct {
	value T
	sum   uint64
}

// NewOf copies v.
func NewOf[T any](v *T) Of[T] { return Of[T]{value: *v, sum: sum(words(v))} }

// Mend makes v what was sealed, if it is not and the copy is sound. It may be called
// from any context: pointers are copied as words, without a write barrier, which is
// no harm because the copy has kept alive what they point to.
func (s *Of[T]) Mend(v *T) {
	is, was := words(v), words(&s.value)
	if text(is) != text(was) && sum(was) == s.sum {
		copy(is, was)
	}
}

func words[T any](v *T) []uint64 {
	return unsafe.Slice((*uint64)(unsafe.Pointer(v)), unsafe.Sizeof(*v)/8)
}

// text is for comparing, which the runtime does faster than a loop.
func text(w []uint64) string {
	return unsafe.String((*byte)(unsafe.Pointer(unsafe.SliceData(w))), len(w)*8)
}

// sum depends on the order of words, and is not 0 for zeros.
func sum(w []uint64) uint64 {
	s := uint64(len(w)) + 1
	for _, v := range w {
		s = (s<<5 | s>>59) ^ v
		s *= 0x9E3779B97F4A7C15
	}
	return s
}
