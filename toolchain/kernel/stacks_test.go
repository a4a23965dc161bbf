package kernel

import "testing"

func TestStacksDoNotTouch(t *testing.T) {
	const base = 0x40000000
	var s Stacks
	if s.Get() != 0 {
		t.Fatal("a stack out of no block")
	}
	s.Add(base)
	pages := map[uintptr]string{}
	Guards(base, func(page uintptr) { pages[page] = "guard" })
	if len(pages) != stacksPerBlock {
		t.Errorf("%d guard pages, want %d", len(pages), stacksPerBlock)
	}
	n := 0
	for lo := s.Get(); lo != 0; lo = s.Get() {
		n++
		if pages[lo-StackGuard] != "guard" {
			t.Errorf("no guard page below the stack at %#x", lo)
		}
		for p := lo; p < lo+StackSize; p += StackGuard {
			if p < base || p >= base+StackBlock || pages[p] != "" {
				t.Errorf("page %#x of the stack at %#x is a %q already, or outside", p, lo, pages[p])
			}
			pages[p] = "stack"
		}
	}
	if n != stacksPerBlock {
		t.Errorf("%d stacks, want %d", n, stacksPerBlock)
	}
}

func TestStacksComeBack(t *testing.T) {
	var s Stacks
	for i := range uintptr(maxStackBlocks) {
		if !s.Add((i + 1) * StackBlock) {
			t.Fatalf("block %d is refused", i)
		}
	}
	if s.Add(1 << 40) {
		t.Error("one block too many is taken")
	}
	var stacks []uintptr
	for lo := s.Get(); lo != 0; lo = s.Get() {
		stacks = append(stacks, lo)
	}
	if len(stacks) != maxStackBlocks*stacksPerBlock {
		t.Fatalf("%d stacks, want %d", len(stacks), maxStackBlocks*stacksPerBlock)
	}
	for i, lo := range stacks {
		if !s.Put(lo) || s.Put(lo) {
			t.Fatalf("stack %d cannot be put back, or twice", i)
		}
		if got := s.Get(); got != lo {
			t.Fatalf("%#x comes back as %#x", lo, got)
		}
	}
}

func TestPutRefusesWhatIsNoStack(t *testing.T) {
	const base = 4 * StackBlock
	var s Stacks
	s.Add(base)
	lo := s.Get()
	for _, p := range []uintptr{0, 1, base, lo - 1, lo + 1, lo + StackGuard, lo + stackSlot, base - stackSlot + StackGuard,
		base + stacksPerBlock*stackSlot + StackGuard, ^uintptr(0)} {
		if s.Put(p) {
			t.Errorf("%#x is taken for a stack in use", p)
		}
	}
	if !s.Put(lo) {
		t.Error("a stack in use is refused")
	}
}

func TestHas(t *testing.T) {
	const base = 4 * StackBlock
	var s Stacks
	s.Add(base)
	for _, tt := range []struct {
		p, size uintptr
		want    bool
	}{
		{base, 1, true}, {base + StackBlock - 1, 1, true}, {base - 1, 2, true}, {0, ^uintptr(0), true},
		{base - 1, 1, false}, {base + StackBlock, 1, false}, {base, 0, false}, {0, 0, false},
	} {
		if got := s.Has(tt.p, tt.size); got != tt.want {
			t.Errorf("Has(%#x, %#x) = %v", tt.p, tt.size, got)
		}
	}
}
