package seal

import (
	"testing"
	"unsafe"
)

type static struct {
	words  []byte
	where  uint64
	clock  func() int64
	who    [6]byte
	number uint16
}

type device struct {
	static
	rest   [64]uint64
	sealed Of[static]
}

func newDevice() *device {
	d := &device{static: static{make([]byte, 40), 0x1234, func() int64 { return 7 }, [6]byte{1, 2}, 9}}
	d.sealed = NewOf(&d.static)
	return d
}

func bytesOf(p unsafe.Pointer, n uintptr) []byte { return unsafe.Slice((*byte)(p), n) }

func TestEveryByteOverwrittenIsRestored(t *testing.T) {
	d := newDevice()
	first := &d.words[0]
	all := bytesOf(unsafe.Pointer(&d.static), unsafe.Sizeof(d.static))
	for i := range all {
		for _, v := range []byte{0, 0xFF, 0x5A} {
			for j := i; j < len(all); j++ {
				all[j] = v
			}
			d.sealed.Mend(&d.static)
			if &d.words[0] != first || len(d.words) != 40 || d.where != 0x1234 || d.clock() != 7 || d.who != [6]byte{1, 2} || d.number != 9 {
				t.Fatalf("overwritten from byte %d on with %#x, mended to %+v", i, v, d.static)
			}
		}
	}
}

func TestACopyThatWasOverwrittenIsNotBelieved(t *testing.T) {
	for _, v := range []byte{0, 0xFF, 0x5A} {
		d := newDevice()
		copied := bytesOf(unsafe.Pointer(&d.sealed), unsafe.Sizeof(d.sealed))
		for i := range copied {
			for j := 0; j <= i; j++ {
				copied[j] = v
			}
			if d.sealed.Mend(&d.static); d.where != 0x1234 || len(d.words) != 40 {
				t.Fatalf("with %d bytes of the copy overwritten with %#x, the sound original became %+v", i+1, v, d.static)
			}
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	d := newDevice()
	if n := testing.AllocsPerRun(10, func() { d.where++; d.sealed.Mend(&d.static) }); n != 0 {
		t.Errorf("Mend allocates %v times", n)
	}
}
