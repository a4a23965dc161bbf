package wire

import "encoding/binary"

// An Opener is the log host's end of the sealed format, for one boot of a device.
type Opener struct{ ciphers }

// NewOpener returns the opener of a boot.
func NewOpener(key *Key, boot *[BootSize]byte) *Opener { return &Opener{newCiphers(key, boot)} }

// Open opens a datagram of the device. What it returns is appended to dst[:0], which needs a capacity
// of len(b) for it to allocate nothing; b stays as it is. The error is ErrSealedForm or ErrForged.
func (o *Opener) Open(dst, b []byte) (s Status, items []byte, err error) {
	h, err := ParseSealedHeader(b)
	if err != nil {
		return s, nil, err
	}
	if h.Answer || h.ID != o.id || h.Boot != o.boot {
		return s, nil, ErrForged
	}
	plain, err := o.records.Open(dst[:0], o.nonceOf(h.Number), b[headerRecords:], b[:headerRecords])
	if err != nil {
		return s, nil, ErrForged
	}
	if len(plain) < statusSize {
		return s, nil, ErrSealedForm
	}
	return parseStatus(plain), plain[statusSize:], nil
}

// AppendAnswer appends a sealed answer. Session and number of a together may be used once.
func (o *Opener) AppendAnswer(dst []byte, a *Answer) []byte {
	start := len(dst)
	dst = appendSealedHeader(dst, kindAnswer, &o.id, &o.boot)
	dst = append(dst, a.Session[:]...)
	dst = binary.BigEndian.AppendUint64(dst, a.Number)
	dst = a.append(dst)
	b := dst[start:]
	sealed := o.answers.Seal(b[:headerAnswer], b[offsetSession:headerAnswer], b[headerAnswer:], b[:headerAnswer])
	return append(dst[:start], sealed...)
}
