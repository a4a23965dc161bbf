package ndjson

import (
	"encoding/base64"
	"strconv"
	"time"

	"gasp/internal/source"
)

// object is a JSON object that is being written. Keys are ours and need no escaping.
type object struct{ buf []byte }

func (o *object) key(name string) {
	if o.buf[len(o.buf)-1] != '{' {
		o.buf = append(o.buf, ',')
	}
	o.buf = append(append(append(o.buf, '"'), name...), '"', ':')
}

func (o *object) number(name string, n uint64) {
	o.key(name)
	o.buf = strconv.AppendUint(o.buf, n, 10)
}

// address writes a number as programs write addresses and registers: "0x1f".
func (o *object) address(name string, n uint64) {
	o.key(name)
	o.buf = append(strconv.AppendUint(append(o.buf, `"0x`...), n, 16), '"')
}

func (o *object) truth(name string, value bool) {
	o.key(name)
	o.buf = strconv.AppendBool(o.buf, value)
}

// mark writes a member only if it is true.
func (o *object) mark(name string, value bool) {
	if value {
		o.truth(name, true)
	}
}

func (o *object) text(name, value string) {
	o.key(name)
	o.buf, _ = appendString(o.buf, []byte(value))
}

// bytes writes bytes from the network, and if they are not UTF-8 their base64 (RFC 4648, section 4) as
// another member.
func (o *object) bytes(name, raw string, value []byte) {
	o.key(name)
	var exact bool
	if o.buf, exact = appendString(o.buf, value); !exact {
		o.base64(raw, value)
	}
}

func (o *object) base64(name string, value []byte) {
	o.key(name)
	o.buf = append(o.buf, '"')
	o.buf = base64.StdEncoding.AppendEncode(o.buf, value)
	o.buf = append(o.buf, '"')
}

func (w *Writer) time(name string, at time.Time) {
	w.key(name)
	w.buf = append(w.buf, '"')
	w.buf = w.stamp.Append(w.buf, at)
	w.buf = append(w.buf, '"')
}

// begin begins an object as all of them begin.
func (w *Writer) begin(kind string, at time.Time, from source.Origin) {
	w.buf = append(w.buf, '{')
	w.text("type", kind)
	w.time("time", at)
	if from == (source.Origin{}) {
		return
	}
	if from != w.from || len(w.origin) == 0 {
		o := object{append(w.origin[:0], '{')}
		o.text("host", from.Host())
		o.text("address", from.Addr.String())
		if from.Device != "" {
			o.text("device", from.Device)
		}
		w.from, w.origin = from, o.buf
	}
	w.buf = append(append(w.buf, ','), w.origin[1:]...)
}

// end ends an object, and with it a line.
func (w *Writer) end() {
	w.buf = append(w.buf, '}', '\n')
	if len(w.buf) >= bufferSize {
		w.Flush()
	}
}
