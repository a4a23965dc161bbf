//go:build tamago && arm

package arm

import "unsafe"

// At the end of the page with the command line (handover.go) an emulator may leave a seed for random numbers, which it has no
// device for: a magic, and 32 bytes. An emulator that resets the machine leaves the same seed again. A count of the starts that RAM
// keeps meanwhile makes another one of it.
const (
	seedMagic   = 0x64656573 // "seed"
	seedAt      = handOver + 0xfc0
	seedSize    = 32
	startsMagic = 0x73747273 // "srts"
	startsAt    = handOver + 0xff0
)

// TakeSeed is the seed, which the caller overwrites; nil if there is none.
func TakeSeed() []byte {
	if load(seedAt) != seedMagic {
		return nil
	}
	store(seedAt, 0)
	starts := uint32(0)
	if load(startsAt) == startsMagic {
		starts = load(startsAt+4) + 1
	}
	store(startsAt, startsMagic)
	store(startsAt+4, starts)
	p := uintptr(seedAt + 4)
	store(p, load(p)^starts)
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&p))), seedSize)
}
