package syslog

import (
	"strconv"

	"gasp/internal/plainline"
	"gasp/internal/printable"
	"gasp/internal/source"
	"gasp/internal/stamp"
)

const (
	// maxMessage is how many bytes of a message are forwarded, about: receivers take 2 to 8 KiB
	// (RFC 5424, section 6.1, asks for 2).
	maxMessage = 8 << 10
	// maxHost and maxApp are RFC 5424's.
	maxHost = 255
	// sdID names our parameters. The number is the one for examples (RFC 5612), for want of our own.
	sdID = "gasp@32473"
)

// format writes messages as RFC 5424 has them.
type format struct {
	stamp *stamp.Stamp

	from source.Origin // whose header is in host
	host []byte
}

func newFormat() *format { return &format{stamp: stamp.UTC(6)} }

// append appends "<PRI>1 TIMESTAMP HOSTNAME gasp - MSGID [gasp@32473 ...] MSG", where the time is that
// of receipt and MSG is one line that is safe to show.
func (f *format) append(dst []byte, l *plainline.Line) []byte {
	dst = append(dst, '<')
	// A facility of more than 23 is none of syslog's.
	const user, last = 1, 23
	facility := l.Facility
	if facility > last {
		facility = user
	}
	dst = strconv.AppendUint(dst, uint64(facility)<<3|uint64(l.Severity&7), 10)
	dst = append(dst, ">1 "...)
	dst = f.stamp.Append(dst, l.At)
	dst = append(dst, ' ')
	dst = append(dst, f.name(l.From)...)
	dst = append(dst, " gasp - "...)
	dst = append(dst, l.Type...)
	dst = f.data(append(dst, ' '), l)
	text := l.Text[:min(len(l.Text), maxMessage)]
	dst = printable.Append(append(dst, ' '), text)
	if left := len(l.Text) - len(text); left > 0 {
		dst = append(dst, " [... "...)
		dst = strconv.AppendInt(dst, int64(left), 10)
		dst = append(dst, " bytes not forwarded]"...)
	}
	return dst
}

// data appends the structured data.
func (f *format) data(dst []byte, l *plainline.Line) []byte {
	r := l.Record
	if r == nil {
		if l.Report == nil {
			return append(dst, '-')
		}
		dst = append(dst, "["+sdID+` report="`...)
		dst = append(append(dst, plainline.Forms[l.Report.Form]...), `" id="`...)
		return append(strconv.AppendUint(dst, l.Report.ID, 10), `"]`...)
	}
	dst = append(dst, "["+sdID+` format="`...)
	if r.Extended {
		dst = append(dst, `extended" seq="`...)
		dst = strconv.AppendUint(dst, r.Seq, 10)
	} else {
		dst = append(dst, "basic"...)
	}
	if r.Extended || r.Time > 0 {
		dst = append(dst, `" uptime_us="`...)
		dst = strconv.AppendUint(dst, r.Time, 10)
	}
	if r.Late {
		dst = append(dst, `" late="1`...)
	}
	if r.Damaged {
		dst = append(dst, `" damaged="1`...)
	}
	if r.Report {
		dst = append(append(dst, `" report="`...), plainline.Forms[r.Form]...)
	}
	return append(dst, `"]`...)
}

// name is a sender as HOSTNAME: printable ASCII without a space, 255 bytes at most.
func (f *format) name(from source.Origin) []byte {
	switch {
	case from == source.Origin{}:
		return []byte("-")
	case from == f.from:
		return f.host
	}
	host := from.Host()
	f.from, f.host = from, append(f.host[:0], host[:min(len(host), maxHost)]...)
	for i, c := range f.host {
		if c <= ' ' || c >= 0x7f {
			f.host[i] = '_'
		}
	}
	return f.host
}
