package wire

import (
	"bytes"
	"encoding/binary"
)

// MaxWanted is how many runs of numbers one answer asks for.
const MaxWanted = 32

// Answer is what a log host answers to a boot of a device.
type Answer struct {
	// Session is the log host's random number for this boot. A device that shows it has heard the log
	// host, so what it says is not a recording.
	Session [BootSize]byte
	// Number is unique in the session and grows.
	Number uint64
	// Heard is the greatest number of the device's datagrams that was believed so far.
	Heard uint64
	// Upto says that the log host knows of all records below this number: it has them, or was told
	// that they are held back or gone.
	Upto uint64
	// Wanted is the runs of numbers that are missing, both ends included, in order. Runs counts them.
	Wanted [MaxWanted]Run
	Runs   int
}

// Run is the numbers from First to Last, both included.
type Run struct{ First, Last uint64 }

const (
	answerFields = 17 // heard, upto, count
	runSize      = 16
)

// Newer says whether an answer is newer than the one before it: what is not is a copy, or came late.
// An answer of another session has to have heard more.
func (a *Answer) Newer(before *Answer) bool {
	if a.Session == before.Session {
		return a.Number > before.Number
	}
	return a.Heard > before.Heard || before.Session == [BootSize]byte{}
}

func (a *Answer) append(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint64(dst, a.Heard)
	dst = binary.BigEndian.AppendUint64(dst, a.Upto)
	n := min(a.Runs, MaxWanted)
	dst = append(dst, byte(n))
	for _, r := range a.Wanted[:n] {
		dst = binary.BigEndian.AppendUint64(dst, r.First)
		dst = binary.BigEndian.AppendUint64(dst, r.Last)
	}
	return dst
}

func (a *Answer) parse(b []byte) error {
	if len(b) < answerFields || int(b[16]) > MaxWanted || len(b) < answerFields+int(b[16])*runSize {
		return ErrSealedForm
	}
	a.Heard = binary.BigEndian.Uint64(b)
	a.Upto = binary.BigEndian.Uint64(b[8:])
	a.Runs = int(b[16])
	b = b[answerFields:]
	for i := range a.Runs {
		r := Run{binary.BigEndian.Uint64(b[i*runSize:]), binary.BigEndian.Uint64(b[i*runSize+8:])}
		if r.First > r.Last || i > 0 && r.First <= a.Wanted[i-1].Last {
			return ErrSealedForm
		}
		a.Wanted[i] = r
	}
	return nil
}

// IsAnswer says whether a UDP payload claims to be an answer to this boot of a device.
func (s *Sealer) IsAnswer(b []byte) bool {
	return IsSealed(b) && len(b) >= headerAnswer && b[offsetKind] == kindAnswer &&
		bytes.Equal(b[offsetID:offsetBoot], s.id[:]) && bytes.Equal(b[offsetBoot:offsetNumber], s.boot[:])
}
