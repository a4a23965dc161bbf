package e1000

import "gasp/drivers/dma"

// Descriptors of the ordinary rings and of those that TakeOver uses. Ring
// lengths are multiples of 128 bytes (SDM 13.4.27, 13.4.38): 8 descriptors.
const (
	txNormal, rxNormal     = 256, 64
	txReserved, rxReserved = 32, 16

	ringAlign = 128
)

// MemorySize is how many bytes of DMA memory New takes, alignment included.
const MemorySize = ringAlign +
	(txNormal+rxNormal+txReserved+rxReserved)*(descriptorSize+bufferSize) + ringAlign

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
	desc, err := mem.Carve(int(n)*descriptorSize, ringAlign)
	if err != nil {
		return ring{}, ErrMemory
	}
	buffers, err := mem.Carve(int(n)*bufferSize, ringAlign)
	if err != nil {
		return ring{}, ErrMemory
	}
	return ring{
		desc: desc.Bytes, descPhys: desc.Phys,
		buffers: buffers.Bytes, bufPhys: buffers.Phys,
		mask: n - 1, layout: l,
	}, nil
}
