package source

import (
	"bytes"
)

// syslogPriority reads the "<PRI>" that a syslog datagram begins with (RFC 5424, 6.2.1; RFC 3164,
// 4.1.1), and returns what is behind it.
func syslogPriority(b []byte) (priority uint8, rest []byte, ok bool) {
	const longest, most = 3, 191
	value := 0
	for i := 1; len(b) > 0 && b[0] == '<' && i < len(b); i++ {
		switch c := b[i]; {
		case c >= '0' && c <= '9' && i <= longest:
			value = 10*value + int(c-'0')
		case c == '>' && i > 1 && value <= most:
			return uint8(value), b[i+1:], true
		default:
			return 0, nil, false
		}
	}
	return 0, nil, false
}

// parseSyslog reads a syslog datagram behind its priority: the message into Text, what its sender
// says of itself into Dict as HOSTNAME=, APP-NAME=, PROCID=, MSGID= and STRUCTURED-DATA=. All of
// that is text and proves nothing. What follows neither RFC is text as it is.
func (r *Record) parseSyslog(b []byte) {
	b = bytes.TrimRight(b, "\x00\r\n")
	if rest, ok := bytes.CutPrefix(b, []byte("1 ")); ok && r.parse5424(rest) {
		return
	}
	r.Text, r.Dict = b, nil
	r.parse3164(b)
}

// parse5424 reads "TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA[ MSG]" (RFC 5424, 6).
func (r *Record) parse5424(b []byte) bool {
	r.Dict = r.Dict[:0]
	for _, name := range []string{"", "HOSTNAME=", "APP-NAME=", "PROCID=", "MSGID="} {
		field, rest, ok := bytes.Cut(b, []byte{' '})
		if !ok || len(field) == 0 || bytes.IndexByte(field, '\n') >= 0 {
			return false
		}
		b = rest
		if name != "" {
			r.entry(name, field)
		}
	}
	data, rest, ok := cutStructured(b)
	if !ok {
		return false
	}
	r.entry("STRUCTURED-DATA=", data)
	r.Text = bytes.TrimPrefix(rest, []byte("\xef\xbb\xbf"))
	return true
}

// cutStructured cuts STRUCTURED-DATA off: "-", or elements in brackets in whose quoted values \ stands
// before what it takes its meaning from.
func cutStructured(b []byte) (data, rest []byte, ok bool) {
	i := 0
	if len(b) > 0 && b[0] == '-' {
		i = 1
	}
	for quoted := false; i < len(b) && b[0] == '['; i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && c == ']' && (i+1 == len(b) || b[i+1] != '['):
			i++
			if i < len(b) && b[i] != ' ' {
				return nil, nil, false
			}
			return b[:i], b[min(i+1, len(b)):], true
		}
	}
	if i != 1 || len(b) > 1 && b[1] != ' ' {
		return nil, nil, false
	}
	return b[:1], b[min(2, len(b)):], true
}

// parse3164 reads "Mmm dd hh:mm:ss HOSTNAME MSG" (RFC 3164, 4.1), of which senders leave out what they
// like.
func (r *Record) parse3164(b []byte) {
	const stamp = "Jan _2 15:04:05 "
	if len(b) < len(stamp) || b[3] != ' ' || b[6] != ' ' || b[9] != ':' || b[12] != ':' || b[15] != ' ' {
		return
	}
	b = b[len(stamp):]
	r.Text = b
	// A tag ends in a colon or in brackets; a host name does neither.
	host, rest, ok := bytes.Cut(b, []byte{' '})
	if ok && len(host) > 0 && bytes.IndexAny(host, ":[]\n") < 0 {
		r.Text = rest
		r.entry("HOSTNAME=", host)
	}
}

// entry adds an entry to the dictionary, but those that say "-" for nothing.
func (r *Record) entry(name string, value []byte) {
	if string(value) == "-" {
		return
	}
	r.Dict = append(r.Dict, name...)
	for _, c := range value {
		if c == '\n' {
			r.Dict = append(r.Dict, `\x0a`...)
			continue
		}
		r.Dict = append(r.Dict, c)
	}
	r.Dict = append(r.Dict, '\n')
}
