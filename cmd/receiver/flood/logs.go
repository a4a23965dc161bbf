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
	next := uint64(0)
	s := bufio.NewScanner(f)
	const longest = 1 << 20
	s.Buffer(nil, longest)
	for s.Scan() {
		fields := strings.SplitN(s.Text(), " ", 4)
		if len(fields) < 4 || fields[1] == "--" {
			v.fail("in its log: %s", s.Text())
			continue
		}
		seq, err := strconv.ParseUint(fields[1], 10, 64)
		if err != nil || seq != next {
			v.fail("in its log record %s stands where %d should be", fields[1], next)
		}
		next = seq + 1
		v.logged++
	}
	if next != v.sender.said {
		v.fail("its log ends with record %d of %d", next-1, v.sender.said-1)
	}
	return s.Err()
}
