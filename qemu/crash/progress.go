package main

import (
	"fmt"
	"os"
	"time"
)

// A progress line says how far the runs are: on a terminal one that is written over, elsewhere a new one from time to time.
type progress struct {
	out      *os.File
	terminal bool
	begun    time.Time
	last     time.Time
}

const (
	progressPause = 10 * time.Second // between two lines that stay
	eraseLine     = "\r\x1b[K"
)

func newProgress(out *os.File) *progress {
	info, err := out.Stat()
	now := time.Now()
	return &progress{out: out, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0, begun: now, last: now}
}

func (p *progress) show(s *summary) {
	now := time.Now()
	text := progressText(s, now.Sub(p.begun))
	switch {
	case p.terminal:
		fmt.Fprint(p.out, eraseLine, text)
	case now.Sub(p.last) >= progressPause:
		p.last = now
		fmt.Fprintln(p.out, text)
	}
}

// end makes room for what follows.
func (p *progress) end() {
	if p.terminal {
		fmt.Fprint(p.out, eraseLine)
	}
}

func progressText(s *summary, since time.Duration) string {
	left := since / time.Duration(max(s.Done, 1)) * time.Duration(s.Total-s.Done)
	return fmt.Sprintf("%d of %d, %d not whole, about %v left", s.Done, s.Total, len(s.Failures), left.Round(time.Second))
}
