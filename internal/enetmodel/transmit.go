package enetmodel

import "bytes"

// txState is what the transmitter holds beside its registers.
type txState struct {
	at   uint32 // address of the descriptor to be looked at next
	part []byte // of a frame whose end has not come
	busy bool
	due  int64 // when the frame at it is read
	fifo []queued
}

type queued struct {
	frame []byte
	due   int64
}

func (t *txState) inFIFO() bool { return len(t.fifo) != 0 }

// atOnce is how many descriptors the model takes at a time, should somebody give
// it a ring without an end.
const atOnce = 1024

// Transmit descriptor bits, RM 22.6.13.
const (
	txR  = 1 << 31
	txL  = 1 << 27
	txTC = 1 << 26
)

// transmit does what is due by now.
func (d *Device) transmit() {
	t := &d.tx
	if t.busy || d.AllOnes || d.NeverCompletes || d.reg[ecr/4]&ecrEnable == 0 {
		return
	}
	t.busy = true
	defer func() { t.busy = false }()
	for n := 0; n < atOnce && d.reg[tdar/4] != 0; n++ {
		desc := d.dma(t.at, 8)
		if desc == nil || d.BusError {
			d.reg[ecr/4] &^= ecrEnable
			d.reg[tdar/4], d.reg[rdar/4] = 0, 0
			d.event(eventEBERR)
			return
		}
		status := word(desc, 0)
		if status&txR == 0 {
			d.reg[tdar/4] = 0
			return
		}
		if d.FrameTime != 0 {
			if t.due == 0 {
				t.due = d.time + d.FrameTime
			}
			if d.time < t.due {
				return
			}
			t.due = 0
		}
		if d.StopAfter == 1 {
			return
		}
		if d.StopAfter > 1 {
			d.StopAfter--
		}
		d.send(status, word(desc, 1))
		if !d.NoWriteBack {
			setWord(desc, 0, status&^txR)
		}
		if d.GarbageWriteBack {
			setWord(desc, 0, d.rand.Uint32())
			setWord(desc, 1, d.rand.Uint32())
		}
		if t.at += 8; status&bdW != 0 {
			t.at = d.reg[tdsr/4]
		}
	}
}

// send reads what one descriptor points to.
func (d *Device) send(status, address uint32) {
	if address%16 != 0 {
		d.complain("transmit buffer at %#x is not aligned", address)
	}
	t := &d.tx
	t.part = append(t.part, d.dma(address, status&0xFFFF)...)
	if status&txL == 0 {
		return
	}
	if len(t.part) < 60 || len(t.part) > 1514 {
		d.complain("a packet of %d bytes", len(t.part))
	}
	if status&txTC == 0 {
		d.complain("a packet without FCS")
	}
	defer func() { t.part = t.part[:0] }()
	if d.TransmitErrors {
		d.event(eventLC)
		return
	}
	if d.FIFOTime != 0 {
		t.fifo = append(t.fifo, queued{bytes.Clone(t.part), d.time + d.FIFOTime})
		return
	}
	d.leave(t.part)
}

// drain lets those frames leave whose time has come.
func (d *Device) drain() {
	for t := &d.tx; t.inFIFO() && d.time >= t.fifo[0].due; t.fifo = t.fifo[1:] {
		d.leave(t.fifo[0].frame)
	}
}

func (d *Device) leave(frame []byte) {
	switch {
	case d.LinkDown:
		d.Dropped++
	case !d.Discard:
		d.Sent = append(d.Sent, bytes.Clone(frame))
	}
	d.event(eventTXF)
}
