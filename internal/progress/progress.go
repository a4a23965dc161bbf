// Package progress shows how far a long run is.
package progress

import (
	"fmt"
	"os"
	"time"
)

const (
	pause     = 10 * time.Second // between two lines that stay
	eraseLine = "\r\x1b[K"
)

// Line says how far something is: on a terminal it is written over, elsewhere there is a new one every ten seconds.
type Line struct {
	Begun time.Time // when New was called

	out      *os.File
	terminal bool
	last     time.Time
}

// New makes the line of a run that begins now.
func New(out *os.File) *Line {
	info, err := out.Stat()
	now := time.Now()
	return &Line{Begun: now, out: out, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0, last: now}
}

// Show says it anew.
func (l *Line) Show(text string) {
	now := time.Now()
	switch {
	case l.terminal:
		fmt.Fprint(l.out, eraseLine, text)
	case now.Sub(l.last) >= pause:
		l.last = now
		fmt.Fprintln(l.out, text)
	}
}

// End makes room for what follows.
func (l *Line) End() {
	if l.terminal {
		fmt.Fprint(l.out, eraseLine)
	}
}

// Left estimates the time that a run still takes which has done some of all its parts since it began.
func Left(since time.Duration, done, all int) time.Duration {
	return (since / time.Duration(max(done, 1)) * time.Duration(all-done)).Round(time.Second)
}
