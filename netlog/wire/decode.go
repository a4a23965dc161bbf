package wire

import (
	"bytes"
	"errors"
)

// MaxAccepted is the largest datagram in bytes that Decode takes: what a jumbo frame carries.
const MaxAccepted = 9000

// MaxMessage is the largest reassembled body in bytes that a fragment may announce.
const MaxMessage = 64 << 10

// What Decode refuses. Everything else is an extended message, a fragment of one, or basic text.
var (
	ErrEmpty    = errors.New("empty datagram")
	ErrTooLong  = errors.New("datagram longer than 9000 bytes")
	ErrFragment = errors.New("ncfrag field that does not fit its datagram")
)

// Datagram is what one UDP payload says.
type Datagram struct {
	// Record is whole, save that a fragment has neither Text nor Dict yet. A basic datagram fills
	// Time (when it has a time prefix) and Text only.
	Record
	// Extended tells the extended format from the basic one.
	Extended bool
	// Release is the kernel release that Linux can put in front, empty for none.
	Release []byte
	// Body is the raw bytes behind the header's semicolon; of a basic datagram all of it.
	Body []byte
	// FragOffset and FragTotal place Body within the message's body, in bytes; FragTotal is 0 for
	// a message that is not in fragments.
	FragOffset, FragTotal int
}

// Decode reads one UDP payload. A payload without a valid extended header is basic text. What it
// returns are views over b, and where something had to be unescaped over buf, which needs a
// capacity of len(b)+1 bytes.
func Decode(b, buf []byte) (d Datagram, err error) {
	if len(b) == 0 {
		return d, ErrEmpty
	}
	d.Body = b
	if len(b) > MaxAccepted {
		return d, ErrTooLong
	}
	if !d.parseHeader(b) {
		d = Datagram{Body: b, Record: ParseBasic(b, buf)}
		return d, nil
	}
	if d.FragTotal == 0 {
		d.Text, d.Dict = ParseBody(d.Body, buf)
		return d, nil
	}
	if d.FragTotal < 0 || d.FragTotal > MaxMessage || d.FragOffset < 0 ||
		len(d.Body) == 0 || len(d.Body) > d.FragTotal-d.FragOffset {
		return d, ErrFragment
	}
	return d, nil
}

// parseHeader reads "[<release>,]<prefix>,<seq>,<usec>,<cont>[,KEY=VAL]*;".
func (d *Datagram) parseHeader(b []byte) bool {
	semicolon := bytes.IndexByte(b, ';')
	if semicolon < 0 {
		return false
	}
	header := b[:semicolon]
	d.Extended = true
	d.Body = b[semicolon+1:]
	rest, ok := d.parseNumbers(header)
	if !ok {
		d.Release, rest = cutField(header)
		if rest, ok = d.parseNumbers(rest); !ok || len(d.Release) == 0 {
			return false
		}
	}
	for len(rest) > 0 {
		var field []byte
		field, rest = cutField(rest)
		if value, found := bytes.CutPrefix(field, []byte("ncfrag=")); found {
			d.FragOffset, d.FragTotal = parseFragment(value)
		} else if value, found := bytes.CutPrefix(field, []byte("skip=")); found {
			d.Skip, _ = parseUint(value)
		}
	}
	return true
}

// parseNumbers reads "<prefix>,<seq>,<usec>,<cont>" and returns the fields behind it.
func (d *Datagram) parseNumbers(header []byte) (rest []byte, ok bool) {
	prefix, rest, ok := cutNumber(header)
	const largestPrefix = 255<<3 | 7
	if !ok || prefix > largestPrefix {
		return nil, false
	}
	d.Facility, d.Level = uint8(prefix>>3), uint8(prefix&7)
	if d.Seq, rest, ok = cutNumber(rest); !ok {
		return nil, false
	}
	if d.Time, rest, ok = cutNumber(rest); !ok {
		return nil, false
	}
	if len(rest) == 0 || len(rest) > 1 && rest[1] != ',' {
		return nil, false
	}
	switch rest[0] {
	case 'c', '+':
		d.Cont = true
	case '-':
	default:
		return nil, false
	}
	return rest[min(len(rest), 2):], true
}

// cutNumber reads a field that is a number, and returns what stands behind its comma.
func cutNumber(header []byte) (v uint64, rest []byte, ok bool) {
	v, n := cutUint(header)
	switch {
	case n == 0:
		return 0, nil, false
	case n == len(header):
		return v, nil, true
	}
	return v, header[n+1:], header[n] == ','
}

func cutField(header []byte) (field, rest []byte) {
	if i := bytes.IndexByte(header, ','); i >= 0 {
		return header[:i], header[i+1:]
	}
	return header, nil
}

// parseFragment reads "<offset>/<total>"; a total of -1 says that it is neither.
func parseFragment(value []byte) (offset, total int) {
	const tooLarge = 1 << 30
	o, n := cutUint(value)
	if n == 0 || n >= len(value) || value[n] != '/' || o > tooLarge {
		return 0, -1
	}
	t, ok := parseUint(value[n+1:])
	if !ok || t == 0 || t > tooLarge {
		return 0, -1
	}
	return int(o), int(t)
}
