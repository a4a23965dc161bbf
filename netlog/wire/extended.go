package wire

import (
	"bytes"
	"strconv"
)

// AppendExtended appends r as the extended format carries it, the whole message, not yet cut into
// datagrams: "<prefix>,<seq>,<usec>,<cont>;<text>\n" and a line " KEY=VALUE\n" for each entry of the
// dictionary, with prefix = facility<<3|level and the bytes that need it as \xHH (printk.c,
// info_print_ext_header and msg_print_ext_body). dst needs room for MaxHeader plus four times text
// and dictionary.
func AppendExtended(dst []byte, r *Record) []byte {
	dst = appendEscaped(appendHeader(dst, r), r.Text)
	dst = append(dst, '\n')
	for dict := r.Dict; len(dict) > 0; {
		line := dict
		if i := bytes.IndexByte(dict, '\n'); i >= 0 {
			line, dict = dict[:i], dict[i+1:]
		} else {
			dict = nil
		}
		dst = append(dst, ' ')
		dst = appendEscaped(dst, line)
		dst = append(dst, '\n')
	}
	return dst
}

func appendHeader(dst []byte, r *Record) []byte {
	dst = appendDecimal(dst, uint64(r.Facility)<<3|uint64(r.Level&7))
	dst = append(dst, ',')
	dst = appendDecimal(dst, r.Seq)
	dst = append(dst, ',')
	dst = appendDecimal(dst, r.Time)
	if r.Cont {
		dst = append(dst, ",c"...)
	} else {
		dst = append(dst, ",-"...)
	}
	if r.Skip != 0 {
		dst = append(dst, ",skip="...)
		dst = appendDecimal(dst, r.Skip)
	}
	return append(dst, ';')
}

// NextExtended appends to dst the next datagram of an encoded extended message: the message as it
// is when it fits MaxDatagram, else pieces that each repeat the header with
// ",ncfrag=<offset>/<total>" before its semicolon; both count the bytes behind the semicolon
// (netconsole.c, send_ext_msg_udp). Begin with *pos 0 and go on until ok is false.
func NextExtended(dst, msg []byte, pos *int) (datagram []byte, ok bool) {
	if *pos < 0 || *pos >= len(msg) {
		return dst, false
	}
	header := bytes.IndexByte(msg, ';')
	// A header that leaves no room for text is none of AppendExtended's.
	const longestHeader = MaxDatagram / 2
	if header < 0 || header > longestHeader || len(msg) <= MaxDatagram {
		return NextBasic(dst, msg, pos)
	}
	body := msg[header+1:]
	offset := max(*pos-header-1, 0)
	start := len(dst)
	dst = append(dst, msg[:header]...)
	dst = append(dst, ",ncfrag="...)
	dst = strconv.AppendUint(dst, uint64(offset), 10)
	dst = append(dst, '/')
	dst = strconv.AppendUint(dst, uint64(len(body)), 10)
	dst = append(dst, ';')
	end := min(offset+MaxDatagram-(len(dst)-start), len(body))
	dst = append(dst, body[offset:end]...)
	*pos = header + 1 + end
	return dst, true
}

// ParseBody reads what stands behind the semicolon of a whole extended message: the text, and the
// dictionary with its lines as KEY=VALUE\n, a newline inside a value left as \x0a. Both are views
// over body, or are written to buf[:0], which fits if buf's capacity is at least len(body)+1.
func ParseBody(body, buf []byte) (text, dict []byte) {
	for len(body) > 0 && body[len(body)-1] == 0 {
		body = body[:len(body)-1]
	}
	text = body
	var lines []byte
	if i := bytes.IndexByte(body, '\n'); i >= 0 {
		text, lines = body[:i], body[i+1:]
	}
	text, buf = unescape(buf[:0], text)
	start := len(buf)
	for len(lines) > 0 {
		line := lines
		if i := bytes.IndexByte(lines, '\n'); i >= 0 {
			line, lines = lines[:i], lines[i+1:]
		} else {
			lines = nil
		}
		if len(line) > 0 && line[0] == ' ' {
			line = line[1:]
		}
		if len(line) > 0 {
			buf = appendUnescaped(buf, line, true)
			buf = append(buf, '\n')
		}
	}
	return text, buf[start:]
}
