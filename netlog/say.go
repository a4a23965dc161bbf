package netlog

// What the logger has to say itself, once for every change.
const (
	sayLinkDown = "netconsole: link is down, records are kept"
	sayLinkUp   = "netconsole: link is up"
	sayNoAnswer = "netconsole: no answer to ARP yet, records are kept, asking for "
	sayAnswer   = "netconsole: ARP answered by "
	sayMended   = "netconsole: the device refused frames and was reset"
	sayDead     = "netconsole: the device refuses frames and cannot be reset"
	sayByAll    = "netconsole: records go out by broadcast until ARP is answered by "

	// The same of an IPv6 neighbor.
	sayNoAdvertisement = "netconsole: no answer to NDP yet, records are kept, asking for "
	sayAdvertisement   = "netconsole: NDP answered by "
	sayByAllNDP        = "netconsole: records go out by broadcast until NDP is answered by "
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
