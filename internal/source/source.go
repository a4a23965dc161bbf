// Package source makes of the datagrams of many senders what they said: records in order, without
// duplicates, put together from their fragments, with what is missing named, and crash reports with
// a verdict. It does no I/O, takes the time as an argument, and keeps a bounded amount of memory
// whatever comes in.
package source

import (
	"time"

	"gasp/netlog/wire"
)

// The bounds in time. Nothing is held back longer than these say, so a machine that stops sending
// is shown to its last record.
const (
	// ReorderWindow is how long a record waits for those before it.
	ReorderWindow = 250 * time.Millisecond
	// FragmentWindow is how long a message waits for its next fragment, and a line in basic format
	// for its newline. It is shorter, so that a damaged message still finds its place in the order.
	FragmentWindow = 200 * time.Millisecond
	// DefaultCrashTimeout is how long a crash report may be quiet before it is closed as incomplete.
	DefaultCrashTimeout = 10 * time.Second
)

// The bounds in memory.
const (
	// DefaultMemory is how many bytes all senders together may take: a sixth of it for those without a
	// key that are new, more than half for those that are settled, the rest for devices with a key. Of
	// a device that is in the list of keys but silent 300 bytes more are kept.
	DefaultMemory = 96 << 20
	// maxHeld is how many records of one sender wait for those before them.
	maxHeld = 1024
	// maxPartial is how many messages of one sender wait for fragments.
	maxPartial = 8
	// maxPieces is how many separate pieces of one message are kept.
	maxPieces = 256
	// maxLine is how many bytes in basic format wait for their newline.
	maxLine = 16 << 10
)

// Record is one record of a sender.
type Record struct {
	wire.Record
	// From is who sent it.
	From Origin
	// At is when its last byte was received.
	At time.Time
	// Said is when, by the receiver's clock, the sender said it, or earlier by no more than SaidError:
	// see clock. The zero Time says that the sender's time is not known.
	Said      time.Time
	SaidError time.Duration
	// Format is what it came in.
	Format Format
	// Extended tells that level, number and time are known; in basic format only the time may be. It is
	// set of sealed records too. The last words of a sealed sender whose report failed have no number:
	// theirs is 0.
	Extended bool
	// Release is the kernel release that Linux can put before an extended message, empty for none.
	Release string
	// Late marks a record that had been given up as missing.
	Late bool
	// Damaged marks a record of which fragments are missing.
	Damaged bool
	// Report marks a record of a report, Form says of which kind, and Headline that it is the
	// report's first; its text has no wire.ReportPrefix any more.
	Report, Headline bool
	Form             wire.Form
}

// Sink takes what the senders said, in the order in which it is to be shown. Records and their
// bytes are the sink's only until it returns.
type Sink interface {
	// Record is called for every record, those of crash reports too.
	Record(r *Record)
	// Note is called for what is to be said about a sender.
	Note(n *Note)
	// CrashBegin opens a report of any form: with its headline, or without if that has not come.
	CrashBegin(c *Crash)
	// CrashRecord adds a record to the report: one of its own, or an ordinary one from before it.
	CrashRecord(c *Crash, r *Record)
	// CrashDatagram hands on a datagram as it came, because something in it may be of the report: all
	// that come from its sender from its first record on for as long as it is open. The datagram is the
	// sink's only until it returns.
	CrashDatagram(c *Crash, d *Datagram)
	// Repeated says that a crash's headline came again: the machine is still there.
	Repeated(c *Crash, at time.Time)
	// CrashEnd closes the report, with its verdict. More of it may come after all: then further
	// records follow, and another CrashEnd.
	CrashEnd(c *Crash)
}

// Stats counts since the start.
type Stats struct {
	Datagrams, Bad                     uint64
	Records, Missing, Late, Duplicates uint64
	Repeats                            uint64 // of headlines
	Sources                            uint64
	// Rejected counts datagrams of which nothing was taken, by cause; Bad is the sum of those that
	// belong to formats without keys.
	Rejected [Causes]uint64
	// Forgotten counts senders without a key that made way for others.
	Forgotten uint64
	// HeldBack counts numbers of records that sealed senders said they keep back on purpose, and Gone
	// those of Missing that they said they do not have any more.
	HeldBack, Gone uint64
	// Repaired counts sealed records that came after they had been asked for, Answers what was sent to
	// devices, and Deferred records that were not taken for lack of memory, to be asked for again.
	Repaired, Answers, Deferred uint64
}
