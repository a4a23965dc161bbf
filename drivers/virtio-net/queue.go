package virtionet

import (
	"encoding/binary"
	"math/bits"
	"unsafe"

	"gasp/drivers/dma"
	"gasp/drivers/virtio"
)

// maxSlots bounds the bookkeeping of any queue.
const maxSlots = normalTransmitSlots

// queue is one split virtqueue (2.7) and the frame buffers behind it. It knows
// nothing of registers. Slot i owns descriptor i, or 2i and 2i+1 where a legacy
// device wants the header in a descriptor of its own.
//
// The used ring is the device's to write and nothing in it is believed: an index
// further on than what is in flight, or an id that is not in flight, is an error
// and touches nothing. Descriptors are the device's to read only: every one is
// written anew, whole, before it is made available.
type queue struct {
	*place
	*queueState
}

type queueState struct {
	size   uint16 // descriptors
	slots  uint16 // slots in use
	split  bool   // header in a descriptor of its own
	header uint16 // its size in bytes
	avail  int    // offset of the available ring in ring
	used   int    // offset of the used ring in ring
	flags  uint16 // of the available ring

	next     uint16                // available index, of the next entry to write
	seen     uint16                // used index, of the next entry to look at
	inFlight uint16                // slots that are the device's
	turn     uint16                // slot behind the one posted last
	busy     [maxSlots / 64]uint64 // which, one bit each
}

// place is where a queue is; it does not change.
type place struct {
	ring    dma.Memory // descriptor table and rings
	buffers dma.Memory // slots
	index   uint16     // queue number
	limit   uint16     // slots there is memory for
	most    uint16     // descriptors there is memory for
	write   uint16     // descriptorWrite if the device fills the buffers
}

// allocate takes the queue's memory from mem, for rings of up to most descriptors.
func (p *place) allocate(mem *dma.Memory, index, slots, most uint16) error {
	ring, err := mem.Carve(ringRoomOf(most), virtio.PageSize)
	if err != nil {
		return err
	}
	buffers, err := mem.Carve(int(slots)*slotSize, slotFrame)
	if err != nil {
		return err
	}
	p.index, p.ring, p.buffers, p.limit, p.most = index, ring, buffers, min(slots, maxSlots), most
	if index == receiveQ {
		p.write = descriptorWrite
	}
	return nil
}

// arm makes the queue empty, with size descriptors; every slot is free.
func (q queue) arm(size, header uint16, split bool) {
	q.size, q.header, q.split = size, header, split
	q.slots = size
	if split {
		q.slots = size / 2
	}
	q.slots = min(q.slots, q.limit)
	q.avail, q.used = availOffset(size), usedOffset(size)
	clear(q.ring.Bytes[:q.used+ringEntries+usedElementSize*int(size)])
	q.flags = availNoInterrupt
	storeFlagsIdx(q.ring.Bytes, q.avail, q.flags, 0)
	q.empty(0)
}

// empty makes every slot free, with both indices at idx.
func (q queue) empty(idx uint16) {
	q.next, q.seen, q.inFlight, q.turn = idx, idx, 0, 0
	clear(q.busy[:])
}

// area is where the queue lies for the device.
func (q queue) area() virtio.Area {
	p := q.ring.Phys
	return virtio.Area{Descriptor: p, Driver: p + uint64(q.avail), Device: p + uint64(q.used)}
}

// frame is the room for a frame in a slot, slotRoom bytes.
func (q queue) frame(slot uint16) []byte {
	off := int(slot) * slotSize
	return q.buffers.Bytes[off+slotFrame : off+slotSize]
}

// roomOf is frame for a slot that is below limit.
func (q queue) roomOf(slot uint16) []byte {
	base := unsafe.Pointer(unsafe.SliceData(q.buffers.Bytes))
	return unsafe.Slice((*byte)(unsafe.Add(base, uintptr(slot)*slotSize+slotFrame)), slotRoom)
}

// free is how many slots are free.
func (q queue) free() uint16 { return q.slots - min(q.inFlight, q.slots) }

// inTurn is the slot whose turn it is, if that is free: always, as long as the device uses slots in their order and
// the ring is not full.
func (q queue) inTurn() (slot uint16, ok bool) {
	slot = q.turn
	return slot, slot < q.slots && slot < q.limit && !q.isBusy(slot)
}

// claim finds a free slot, to be posted, the same until it is.
func (q queue) claim() (slot uint16, ok bool) {
	if slot, ok := q.inTurn(); ok {
		return slot, true
	}
	for i, w := range q.busy {
		if w != ^uint64(0) {
			slot = uint16(64*i + bits.TrailingZeros64(^w))
			return slot, slot < min(q.slots, q.limit)
		}
	}
	return 0, false
}

func (q queue) isBusy(slot uint16) bool {
	return q.busy[slot/64%uint16(len(q.busy))]>>(slot%64)&1 != 0
}

// post writes the header and the descriptors of a slot with a frame of n bytes that begins so many bytes into
// the slot's room, and its entry in the available ring (2.7.13.1, 2.7.13.2). The device sees it after publish.
func (q queue) post(slot uint16, at, n int) {
	head := slot
	address := q.buffers.Phys + uint64(slot)*slotSize + slotFrame + uint64(at)
	*(*[slotFrame]byte)(q.buffers.Bytes[int(slot)*slotSize+at:]) = [slotFrame]byte{}
	if q.split {
		head = slot * 2
		q.describe(head, address-uint64(q.header), int(q.header), q.write|descriptorNext, head+1)
		q.describe(head+1, address, n, q.write, 0)
	} else {
		q.describe(head, address-uint64(q.header), int(q.header)+n, q.write, 0)
	}
	put16(q.ring.Bytes, q.avail+ringEntries+2*int(q.next&(q.size-1)), head)
	q.busy[slot/64%uint16(len(q.busy))] |= 1 << (slot % 64)
	if q.turn = slot + 1; q.turn >= q.slots {
		q.turn = 0
	}
	q.inFlight++
	q.next++
}

// done is how many slots the device says that it is done with.
func (q queue) done() uint16 {
	_, idx := loadFlagsIdx(q.ring.Bytes, q.used)
	return idx - q.seen
}

// completeAll is complete for all entries of a transmit queue's used ring.
func (q queue) completeAll() (found bool, err error) {
	ahead := q.done()
	if ahead > q.inFlight {
		return false, ErrBroken
	}
	slots, most, seen := uint32(min(q.slots, q.limit)), uint32(q.header)+slotRoom, q.seen
	for ; ahead > 0; ahead-- {
		e := binary.LittleEndian.Uint64(q.ring.Bytes[q.used+ringEntries+usedElementSize*int(seen&(q.size-1)):])
		id := uint32(e)
		if q.split {
			if id&1 != 0 {
				return found, ErrBroken
			}
			id /= 2
		}
		word, bit := &q.busy[id/64%uint32(len(q.busy))], uint64(1)<<(id%64)
		if id >= slots || *word&bit == 0 || uint32(e>>32) > most {
			return found, ErrBroken
		}
		*word &^= bit
		seen++
		q.seen = seen
		q.inFlight--
		found = true
	}
	return found, nil
}

// describe writes a descriptor: le64 addr, le32 len, le16 flags, le16 next (2.7.5).
func (q queue) describe(i uint16, address uint64, n int, flags, next uint16) {
	d := (*[descriptorSize]byte)(q.ring.Bytes[descriptorSize*int(i):])
	binary.LittleEndian.PutUint64(d[:], address)
	binary.LittleEndian.PutUint64(d[8:], uint64(n)|uint64(flags)<<32|uint64(next)<<48)
}

// publish makes every posted slot available (2.7.13.3) and tells whether the
// device wants to be notified of it.
func (q queue) publish() (notify bool) {
	storeIdx(q.ring.Bytes, q.avail, q.next)
	flags, _ := loadFlagsIdx(q.ring.Bytes, q.used)
	return flags&usedNoNotify == 0
}

// complete takes the next entry of the used ring: a slot that the device is done
// with and that is free then, and how many bytes it wrote there, header included.
// found is false when there is none.
func (q queue) complete() (slot uint16, n int, found bool, err error) {
	_, idx := loadFlagsIdx(q.ring.Bytes, q.used)
	ahead := idx - q.seen
	if ahead == 0 {
		return 0, 0, false, nil
	}
	if ahead > q.inFlight {
		return 0, 0, false, ErrBroken
	}
	e := q.ring.Bytes[q.used+ringEntries+usedElementSize*int(q.seen&(q.size-1)):][:usedElementSize]
	id, written := get32(e[0:4]), get32(e[4:8])
	if q.split {
		if id&1 != 0 {
			return 0, 0, false, ErrBroken
		}
		id /= 2
	}
	if id >= uint32(min(q.slots, q.limit)) || !q.isBusy(uint16(id)) || written > uint32(q.header)+slotRoom {
		return 0, 0, false, ErrBroken
	}
	q.seen++
	q.busy[id/64%uint32(len(q.busy))] &^= 1 << (id % 64)
	q.inFlight--
	return uint16(id), int(written), true, nil
}
