package main

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// logs looks whether what the real senders said is in their logs, each record once and in order. It is for when the
// receiver has ended, and for less than one rotation.
func (j *judge) logs(state string) error {
	for host, v := range j.verdicts {
		if err := v.log(filepath.Join(state, host, "log")); err != nil {
			return err
		}
	}
	return nil
}

// log reads one log: lines of the time, the number, the level and the text, or of the time and what the receiver says.
func (v *verdict) log(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	next, seen := uint64(0), make(map[uint64]bool)
	s := bufio.NewScanner(f)
	const longest = 1 << 20
	s.Buffer(nil, longest)
	for s.Scan() {
		fields := strings.SplitN(s.Text(), " ", 4)
		if len(fields) < 4 || fields[1] == "--" {
			v.outOfPlace("in its log: %s", s.Text())
			continue
		}
		seq, err := strconv.ParseUint(fields[1], 10, 64)
		switch {
		case err != nil:
			v.fail("in its log: %s", s.Text())
			continue
		case seq != next:
			v.outOfPlace("in its log record %d stands where %d should be", seq, next)
		}
		next = seq + 1
		if seen[seq] {
			v.fail("in its log record %d stands twice", seq)
		}
		seen[seq] = true
		v.logged++
	}
	if v.logged != v.sender.said {
		v.fail("its log has %d of %d records", v.logged, v.sender.said)
	}
	return s.Err()
}
