package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"math"
	"runtime"
	"time"
)

// A registerFile is registers of one kind. hold fills them with values that follow from seed,
// waits for as many turns of a loop, and returns a bit for each that has changed.
type registerFile struct {
	name string
	hold func(seed, turns uint64) (lost uint64)
}

// registers: what the processor's registers hold stays while threads take turns
// and signals come. The assembly fills all of them, waits, and compares.
func registers() error {
	const holds = 30
	return preempted(6, func(i int) error {
		for turn := range uint64(holds) {
			seed := (turn*8 + uint64(i)) * 0x9e3779b97f4a7c15
			for _, file := range registerFiles {
				if lost := file.hold(seed, 200_000); lost != 0 {
					return fmt.Errorf("these %s registers changed: %#b", file.name, lost)
				}
			}
		}
		return nil
	})
}

// floats: loops of floating point and integer arithmetic, preempted anywhere,
// have the same result each time.
func floats() error {
	return preempted(6, func(i int) error {
		var want float64
		for turn := range 20 {
			x, y, k := float64(i+1), 0.5, uint64(i+1)
			for range 60_000 {
				x = x*0.999999 + y
				y = y*1.0000001 - 0.00000001
				k = k*6364136223846793005 + 1
			}
			got := x + math.Sqrt(y) + float64(k>>12)
			if turn == 0 {
				want = got
			} else if got != want {
				return fmt.Errorf("the same sum is %v and %v", want, got)
			}
		}
		return nil
	})
}

// crypto: the standard library's assembly, which uses all vector registers there
// are, gives the known answers.
func crypto() error {
	// FIPS 180-4: a million times "a".
	million := bytes.Repeat([]byte{'a'}, 1_000_000)
	const millionHash = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
	const millionCRC = 0xdc25bfbc // CRC-32, IEEE 802.3
	return preempted(3, func(i int) error {
		for range 2 {
			if sum := sha256.Sum256(million); hex.EncodeToString(sum[:]) != millionHash {
				return fmt.Errorf("SHA-256 of a million times a is %x", sum)
			}
			if sum := crc32.ChecksumIEEE(million); sum != millionCRC {
				return fmt.Errorf("CRC-32 of a million times a is %#x", sum)
			}
			if err := seals(byte(i), million[:150_000]); err != nil {
				return err
			}
		}
		return nil
	})
}

func seals(key byte, plain []byte) error {
	block, err := aes.NewCipher(bytes.Repeat([]byte{key}, 32))
	if err != nil {
		return err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return err
	}
	nonce := make([]byte, gcm.NonceSize())
	opened, err := gcm.Open(nil, nonce, gcm.Seal(nil, nonce, plain, nil), nil)
	if err != nil {
		return fmt.Errorf("AES-GCM does not open what it sealed: %w", err)
	}
	moved := make([]byte, len(opened)+31)
	copy(moved[31:], opened)
	copy(moved[7:], moved[31:])
	if !bytes.Equal(moved[7:7+len(plain)], plain) {
		return fmt.Errorf("what AES-GCM opened, or copy moved, is not what was sealed")
	}
	return nil
}

// preempted runs f in n goroutines, half of them with threads to themselves,
// while ticks, signals and collections stop them.
func preempted(n int, f func(i int) error) error {
	done := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-done:
				return
			default:
				runtime.GC()
				time.Sleep(500 * time.Microsecond)
			}
		}
	}()
	err := parallel(n, func(i int) error {
		if i%2 == 0 {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
		}
		return f(i)
	})
	close(done)
	<-stopped
	return err
}
