package enetmodel

// Receive descriptor bits, RM 22.6.13.
const (
	rxE  = 1 << 31
	bdW  = 1 << 29
	rxL  = 1 << 27
	rxLG = 1 << 21
)

// Inject lets a frame without FCS arrive, over as many descriptors as it takes, and tells
// whether the receiver was on and had them.
func (d *Device) Inject(frame []byte) bool { return d.InjectErrors(frame, 0) }

// InjectErrors is Inject with bits of the last descriptor's status.
func (d *Device) InjectErrors(frame []byte, errors uint32) bool {
	frame = append(append([]byte(nil), frame...), 0xFC, 0x5F, 0xC5, 0x0F)
	total := len(frame)
	if total > int(d.reg[rcr/4]>>16&0x3FFF) {
		errors |= rxLG
	}
	frame = frame[:min(total, max(4, int(d.reg[ftrl/4])))]
	for {
		n := min(len(frame), max(16, int(d.reg[mrbr/4])))
		status := uint32(n)
		if n == len(frame) {
			status = errors | rxL | uint32(total)
		}
		if !d.InjectDescriptor(frame[:n], status) {
			return false
		}
		if frame = frame[n:]; len(frame) == 0 {
			return true
		}
	}
}

// InjectDescriptor fills one descriptor: data into the buffer, and word 0
// as given, true or not, without E and with the W that there is.
func (d *Device) InjectDescriptor(data []byte, status uint32) bool {
	if d.reg[ecr/4]&ecrEnable == 0 || d.reg[rdar/4] == 0 || d.AllOnes {
		return false
	}
	desc := d.dma(d.rxAt, 8)
	if desc == nil {
		return false
	}
	was := word(desc, 0)
	if was&rxE == 0 {
		d.reg[rdar/4] = 0
		return false
	}
	buffer := word(desc, 1)
	if buffer%64 != 0 {
		d.complain("receive buffer at %#x is not aligned", buffer)
	}
	copy(d.dma(buffer, uint32(len(data))), data)
	setWord(desc, 0, status&^(rxE|bdW)|was&bdW)
	if d.rxAt += 8; was&bdW != 0 {
		d.rxAt = d.reg[rdsr/4]
	}
	d.event(eventRXF)
	return true
}
