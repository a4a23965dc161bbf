package enet

import "gasp/drivers/dma"

// receiver is a receive ring. The hardware owns the descriptors with E.
type receiver struct {
	*ring
	*rxState
}

type rxState struct {
	next    uint32 // next the hardware fills
	taken   uint32 // next, but for the time it takes to give one back
	witness uint32 // of both, or else somebody overwrote them
	skip    bool   // within a frame that began in an earlier descriptor
}

// take notes that the descriptor at next is being taken.
func (x receiver) take() {
	x.taken = (x.next + 1) & x.mask
	x.witness = witnessOf(x.next, x.taken)
}

// move notes which descriptor is next, and that none is being taken.
func (x receiver) move(next uint32) { x.next, x.taken, x.witness = next, next, witnessOf(next, next) }

// minReceived is a frame's header; less is no frame.
const minReceived = 14

// Receive copies one received frame, without FCS, to buf and returns its length,
// 0 if none is waiting. Frames that the hardware marks as bad, that span several
// descriptors or are no frames are dropped and counted. Errors: ErrBufferSize,
// ErrNotReady.
func (d *Device) Receive(buf []byte) (int, error) {
	if !d.active.Ready() {
		return 0, ErrNotReady
	}
	q := d.rx(d.active)
	for n := uint32(0); n <= q.mask; n++ {
		status := q.load(q.next, wordStatus)
		if status&rxE != 0 {
			break
		}
		dma.Publish() // the frame is read behind its status
		length := status&bdLength - fcsSize
		part := q.skip || status&rxL == 0
		q.skip = status&rxL == 0
		var err error
		switch {
		case !part && status&rxErrors != 0: // they are there in the last descriptor only
			d.stats.RxErrors++
			length = 0
		case part || length < minReceived || length > bufferSize-fcsSize:
			d.stats.RxLength++
			length = 0
		case int(length) > len(buf):
			d.stats.RxLength++
			length, err = 0, ErrBufferSize
		default:
			copy(buf, q.buffer(q.next)[:length])
			d.stats.RxFrames++
			d.stats.RxBytes += uint64(length)
		}
		q.take()
		d.giveBack(q)
		if length != 0 || err != nil {
			return int(length), err
		}
	}
	// Who sends and then only listens has nobody else to look after a frame that was not noticed.
	if t := d.tx(d.active); t.clean != t.rung {
		if t.sweep(); t.clean != t.rung {
			d.nudge(t)
		}
	}
	return 0, nil
}

// giveBack gives the hardware the descriptor at next.
func (d *Device) giveBack(q receiver) {
	dma.Publish() // the frame has been read
	q.put(q.next, q.bus(q.next), rxE)
	d.listen()
	q.move(q.taken)
}

// listen tells the hardware that there are empty descriptors.
func (d *Device) listen() { d.regs.Write32(regRDAR, active) }
