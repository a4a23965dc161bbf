package main

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
	"weak"
)

// node is one of a binary tree, with room that must be zero when it is new.
type node struct {
	left, right *node
	room        [5]uintptr
}

var errDirty = errors.New("new memory is not zero")

func tree(depth int) (*node, error) {
	n := new(node)
	if *n != (node{}) {
		return nil, errDirty
	}
	n.room[depth%len(n.room)] = ^uintptr(0)
	if depth == 0 {
		return n, nil
	}
	var err error
	if n.left, err = tree(depth - 1); err == nil {
		n.right, err = tree(depth - 1)
	}
	return n, err
}

func (n *node) count() int {
	if n == nil {
		return 0
	}
	return 1 + n.left.count() + n.right.count()
}

// churn: several goroutines build and drop trees, slices and maps while the
// collector runs; what is still referred to stays whole, and new memory is zero.
func churn() error {
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	const depth = 9
	return parallel(4, func(i int) error {
		kept, err := tree(depth + 2)
		if err != nil {
			return err
		}
		words := map[int]string{}
		for turn := range 40 {
			t, err := tree(depth)
			if err != nil {
				return err
			}
			if n := t.count(); n != 1<<(depth+1)-1 {
				return fmt.Errorf("a tree of %d nodes has %d", 1<<(depth+1)-1, n)
			}
			garbage := make([]byte, 1000+turn*4093)
			for k := 0; k < len(garbage); k += 512 {
				if garbage[k] != 0 {
					return errDirty
				}
				garbage[k] = 0xff
			}
			words[turn%16] = fmt.Sprint(turn, i)
		}
		for k, word := range words {
			var turn, who int
			if n, err := fmt.Sscan(word, &turn, &who); n != 2 || err != nil || turn%16 != k || who != i {
				return fmt.Errorf("a map's value for %d became %q", k, word)
			}
		}
		if n := kept.count(); n != 1<<(depth+3)-1 {
			return fmt.Errorf("of %d nodes that were kept %d are there", 1<<(depth+3)-1, n)
		}
		return nil
	})
}

// collected: what nobody refers to is found: finalizers and cleanups run, weak
// pointers become nil; what somebody refers to is not.
func collected() error {
	const n = 100
	var finalized, cleaned atomic.Int32
	kept := new(node)
	keptWeak := weak.Make(kept)
	weaks := make([]weak.Pointer[node], n)
	for i := range n {
		p, q := new(node), new(node)
		weaks[i] = weak.Make(p)
		runtime.SetFinalizer(p, func(*node) { finalized.Add(1) })
		runtime.AddCleanup(q, func(int) { cleaned.Add(1) }, i)
	}
	const patience = 200 // collections; a conservative scan may hold one or two back for a while
	for range patience {
		runtime.GC()
		if finalized.Load() >= n-2 && cleaned.Load() >= n-2 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	gone := 0
	for _, w := range weaks {
		if w.Value() == nil {
			gone++
		}
	}
	if finalized.Load() < n-2 || cleaned.Load() < n-2 || gone < n-2 {
		return fmt.Errorf("of %d objects %d were finalized, %d cleaned up behind, %d are gone", n, finalized.Load(), cleaned.Load(), gone)
	}
	if keptWeak.Value() != kept {
		return errors.New("a weak pointer lost what is still in use")
	}
	runtime.KeepAlive(kept)
	return nil
}

// memory: what is given back is used again. In all this takes more than the
// machine has.
func memory() error {
	const size, turns = 24 << 20, 20
	var before, after runtime.MemStats
	debug.FreeOSMemory()
	runtime.ReadMemStats(&before)
	for turn := range turns {
		big := make([]byte, size)
		for k := 0; k < size; k += 4096 {
			if big[k] != 0 {
				return errDirty
			}
			big[k] = byte(turn) | 1
		}
		if turn%4 == 0 {
			big = nil
			debug.FreeOSMemory()
		}
	}
	debug.FreeOSMemory()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 6*size {
		return fmt.Errorf("%d times %d MB, one at a time, took %d MB of address space", turns, size>>20, grown>>20)
	}
	if after.HeapReleased == 0 || after.HeapReleased > after.HeapIdle || after.HeapIdle+after.HeapInuse != after.HeapSys {
		return fmt.Errorf("of %d bytes of heap %d are in use, %d idle, %d released", after.HeapSys, after.HeapInuse, after.HeapIdle, after.HeapReleased)
	}
	old := debug.SetMemoryLimit(-1)
	if debug.SetMemoryLimit(1<<30) != old || debug.SetMemoryLimit(old) != 1<<30 {
		return errors.New("the memory limit does not keep what is set")
	}
	return nil
}

// stacks: they grow and move while goroutines are preempted and collections scan
// them, and what they hold goes with them.
func stacks() error {
	s := startSpinners(1)
	defer s.stop()
	return parallel(4, func(i int) error {
		for _, depth := range []int{10, 1000, 10000} {
			var at [4]uintptr
			if sum := deep(depth, &at); sum != depth*(depth+1)/2 {
				return fmt.Errorf("%d calls deep the sum is %d", depth, sum)
			}
			if at != [4]uintptr{uintptr(depth), 0, 0, 0} {
				return fmt.Errorf("what a stack's pointer led to became %v", at)
			}
			if i == 0 {
				runtime.GC()
			}
		}
		return nil
	})
}

// deep calls itself with room on the stack and a pointer into the first frame.
//
//go:noinline
func deep(n int, at *[4]uintptr) int {
	var room [16]int
	room[n%len(room)] = n
	if n == 0 {
		return 0
	}
	at[0]++
	sum := deep(n-1, at)
	return sum + room[n%len(room)]
}
