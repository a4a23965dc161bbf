package netlog

// RoomSize is the least that a device's Room gives, in bytes: the longest frame fits, wherever its headers begin.
const RoomSize = 1600

// Device is a network interface as the logger needs it. The drivers satisfy it;
// the board joins the two.
//
// Frames go out in one of two ways. Transmit copies one and gives it to the hardware at once. Otherwise the logger
// asks for the memory of the next one (Room), writes it there, makes it a frame (Commit), and so on, and tells the
// hardware of all of them (Doorbell). Room may be asked for and left: nothing has happened then. What is committed and
// not told of leaves with the next Doorbell or Transmit; a TakeOver that keeps the rings forgets it.
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
	// Room is memory that the hardware reads, RoomSize bytes or more, for the frame that
	// Commit makes next; it is the logger's until then. It has whatever was there before.
	// Nothing without an error means that the ring is full: with wait, the device waits for
	// it first, within its bound, and then that is an error. Whether it is full is read from
	// memory, not from a register.
	Room(wait bool) ([]byte, error)
	// Commit makes n bytes of that memory a frame (as for Transmit), from offset at on, which
	// is 66 at the most, and with tell does what Doorbell does. On an error there is no frame.
	Commit(at, n int, tell bool) error
	// Doorbell tells the hardware of all that was committed and not told of, with one access.
	Doorbell()
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
