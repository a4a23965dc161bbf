package journal

import (
	"bytes"
	"encoding/binary"
	"strconv"

	"gasp/internal/plainline"
	"gasp/internal/source"
)

// append appends an entry: its fields, each ended by a newline.
func (j *Journal) append(dst []byte, l *plainline.Line) []byte {
	dst = appendField(dst, "MESSAGE", l.Text)
	dst = appendNumber(dst, "PRIORITY", uint64(l.Severity))
	dst = appendNumber(dst, "SYSLOG_FACILITY", uint64(l.Facility))
	dst = append(dst, "GASP_TYPE="...)
	dst = append(append(dst, l.Type...), '\n')
	dst = appendNumber(dst, "GASP_RECEIVED_USEC", uint64(l.At.UnixMicro()))
	dst = append(dst, j.origin(l.From)...)
	if c := l.Report; c != nil {
		dst = appendNumber(dst, "GASP_REPORT_ID", c.ID)
		dst = append(dst, "GASP_REPORT="...)
		dst = append(append(dst, plainline.Forms[c.Form]...), '\n')
	}
	r := l.Record
	if r == nil {
		return dst
	}
	if r.Extended {
		dst = append(dst, "GASP_FORMAT=extended\n"...)
		dst = appendNumber(dst, "GASP_SEQ", r.Seq)
	} else {
		dst = append(dst, "GASP_FORMAT=basic\n"...)
	}
	if r.Extended || r.Time > 0 {
		dst = appendNumber(dst, "GASP_DEVICE_TIME_USEC", r.Time)
	}
	if r.Late {
		dst = append(dst, "GASP_LATE=1\n"...)
	}
	if r.Damaged {
		dst = append(dst, "GASP_DAMAGED=1\n"...)
	}
	if r.Report {
		dst = append(dst, "GASP_REPORT="...)
		dst = append(append(dst, plainline.Forms[r.Form]...), '\n')
	}
	if len(r.Dict) > 0 {
		dst = appendField(dst, "GASP_DICT", r.Dict)
	}
	return dst
}

// origin is the fields of a sender.
func (j *Journal) origin(from source.Origin) []byte {
	switch {
	case from == source.Origin{}:
		return []byte("SYSLOG_IDENTIFIER=gasp\n")
	case from == j.from:
		return j.host
	}
	b := appendField(j.host[:0], "SYSLOG_IDENTIFIER", []byte(from.Host()))
	b = appendField(b, "GASP_HOST", []byte(from.Host()))
	b = appendField(b, "GASP_ADDRESS", []byte(from.Addr.String()))
	if from.Device != "" {
		b = appendField(b, "GASP_DEVICE", []byte(from.Device))
	}
	j.from, j.host = from, b
	return b
}

// appendField appends a field as NAME=value, or with the value's length in front if it holds a newline.
func appendField(dst []byte, name string, value []byte) []byte {
	dst = append(dst, name...)
	if bytes.IndexByte(value, '\n') < 0 {
		dst = append(dst, '=')
	} else {
		dst = append(dst, '\n')
		dst = binary.LittleEndian.AppendUint64(dst, uint64(len(value)))
	}
	return append(append(dst, value...), '\n')
}

func appendNumber(dst []byte, name string, n uint64) []byte {
	dst = append(append(dst, name...), '=')
	return append(strconv.AppendUint(dst, n, 10), '\n')
}
