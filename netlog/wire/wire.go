// Package wire holds the formats of log datagrams: what Linux netconsole sends
// (Documentation/networking/netconsole.rst) and the crash report that travels in ordinary records
// of either format. It does no I/O and keeps no state. The functions that encode and decode
// datagrams allocate nothing as long as the buffers handed to them are large enough.
package wire

// MaxDatagram is the largest UDP payload in bytes that a sender emits
// (Linux drivers/net/netconsole.c, MAX_PRINT_CHUNK).
const MaxDatagram = 1000

// MaxHeader is the room in bytes for everything before the text of an extended message, as
// AppendExtended writes it, and for the prefix of one line of a basic one.
const MaxHeader = 80

// Record is one log record, as printk keeps it.
type Record struct {
	// Level is the syslog severity, 0 (emergency) to 7 (debug).
	Level uint8
	// Facility is the syslog facility, 0 for the kernel's own records.
	Facility uint8
	// Seq numbers a sender's records from its boot on; the basic format does not carry it.
	Seq uint64
	// Time is microseconds since the sender's boot.
	Time uint64
	// Cont marks a record that continues the line of the one before.
	Cont bool
	// Skip counts the records right before this one that the sender kept back on purpose (its level
	// filter), so that a reader does not take the hole in the sequence for a loss. An extended
	// header carries it as the additional field "skip=<n>" when it is not 0.
	Skip uint64
	// Text is the record's bytes without the final newline; it may hold newlines.
	Text []byte
	// Dict is the dictionary, KEY=VALUE lines each ended by a newline; empty for none. Only the
	// extended format carries it.
	Dict []byte
}
