package e1000model

// Receive descriptor bits, SDM 3.2.3.1.
const (
	rxDD    = 1 << 0
	rxEOP   = 1 << 1
	rxSpace = 2048
)

// Inject lets a frame arrive, over as many descriptors as it takes, and tells
// whether the receiver was on and had them.
func (d *Device) Inject(frame []byte) bool { return d.InjectErrors(frame, 0) }

// InjectErrors is Inject with the error bits of SDM 3.2.3.2.
func (d *Device) InjectErrors(frame []byte, errors uint8) bool {
	for {
		n := min(len(frame), rxSpace)
		flags := uint32(rxDD)
		if n == len(frame) {
			flags |= rxEOP
		}
		if !d.InjectDescriptor(frame[:n], uint32(n), flags|uint32(errors)<<8) {
			return false
		}
		if frame = frame[n:]; len(frame) == 0 {
			return true
		}
	}
}

// InjectDescriptor fills one descriptor: data into the buffer, and words 2 and 3
// as given, true or not.
func (d *Device) InjectDescriptor(data []byte, word2, word3 uint32) bool {
	head, size := d.reg[rdh/4], d.reg[rdlen/4]/16
	if d.off(rxdctl) || d.hung || d.reg[rctl/4]&enable == 0 || d.command&4 == 0 || d.AllOnes || d.time < d.blocked || head == d.reg[rdt/4] || head >= size {
		return false
	}
	desc := d.dma(uint64(d.reg[rdbah/4])<<32|uint64(d.reg[rdbal/4]&^15)+uint64(head)*16, 16)
	if desc == nil {
		return false
	}
	if word(desc, 3)&rxDD != 0 || d.Queues && word(desc, 2)&rxDD != 0 {
		d.complain("receive descriptor %d given with DD set", head)
	}
	d.within64K("receive buffer", uint64(word(desc, 1))<<32|uint64(word(desc, 0)), rxSpace)
	d.within64K("receive ring", uint64(d.reg[rdbah/4])<<32|uint64(d.reg[rdbal/4]&^15), d.reg[rdlen/4])
	copy(d.dma(uint64(word(desc, 1))<<32|uint64(word(desc, 0)), rxSpace), data)
	if d.Queues {
		if v := d.reg[srrctl/4]; v != 1<<25|2 {
			d.complain("received with SRRCTL %#x: not one advanced descriptor and 2 KiB a frame", v)
		}
		// The same in the advanced layout: what is not an address any more, status, length.
		setWord(desc, 0, d.rand.Uint32())
		setWord(desc, 1, d.rand.Uint32())
		status := word3 & 0xFF
		if word3&(0x97<<8) != 0 {
			status |= 1 << 31
		}
		word2, word3 = status, word2&0xFFFF|word3&0xFFFF0000
	}
	setWord(desc, 2, word2)
	setWord(desc, 3, word3)
	d.reg[rdh/4] = (head + 1) % size
	d.cause(causeRXT0)
	return true
}
