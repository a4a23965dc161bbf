package kernel

// Stacks of one size, each with a guard page below that whoever adds a block takes
// away. Blocks are as large as what one page table maps, so that each costs one.
const (
	StackSize  = 32 << 10
	StackGuard = 4 << 10
	StackBlock = 2 << 20 // also the alignment of a block

	stackSlot      = StackGuard + StackSize
	stacksPerBlock = StackBlock / stackSlot // 56: their use fits into a word
	maxStackBlocks = 16
)

// Stacks hands out stacks of StackSize bytes. The zero value has none.
type Stacks struct {
	blocks [maxStackBlocks]struct {
		base uintptr
		used uint64 // bit i: slot i
	}
	n int
}

// Add gives s a block of StackBlock bytes at base. It reports false if it has as
// many as it can.
func (s *Stacks) Add(base uintptr) bool {
	if s.n == maxStackBlocks {
		return false
	}
	s.blocks[s.n].base = base
	s.blocks[s.n].used = 0
	s.n++
	return true
}

// Get returns the lowest address of a stack, 0 if all are in use.
func (s *Stacks) Get() uintptr {
	for i := range s.blocks[:s.n] {
		b := &s.blocks[i]
		for slot := range uintptr(stacksPerBlock) {
			if b.used>>slot&1 == 0 {
				b.used |= 1 << slot
				return b.base + slot*stackSlot + StackGuard
			}
		}
	}
	return 0
}

// Put takes a stack back. It reports false if that is none that is in use.
func (s *Stacks) Put(lo uintptr) bool {
	for i := range s.blocks[:s.n] {
		b := &s.blocks[i]
		offset := lo - b.base - StackGuard
		slot := offset / stackSlot
		if offset%stackSlot == 0 && slot < stacksPerBlock && b.used>>slot&1 != 0 {
			b.used &^= 1 << slot
			return true
		}
	}
	return false
}

// Has tells whether size bytes at p touch a block.
func (s *Stacks) Has(p, size uintptr) bool {
	for i := range s.blocks[:s.n] {
		base := s.blocks[i].base
		if p < base+StackBlock && size > 0 && (p >= base || size > base-p) {
			return true
		}
	}
	return false
}

// Guards calls f with each guard page of the block at base.
func Guards(base uintptr, f func(page uintptr)) {
	for slot := range uintptr(stacksPerBlock) {
		f(base + slot*stackSlot)
	}
}
