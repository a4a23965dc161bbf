package source

import (
	"net/netip"
	"strings"
)

// Origin says who said something. A sender with a device key is its name, wherever its datagrams
// come from; any other is the address that they come from.
type Origin struct {
	// Addr is the address and port that the datagram came from.
	Addr netip.AddrPort
	// Device is the name of the key that proved it, empty where nothing was proved.
	Device string
	// Settled tells that it is a device, or one of the senders without a key that have their place (see
	// sources). Where not all find room, those that are not settled, of whom there can be millions, go
	// without.
	Settled bool
}

// Host is the name to show and to file under: the device's, or the address. "various" stands for more
// senders than are told apart.
func (o Origin) Host() string {
	switch {
	case o.Device != "":
		return o.Device
	case !o.Addr.IsValid():
		return "various"
	}
	return o.Addr.Addr().String()
}

// FileName is Host made safe as a file's name, where all but letters, digits, point and hyphen is an
// underscore: 10.0.2.15, or fe80__1_eth0 for fe80::1%eth0. A name that means something else there, hidden
// files and SymbolsName, gets an underscore in front.
func (o Origin) FileName() string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '.', r == '-':
			return r
		}
		return '_'
	}, o.Host())
	if name == "" || name[0] == '.' || name == SymbolsName {
		return "_" + name
	}
	return name
}

// SymbolsName is the folder beside those of the hosts that has the images by which reports are
// symbolized.
const SymbolsName = "symbols"
