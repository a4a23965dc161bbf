package kernel

// What Linux has elsewhere on other architectures (arch/x86/include/uapi/asm/fcntl.h
// takes include/uapi/asm-generic/fcntl.h).
const (
	O_DIRECTORY = 0o200000
	O_NOFOLLOW  = 0o400000
)

// An Event is struct epoll_event, which is packed to 12 bytes.
type Event struct {
	Events uint32
	Data   [2]uint32
}
