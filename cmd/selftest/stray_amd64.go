//go:build tamago

package main

import (
	"fmt"
	"sync/atomic"
	"time"
	"unsafe"

	"gasp/board/machine"
)

func init() { checks = append(checks, check{"stray", strayInterrupts}) }

// strayInterrupts sends the first processor interrupts that are nobody's, while it idles: each is ended, or those of a lower
// priority, the timer's, would not come any more.
func strayInterrupts() error {
	// The local APIC's interrupt command register, to itself (Intel SDM volume 3, 11.6.1).
	const command, self, limit = 0xfee00300, 1<<18 | 1<<14, 20 * time.Second
	vectors := [...]uint32{33, 64, 90, 96, 128, 200, 254}
	icr := uintptr(command)
	var sent atomic.Int32
	machine.OnTick(func() {
		if n := int(sent.Add(1)) - 1; n < len(vectors) {
			atomic.StoreUint32(*(**uint32)(unsafe.Pointer(&icr)), self|vectors[n])
		}
	})
	defer machine.OnTick(nil)
	for end := time.Now().Add(limit); int(sent.Load()) <= len(vectors); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			return fmt.Errorf("the timer does not interrupt any more behind %d of the vectors %v", sent.Load(), vectors)
		}
	}
	return nil
}
