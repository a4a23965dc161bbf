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
	// Count is how many of them are missing, 0 for all (a sender in extended format can say less); of an
	// Overflow note how many records of the sender it is about; of a Rejected note how many datagrams were
	// refused since the last such note.
	Count uint64
	// Gone tells of missing records that the sender said it does not have any more.
	Gone bool
	// Cause is why the datagrams of a Rejected note were refused, and Claims the name of the device in
	// whose name they came, empty if in none's.
	Cause  Cause
	Claims string
	// Since is when a Silent sender was heard last, and Line the last that it said, or how that begins.
	Since time.Time
	Line  string
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
	// Rejected says how many datagrams were refused for a cause, in a minute at least. Its From is the
	// address that they came from, or zero for those of addresses that were too many to tell apart.
	Rejected
	// Silent says that a device was not heard for longer than it promised, and has not said that it
	// ends.
	Silent
	// Back says that a Silent device is heard again.
	Back
	// Revoked says that a device's key was changed or removed: nothing more of it is believed.
	Revoked
)

var kindNames = [...]string{Missing: "missing", Reboot: "reboot", Bad: "bad", Overflow: "overflow", Rejected: "rejected", Silent: "silent",
	Back: "back", Revoked: "revoked"}

// String is the kind as programs read it: "missing", "reboot", "bad", "overflow", "rejected", "silent",
// "back", "revoked".
func (k Kind) String() string { return kindNames[k] }

// Text is the note as a line for people: "-- 3 records missing (seq 17-19)".
func (n *Note) Text() string {
	switch n.Kind {
	case Missing:
		return n.missingText()
	case Reboot:
		return "-- rebooted: its numbers or its clock start again"
	case Overflow:
		return "-- " + Count(n.Count, "record") + " not stored here, the sink was too slow"
	case Rejected:
		return n.rejectedText()
	case Silent:
		return n.silentText()
	case Back:
		return "-- heard again"
	case Revoked:
		return "-- its key was changed or removed: nothing more of it is believed"
	}
	return n.badText()
}

func (n *Note) missingText() string {
	if n.Count > 0 && n.Count != n.Last-n.First+1 {
		return fmt.Sprintf("-- %s missing of %s", Count(n.Count, "record"), Span{n.First, n.Last})
	}
	text := MissingText(n.First, n.Last)
	if n.Gone {
		text += ": the sender has overwritten what was not yet received"
	}
	return text
}

func (n *Note) rejectedText() string {
	text := fmt.Sprintf("-- %s refused: %s", Count(n.Count, "datagram"), n.Cause.Explain())
	if n.Claims != "" {
		text += ", in the name of " + n.Claims
	}
	return text
}

func (n *Note) silentText() string {
	text := "-- silent since " + n.Since.Local().Format("15:04:05.000")
	if len(n.Line) > 0 {
		text += "; its last line: " + string(printable.Append(nil, []byte(n.Line)))
	}
	return text
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
