package netlog

// Device is a network interface as the logger needs it. The drivers satisfy it;
// the board joins the two.
//
// Every method may be called from any context (goroutine, interrupt, exception),
// allocates nothing, stores no pointer, takes no lock and returns within a bound
// of its own. The logger calls them from one context at a time, except that
// TakeOver may interrupt any of them at any instruction, and is then not
// returned from.
type Device interface {
	// MAC is the station address.
	MAC() [6]byte
	// Transmit copies one Ethernet frame without FCS (14 to 1514 bytes; short
	// ones are padded by the device) and gives it to the hardware. On an error
	// the frame was not taken.
	Transmit(frame []byte) error
	// Flush waits until the hardware is done with every frame it was given.
	Flush() error
	// Receive copies one received frame to buf and returns its length, 0 if none
	// is waiting.
	Receive(buf []byte) (int, error)
	// Link tells whether the link is up.
	Link() bool
	// TakeOver brings the device from any state to one where Transmit and
	// Receive work again, on memory set aside for nothing else. It keeps the
	// present rings if they are provably idle and sound; otherwise lost is how many
	// of the frames it was given may never have left.
	TakeOver() (lost int, err error)
}
