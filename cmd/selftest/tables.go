//go:build tamago && (amd64 || arm64)

package main

import (
	"errors"
	"fmt"
	"runtime"
	"time"
)

func init() { checks = append(checks, check{"tables", tables}) }

// unused is an address where no machine has anything: 256 GiB. Nothing is read there.
const unused = 1 << 38

// tables: goroutines that have device registers mapped, on all processors at once, are not interrupted while they change the translation
// tables, by collections that stop them nor by one another.
func tables() error {
	const goroutines, turns, size = 4, 300, 1 << 21
	s := startSpinners(1)
	defer s.stop()
	return parallel(goroutines+1, func(i int) error {
		if i == goroutines {
			for end := time.Now().Add(100 * time.Millisecond); time.Now().Before(end); {
				runtime.GC()
			}
			return nil
		}
		for turn := range turns {
			if !mapRegisters(unused+uint64(i)*size, size>>(turn%2)) {
				return fmt.Errorf("turn %d: %w", turn, errUnmapped)
			}
		}
		return nil
	})
}

var errUnmapped = errors.New("registers cannot be mapped where nothing is")
