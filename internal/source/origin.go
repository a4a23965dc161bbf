package source

import "net/netip"

// Origin says who said something. A sender with a device key is its name, wherever its datagrams
// come from; any other is the address that they come from.
type Origin struct {
	// Addr is the address and port that the datagram came from.
	Addr netip.AddrPort
	// Device is the name of the key that proved it, empty where nothing was proved.
	Device string
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
