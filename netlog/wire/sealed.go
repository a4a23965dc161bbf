package wire

import (
	"encoding/binary"
	"errors"

	"golang.org/x/crypto/chacha20poly1305"
)

// The sealed format, byte by byte in docs/protocol.md. All numbers are big-endian.
//
//	0   magic, version
//	4   kind
//	5   three zeros
//	8   device id
//	16  boot id
//	32  number of the datagram         (in an answer: the log host's session, 16 bytes, then its number)
//	40  sealed part, 16 bytes of tag behind it

// MaxSealed is the largest sealed datagram in bytes that either side emits: an Ethernet frame holds it
// over IPv6 and through a tunnel.
const MaxSealed = 1400

const (
	kindRecords = 1
	kindAnswer  = 2

	offsetKind    = 4
	offsetID      = 8
	offsetBoot    = 16
	offsetNumber  = 32
	headerRecords = 40
	offsetSession = 32
	headerAnswer  = 56
	tagSize       = chacha20poly1305.Overhead
)

var sealedMagic = [4]byte{0xf5, 'g', 's', 1}

// Numbers of datagrams. A boot's datagrams count from 1. Those of the crash path count from
// FirstCrashNumber, whatever became of the other count; LastNumber is that of the one frame which is
// sealed at start, for the case that nothing else works.
const (
	FirstCrashNumber = uint64(1) << 63
	LastNumber       = ^uint64(0)
)

// What is refused of sealed datagrams.
var (
	ErrSealedForm = errors.New("sealed datagram of a form that is not known")
	ErrForged     = errors.New("sealed datagram that its key did not make")
)

// SealedHeader is what stands in the clear before a sealed part.
type SealedHeader struct {
	// Answer tells a datagram of a log host from one of a device.
	Answer bool
	ID     [IDSize]byte
	Boot   [BootSize]byte
	// Number is unique among the datagrams of a boot, or of a session.
	Number uint64
	// Session is the log host's random number, in an answer.
	Session [BootSize]byte
}

// IsSealed says whether a datagram claims to be sealed.
func IsSealed(b []byte) bool {
	return len(b) >= len(sealedMagic)-1 && b[0] == sealedMagic[0] && b[1] == sealedMagic[1] && b[2] == sealedMagic[2]
}

// ParseSealedHeader reads what stands in the clear.
func ParseSealedHeader(b []byte) (h SealedHeader, err error) {
	if len(b) < headerRecords+tagSize || len(b) > MaxAccepted || [4]byte(b) != sealedMagic || b[5]|b[6]|b[7] != 0 {
		return h, ErrSealedForm
	}
	h.ID = [IDSize]byte(b[offsetID:])
	h.Boot = [BootSize]byte(b[offsetBoot:])
	switch b[offsetKind] {
	case kindRecords:
		h.Number = binary.BigEndian.Uint64(b[offsetNumber:])
	case kindAnswer:
		if len(b) < headerAnswer+tagSize {
			return h, ErrSealedForm
		}
		h.Answer = true
		h.Session = [BootSize]byte(b[offsetSession:])
		h.Number = binary.BigEndian.Uint64(b[offsetSession+BootSize:])
	default:
		return h, ErrSealedForm
	}
	return h, nil
}

func appendSealedHeader(dst []byte, kind byte, id *[IDSize]byte, boot *[BootSize]byte) []byte {
	dst = append(dst, sealedMagic[:]...)
	dst = append(dst, kind, 0, 0, 0)
	dst = append(dst, id[:]...)
	return append(dst, boot[:]...)
}
