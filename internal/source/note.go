package source

import (
	"fmt"
	"time"

	"gasp/internal/printable"
)

// Note is something to be said about a sender that it did not say itself.
type Note struct {
	From Origin
	At   time.Time
	Kind Kind
	// First and Last are the numbers of the records that a Missing note is about.
	First, Last uint64
	// Count is how many records of the sender an Overflow note is about.
	Count uint64
	// Payload is the datagram of a Bad note, or as much of it as was kept, Size its size in bytes
	// and Err what is wrong with it. They are the sink's only until it returns.
	Payload []byte
	Size    int
	Err     error
}

// Kind is what a note is about.
type Kind uint8

// The kinds of notes.
const (
	// Missing says that records did not come in time.
	Missing Kind = iota
	// Reboot says that the sender began anew.
	Reboot
	// Bad shows a datagram that was not understood.
	Bad
	// Overflow says that a sink was too slow for what came, so that it lacks records. It comes from
	// the queue before that sink, and tells other sinks nothing. Its From is the sender of the
	// records, or zero for those of senders that were too many to tell apart.
	Overflow
)

var kindNames = [...]string{Missing: "missing", Reboot: "reboot", Bad: "bad", Overflow: "overflow"}

// String is the kind as programs read it: "missing", "reboot", "bad", "overflow".
func (k Kind) String() string { return kindNames[k] }

// Text is the note as a line for people: "-- 3 records missing (seq 17-19)".
func (n *Note) Text() string {
	switch n.Kind {
	case Missing:
		return MissingText(n.First, n.Last)
	case Reboot:
		return "-- rebooted: its numbers or its clock start again"
	case Overflow:
		return "-- " + Count(n.Count, "record") + " not stored here, the sink was too slow"
	}
	return n.badText()
}

// MissingText is how missing records are named: "-- 3 records missing (seq 17-19)".
func MissingText(first, last uint64) string {
	return "-- " + Count(last-first+1, "record") + " missing (seq " + Span{first, last}.String() + ")"
}

// shownPayload is how many bytes of a bad datagram are shown.
const shownPayload = 60

func (n *Note) badText() string {
	text := fmt.Sprintf("-- bad datagram of %s: %v", Count(n.Size, "byte"), n.Err)
	if len(n.Payload) > 0 {
		dots := ""
		if n.Size > shownPayload {
			dots = "..."
		}
		text += ": " + string(printable.Append(nil, n.Payload[:min(len(n.Payload), shownPayload)])) + dots
	}
	return text
}
