package virtionet

// A split virtqueue in memory (2.7): descriptor table, available ring, and on
// the next page the used ring. Legacy devices compute it just so from the one
// address they are told (2.7.2); modern ones are told all three.

const (
	pageSize = 4096

	// The largest queue whose size the driver cannot choose, and up to which there is always room. QEMU makes none
	// larger than that, Google's hypervisor had queues of 4,096 and has of 8,192 (Solo5, pull request 80; Oxide's
	// propolis, issue 930).
	maxQueueSize    = 8192
	commonQueueSize = 1024

	descriptorSize  = 16
	usedElementSize = 8

	// Within the available ring (2.7.6) and the used ring (2.7.8): flags, idx, ring.
	ringEntries = 4
)

// Descriptor flags (2.7.5).
const (
	descriptorNext  = 1
	descriptorWrite = 2
)

const (
	availNoInterrupt = 1 // VIRTQ_AVAIL_F_NO_INTERRUPT (2.7.6)
	usedNoNotify     = 1 // VIRTQ_USED_F_NO_NOTIFY (2.7.8)
)

// ringRoom is the space for the rings of a queue of commonQueueSize.
const ringRoom = (descriptorSize*commonQueueSize+ringEntries+2*commonQueueSize+2+pageSize-1)&^(pageSize-1) +
	(ringEntries+usedElementSize*commonQueueSize+2+pageSize-1)&^(pageSize-1)

// ringRoomOf is that of a queue of size descriptors.
func ringRoomOf(size uint16) int {
	return usedOffset(size) + (ringEntries+usedElementSize*int(size)+2+pageSize-1)&^(pageSize-1)
}

// availOffset and usedOffset are in bytes from the descriptor table, in a queue
// of size descriptors. The two bytes behind each ring belong to an event index.
func availOffset(size uint16) int { return descriptorSize * int(size) }

func usedOffset(size uint16) int {
	end := availOffset(size) + ringEntries + 2*int(size) + 2
	return (end + pageSize - 1) &^ (pageSize - 1)
}

// A slot is the buffer of one frame. The device's header (5.1.6) stands right
// before the frame, wherever its size lets it begin, so that header and frame are
// one piece of memory and the frame is aligned for copying.
const (
	slotSize    = 2048
	slotFrame   = 16                   // offset of the frame in its slot
	slotRoom    = slotSize - slotFrame // largest frame that a slot holds
	headerSize  = 12                   // struct virtio_net_hdr
	legacySize  = 10                   // the same without num_buffers
	minFrame    = 14                   // an Ethernet header
	paddedFrame = 60                   // the least that Ethernet carries, without FCS
	maxFrame    = 1514                 // a header and 1500 bytes, without FCS
)
