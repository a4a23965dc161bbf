package source

import (
	"errors"

	"gasp/netlog/wire"
)

// Cause is why nothing of a datagram was taken.
type Cause uint8

// The causes. Those up to Unsealed are about keys.
const (
	// Malformed is a datagram that claims to be sealed and has no form that is known.
	Malformed Cause = iota
	// UnknownKey is one sealed under an id that is not in the list of keys.
	UnknownKey
	// Forged is one that its key did not make, or that was changed on the way.
	Forged
	// Replayed is one that came before, be it a copy that the network made.
	Replayed
	// Unproved is a genuine one whose sender has not shown that it lives now: the first ones of a boot,
	// and recordings.
	Unproved
	// OtherBoot is one of a boot of the device that is over.
	OtherBoot
	// Unsealed is one without a seal from an address whose device has a key, or any without where only
	// sealed ones are taken.
	Unsealed
	// Empty has no bytes.
	Empty
	// TooLong has more than 9000.
	TooLong
	// FragmentRange is a fragment that does not fit into its message.
	FragmentRange
	// FragmentOverlap is one that contradicts another one.
	FragmentOverlap
	// FragmentTotal is one that gives its message another length.
	FragmentTotal
	// FragmentMemory is one of more incomplete messages, or in more pieces, than there is room for.
	FragmentMemory
	// Causes is how many there are.
	Causes
)

var causes = [Causes]struct{ name, explained string }{
	Malformed:       {"malformed", "sealed in a form that is not known"},
	UnknownKey:      {"unknown key", "sealed under a key that is not in the list of keys"},
	Forged:          {"forged", "not sealed by the key that they name"},
	Replayed:        {"replayed", "copies of what came before"},
	Unproved:        {"unproved", "of a boot that has not proved yet that it is alive"},
	OtherBoot:       {"other boot", "of a boot that is over"},
	Unsealed:        {"unsealed", "not sealed, from the address of a device with a key or where only sealed ones are taken"},
	Empty:           {"empty", "empty"},
	TooLong:         {"too long", "longer than 9000 bytes"},
	FragmentRange:   {"fragment range", "fragments that do not fit into their message"},
	FragmentOverlap: {"fragment overlap", "fragments that contradict others"},
	FragmentTotal:   {"fragment total", "fragments that change the length of their message"},
	FragmentMemory:  {"fragment memory", "fragments of too many messages, or too many of one"},
}

// String is the cause as programs read it, such as "unknown key".
func (c Cause) String() string { return causes[c].name }

// Explain says it for people, to stand behind "datagrams refused: ".
func (c Cause) Explain() string { return causes[c].explained }

// bad says whether the cause is about a format without keys.
func (c Cause) bad() bool { return c >= Empty }

// causeOf is the cause that an error of decoding stands for.
func causeOf(err error) Cause {
	switch {
	case errors.Is(err, wire.ErrEmpty):
		return Empty
	case errors.Is(err, wire.ErrTooLong):
		return TooLong
	case errors.Is(err, ErrFragmentOverlap):
		return FragmentOverlap
	case errors.Is(err, ErrFragmentTotal):
		return FragmentTotal
	case errors.Is(err, ErrMemory):
		return FragmentMemory
	}
	return FragmentRange
}
