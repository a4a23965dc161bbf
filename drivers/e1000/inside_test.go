package e1000

import (
	"unsafe"

	"gasp/drivers/inuse"
	"gasp/drivers/seal"
	"gasp/internal/drivertest"
	"gasp/internal/e1000model"
)

// NewSuite is the tests that this driver has in common with others, on these models.
func NewSuite(kinds []drivertest.Kind) *drivertest.Suite {
	return &drivertest.Suite{
		Errors: drivertest.Errors{FrameSize: ErrFrameSize, BufferSize: ErrBufferSize, RingFull: ErrRingFull,
			Stuck: ErrStuck, NotReady: ErrNotReady, Absent: ErrAbsent, Reset: ErrReset},
		Kinds:     kinds,
		Ring:      txNormal,
		Reserved:  txReserved,
		Held:      rxNormal - 1,
		LostMost:  lostMost,
		Slack:     sweepFrom,
		FrameTime: 12e3,
		Steps:     drivertest.Stores{Written: 5, Seen: 7, Told: 7},
		Bounds: drivertest.Bounds{Frame: frameWait, TakeOver: takeOverMost, Accesses: 400, AccessTime: 600,
			Turn: 2}, // STATUS in the place of a clock
		Stride: func(access int) int { return 1 + access/200*20 },
	}
}

// Inside is what only tests in this package reach of a device and its model.
func Inside(d *Device, m *e1000model.Device) drivertest.Inside {
	in := drivertest.Inside{
		RoomSize:    RoomSize,
		RoomBefore:  RoomBefore,
		Stats:       func() drivertest.Stats { return drivertest.Stats(d.Stats()) },
		Upset:       func() { m.Set(regTDBAH, 0x77) },
		Astray:      func() { m.Set(regTDBAH, 0x77) },
		Rings:       func() [2]uint32 { return [2]uint32{m.Get(regTDBAL), m.Get(regRDBAL)} },
		Core:        unsafe.Slice((*byte)(unsafe.Pointer(&d.core)), unsafe.Sizeof(d.core)),
		IsNumber:    isNumber,
		Bookkeeping: []any{&d.state, &d.active, &d.unreported, &d.stats},
		Corrupt:     d.corrupt,
		StopClock: func() {
			d.clock.Now = nil
			d.sealed = seal.NewOf(&d.core)
		},
		TransmitSteps: d.transmitSteps,
		ReceiveSteps:  d.receiveSteps(),
	}
	for i, r := range d.rings {
		in.Descriptors[i] = r.tx.desc
		in.Memory = append(in.Memory, r.tx.desc, r.tx.buffers, r.rx.desc, r.rx.buffers)
	}
	return in
}

func (d *Device) transmitSteps(frame []byte) []drivertest.Step {
	q := d.tx(inuse.Normal)
	return []drivertest.Step{
		{Name: "nothing", Do: func() {}},
		{Name: "half the frame", Do: func() { copy(q.buffer(q.tail), frame[:50]) }},
		{Name: "the frame", Do: func() { copy(q.buffer(q.tail), frame) }},
		{Name: "the buffer's address", Do: func() {
			a := q.bufPhys + uint64(q.tail)*bufferSize
			q.store(q.tail, 0, uint32(a))
			q.store(q.tail, 1, uint32(a>>32))
		}},
		{Name: "the command", Do: func() { q.store(q.tail, 2, txCommand|100) }},
		{Name: "the status", Do: func() { q.store(q.tail, 3, 0) }},
		{Name: "the tail", Do: func() { q.tail = (q.tail + 1) & q.mask }},
		{Name: "TDT", Do: func() { d.regs.Write32(regTDT, q.tail) }},
		{Name: "the note of TDT", Do: func() { q.rung = q.tail }},
	}
}

func (d *Device) receiveSteps() []drivertest.Step {
	q := d.rx(inuse.Normal)
	return []drivertest.Step{
		{Name: "nothing", Do: func() {}},
		{Name: "the note that it is taken", Do: func() { q.taken = (q.next + 1) & q.mask }},
		{Name: "half the descriptor", Do: func() { q.store(q.next, 2, 0) }},
		{Name: "the status", Do: func() { q.put(q.next, 0) }},
		{Name: "RDT", Do: func() { d.regs.Write32(regRDT, q.next) }},
		{Name: "next", Do: func() { q.next = q.taken }},
	}
}

func (d *Device) corrupt(v uint32) []func() {
	t, x := d.tx(inuse.Normal), d.rx(inuse.Normal)
	return []func(){
		func() { t.tail = v },
		func() { t.rung = v },
		func() { t.clean = v },
		func() { x.next = v },
		func() { x.taken = v },
		func() { d.active = inuse.Rings(v) },
		func() { t.tail, t.rung, t.clean, x.next, x.taken = v, v+1, v+2, v+3, v+4 },
	}
}

// isNumber tells whether the word at an offset of core is no pointer.
func isNumber(at int) bool {
	var c core
	for i := range c.rings {
		for _, r := range []*ring{&c.rings[i].tx, &c.rings[i].rx} {
			first := int(uintptr(unsafe.Pointer(&r.descPhys)) - uintptr(unsafe.Pointer(&c)))
			if at >= first && at < first+24 {
				return true
			}
		}
	}
	return false
}
