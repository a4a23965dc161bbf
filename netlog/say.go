package netlog

import "strconv"

// What the logger has to say itself, once for every change.
const (
	sayLinkDown = "netconsole: link is down, records are kept"
	sayLinkUp   = "netconsole: link is up"
	sayNoAnswer = "netconsole: no answer to ARP yet, records are kept, asking for "
	sayAnswer   = "netconsole: ARP answered by "
	sayMended   = "netconsole: the device refused frames and was reset"
	sayDead     = "netconsole: the device refuses frames and cannot be reset"
	sayByAll    = "netconsole: records go out by broadcast until ARP is answered by "
)

// sayRoom holds every such record.
const sayRoom = 160

// say makes a record and leaves it to the caller to send it.
func (l *Logger) say(level Level, parts ...string) {
	var room [sayRoom]byte
	text := room[:0]
	for _, part := range parts {
		text = append(text, part[:min(len(part), cap(text)-len(text))]...)
	}
	l.store(level, text, false)
}

func (l *Logger) sayAddress(level Level, what string, addr [4]byte) {
	var room [sayRoom]byte
	text := append(room[:0], what...)
	for i, b := range addr {
		if i > 0 {
			text = append(text, '.')
		}
		text = strconv.AppendUint(text, uint64(b), 10)
	}
	l.store(level, text, false)
}
