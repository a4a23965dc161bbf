package main

import (
	"runtime"
	"runtime/metrics"
	"time"
)

// node is one of a binary tree.
type node struct {
	left, right *node
	room        [6]uintptr
}

func tree(depth int) *node {
	if depth == 0 {
		return new(node)
	}
	return &node{left: tree(depth - 1), right: tree(depth - 1)}
}

// collect is a whole collection with a heap of 64 MB, a million objects.
func collect() {
	const depth = 19 // 2^20-1 nodes of 64 bytes
	root := tree(depth)
	runtime.GC()
	least := time.Hour
	for range repeats {
		least = min(least, measure(func(int) { runtime.GC() }, 1))
	}
	say("collect", float64(least.Nanoseconds()), "ns")
	runtime.KeepAlive(root)
}

// churn makes a gigabyte of garbage beside a live heap of some MB, a part of it
// new from time to time, and says how large the heap became.
func churn() {
	const garbage = 1 << 30
	begin := time.Now()
	root := tree(14)
	var buffer []byte
	for made, turn := 0, 0; made < garbage; turn++ {
		size := 64 + turn*997%65536
		buffer = make([]byte, size)
		buffer[size-1] = 1
		made += size
		if turn%32 == 0 {
			root.left = tree(12)
			made += 64 << 13
		}
	}
	took := time.Since(begin)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	limiter := []metrics.Sample{{Name: "/gc/limiter/last-enabled:gc-cycle"}}
	metrics.Read(limiter)
	say("churn-time", float64(took.Microseconds())/1000, "ms")
	say("churn-heapsys", float64(m.HeapSys)/(1<<20), "MB")
	say("churn-sys", float64(m.Sys)/(1<<20), "MB")
	say("churn-collections", float64(m.NumGC), "cycles")
	say("churn-limiter", float64(limiter[0].Value.Uint64()), "cycle")
	runtime.KeepAlive(root)
	runtime.KeepAlive(buffer)
}
