package e1000

import "gasp/drivers/dma"

// Descriptors of the ordinary rings and of those that TakeOver uses. Ring
// lengths are multiples of 128 bytes (SDM 13.4.27, 13.4.38): 8 descriptors.
const (
	txNormal, rxNormal     = 256, 64
	txReserved, rxReserved = 32, 16

	ringAlign = 128
)

// MemorySize is how many bytes of DMA memory New takes, alignment included: a ring begins at a multiple of its size, and behind it
// its buffers at one of theirs. So nothing that the device writes lies across 64 KiB, which 82545EM and 82546EB must not
// have (erratum 23, Linux, e1000_check_64k_bound).
const MemorySize = txNormal*descriptorSize +
	max(txNormal*descriptorSize, bufferSize) + max(rxNormal*descriptorSize, bufferSize) +
	max(txReserved*descriptorSize, bufferSize) + max(rxReserved*descriptorSize, bufferSize) +
	(txNormal+rxNormal+txReserved+rxReserved)*bufferSize + ringAlign

// layout is that of the family's descriptors.
func (d *Device) layout() layout {
	if d.family.queues {
		return advanced
	}
	return legacy
}

// newFlushing takes memory for the ring of flush. What it sends is never seen, so that any
// memory of the device's will do as its buffers.
func newFlushing(mem *dma.Memory, buffers uint64) (ring, error) {
	desc, err := mem.Carve(ringAlign, ringAlign)
	if err != nil {
		return ring{}, ErrMemory
	}
	return ring{desc: desc.Bytes, descPhys: desc.Phys, bufPhys: buffers, mask: ringAlign/descriptorSize - 1}, nil
}

func (r *rings) carve(mem *dma.Memory, tx, rx uint32, l layout) (err error) {
	if r.tx, err = newRing(mem, tx, l); err == nil {
		r.tx.fill()
		r.rx, err = newRing(mem, rx, l)
	}
	return err
}

// newRing takes memory for n descriptors, a power of two, and their buffers.
func newRing(mem *dma.Memory, n uint32, l layout) (ring, error) {
	desc, err := mem.Carve(int(n)*descriptorSize, uint64(n)*descriptorSize)
	if err != nil {
		return ring{}, ErrMemory
	}
	buffers, err := mem.Carve(int(n)*bufferSize, bufferSize)
	if err != nil {
		return ring{}, ErrMemory
	}
	return ring{
		desc: desc.Bytes, descPhys: desc.Phys,
		buffers: buffers.Bytes, bufPhys: buffers.Phys,
		mask: n - 1, layout: l,
	}, nil
}
