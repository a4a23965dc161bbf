package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"runtime/pprof"
	"time"
)

const (
	burnTime = 300 * time.Millisecond
	// A longer step of the clock counts as one: the machine was stopped.
	burnStep = time.Millisecond
)

var errNoSample = errors.New("no sample of a CPU profile is in the function that ran")

// profile: a CPU profile shows where the time went. Only functions that a sample has found are in its table of names.
func profile() error {
	var out bytes.Buffer
	if err := pprof.StartCPUProfile(&out); err != nil {
		return err
	}
	rounds := burn()
	pprof.StopCPUProfile()
	packed, err := gzip.NewReader(&out)
	if err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	text, err := io.ReadAll(packed)
	if err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	if !bytes.Contains(text, []byte("main.burn")) && !bytes.Contains(text, []byte("selftest.burn")) {
		return fmt.Errorf("%w, in %d rounds; the profile has %d bytes", errNoSample, rounds, len(text))
	}
	return nil
}

//go:noinline
func burn() (rounds int) {
	ran, last := time.Duration(0), time.Now()
	for ran < burnTime {
		for range 1000 {
			rounds++
		}
		now := time.Now()
		ran += min(now.Sub(last), burnStep)
		last = now
	}
	return rounds
}
