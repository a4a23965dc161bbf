package e1000model

import "bytes"

// txState is what the transmitter holds beside its registers.
type txState struct {
	part     []byte // of a packet whose end has not come
	loopback bool
	busy     bool
	due      int64    // when the frame at the head is done
	held     []uint32 // descriptors sent and not yet written back
}

// atOnce is how many descriptors the model takes at a time, should somebody give
// it a ring of millions.
const atOnce = 1024

// Descriptor bits, SDM 3.3.3.
const (
	txEOP = 1 << 24
	txRS  = 1 << 27
	txDD  = 1
)

// transmit does what is due by now.
func (d *Device) transmit() {
	if d.hung || d.tx.busy || d.AllOnes || d.reg[tctl/4]&enable == 0 {
		return
	}
	d.drop()
	if !d.linked() || d.NeverCompletes {
		return
	}
	if d.Express && !d.Queues && d.reg[tarc0/4]&(1<<10) == 0 || d.off(txdctl) {
		return
	}
	d.tx.busy = true
	size := d.reg[tdlen/4] / 16
	for n := uint32(0); n < min(size, atOnce) && d.reg[tdh/4] != d.reg[tdt/4] && d.reg[tdh/4] < size; n++ {
		if d.FrameTime != 0 {
			if d.tx.due == 0 {
				d.tx.due = d.time + d.FrameTime
			}
			if d.time < d.tx.due {
				break
			}
			d.tx.due = 0
		}
		if d.StopAfter == 1 {
			break
		}
		if d.StopAfter > 1 {
			d.StopAfter--
		}
		d.send(d.reg[tdh/4])
		d.reg[tdh/4] = (d.reg[tdh/4] + 1) % size
	}
	d.writeBackHeld(len(d.tx.held) / 2)
	if d.reg[tdh/4] == d.reg[tdt/4] {
		d.writeBackHeld(len(d.tx.held))
		d.holding = false
	}
	d.tx.busy = false
}

// descriptor is the memory of transmit descriptor i, nil if the device may not
// reach memory.
func (d *Device) descriptor(i uint32) []byte {
	if d.command&4 == 0 {
		return nil
	}
	return d.dma(uint64(d.reg[tdbah/4])<<32|uint64(d.reg[tdbal/4]&^15)+uint64(i)*16, 16)
}

// send takes one descriptor and what it points to.
func (d *Device) send(i uint32) {
	desc := d.descriptor(i)
	if desc == nil {
		return
	}
	w := word(desc, 2)
	if n := w & 0xFFFF; d.Queues && (w&(3<<20|1<<29) != 3<<20|1<<29 || word(desc, 3)>>14 != n) {
		d.complain("descriptor %d is not an advanced data descriptor of %d bytes: %#x %#x", i, n, w, word(desc, 3))
	}
	if word(desc, 3)&txDD != 0 {
		d.complain("descriptor %d given with DD set", i)
	}
	if n := w & 0xFFFF; n != 0 { // else a null descriptor, SDM 3.3.3
		d.tx.part = append(d.tx.part, d.dma(uint64(word(desc, 1))<<32|uint64(word(desc, 0)), n)...)
	}
	if n := w & 0xFFFF; d.Ends && n > 4 && (word(desc, 0)+n-1)&4 == 0 {
		d.hung = true
		return
	}
	if w&txEOP != 0 {
		if len(d.tx.part) < 17 || len(d.tx.part) > 1514 {
			d.complain("a packet of %d bytes", len(d.tx.part))
		}
		if !d.tx.loopback && !d.Discard {
			d.Sent = append(d.Sent, bytes.Clone(d.tx.part))
		}
		d.tx.part = d.tx.part[:0]
	}
	if w&txRS == 0 || d.NoWriteBack {
		return
	}
	if d.OutOfOrder {
		d.tx.held = append(d.tx.held, i)
		return
	}
	d.writeBack(i)
}

func (d *Device) writeBackHeld(n int) {
	for ; n > 0; n-- {
		k := d.rand.Intn(len(d.tx.held))
		d.writeBack(d.tx.held[k])
		d.tx.held = append(d.tx.held[:k], d.tx.held[k+1:]...)
	}
}

// writeBack reports a descriptor as done, SDM 3.3.3.2.
func (d *Device) writeBack(i uint32) {
	desc := d.descriptor(i)
	if desc == nil {
		return
	}
	d.within64K("transmit ring", uint64(d.reg[tdbah/4])<<32|uint64(d.reg[tdbal/4]&^15), d.reg[tdlen/4])
	switch {
	case d.GarbageWriteBack:
		for n := range 4 {
			setWord(desc, n, d.rand.Uint32())
		}
	case d.Queues && !d.KeepsDescriptors:
		for n := range 3 {
			setWord(desc, n, 0)
		}
		setWord(desc, 3, txDD)
	case d.TransmitErrors && !d.Queues:
		setWord(desc, 3, word(desc, 3)|txDD|1<<1|1<<2)
	default:
		setWord(desc, 3, word(desc, 3)|txDD)
	}
}
