package kernel

// What Linux has elsewhere on other architectures (arch/arm/include/uapi/asm/fcntl.h).
const (
	O_DIRECTORY = 0o40000
	O_NOFOLLOW  = 0o100000
)

// An Event is struct epoll_event, which is packed on x86 only.
type Event struct {
	Events, _ uint32
	Data      [2]uint32
}
