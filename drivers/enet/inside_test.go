package enet

import (
	"math/rand"
	"unsafe"

	"gasp/drivers/inuse"
	"gasp/drivers/seal"
	"gasp/internal/drivertest"
	"gasp/internal/enetmodel"
)

// NewSuite is the tests that this driver has in common with others, on these models.
func NewSuite(kinds []drivertest.Kind) *drivertest.Suite {
	return &drivertest.Suite{
		Errors: drivertest.Errors{FrameSize: ErrFrameSize, BufferSize: ErrBufferSize, RingFull: ErrRingFull,
			Stuck: ErrStuck, NotReady: ErrNotReady, Absent: ErrAbsent, Reset: ErrReset},
		Kinds:     kinds,
		Ring:      txNormal,
		Reserved:  txReserved,
		Held:      rxNormal,
		LostMost:  lostMost,
		Slack:     sweepFrom,
		FrameTime: 121e3,
		Steps:     drivertest.Stores{Written: 4, Seen: 6, Told: 7},
		Bounds: drivertest.Bounds{Frame: frameWait, Left: fifoDelay, TakeOver: takeOverMost, Link: 2 * (mdioWait + mdioTime),
			Accesses: 200, AccessTime: 700,
			Turn: 4}, // ECR in the place of a clock, TDAR twice and once more to write it
		Stride: func(access int) int { return 1 + access/50*40 },
	}
}

// Inside is what only tests in this package reach of a device and its model.
func Inside(d *Device, m *enetmodel.Device) drivertest.Inside {
	in := drivertest.Inside{
		RoomSize:     RoomSize,
		RoomBefore:   RoomBefore,
		Stats:        func() drivertest.Stats { return drivertest.Stats(d.Stats()) },
		Upset:        func() { m.Set(regTCR, 0) },
		Astray:       func() { m.Set(regTDSR, 0x7000) },
		Interrupting: func() {},
		Garbage:      func(random *rand.Rand) { m.InjectDescriptor(nil, random.Uint32()) },
		Rings:        func() [2]uint32 { return [2]uint32{m.Get(regTDSR), m.Get(regRDSR)} },
		Core:         unsafe.Slice((*byte)(unsafe.Pointer(&d.core)), unsafe.Sizeof(d.core)),
		IsNumber:     isNumber,
		Bookkeeping:  []any{&d.state, &d.active, &d.unreported, &d.managing, &d.stats},
		Corrupt:      d.corrupt,
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
		{Name: "the buffer's address", Do: func() { q.store(q.tail, wordAddress, q.bus(q.tail)) }},
		{Name: "the status", Do: func() { q.store(q.tail, wordStatus, txCommand|100|q.wrap(q.tail)|txTO1) }},
		{Name: "the tail", Do: func() { q.move((q.tail+1)&q.mask, q.rung) }},
		{Name: "R", Do: func() { q.store(q.rung, wordStatus, q.load(q.rung, wordStatus)&^txTO1|txR) }},
		{Name: "TDAR", Do: func() { d.kick() }},
		{Name: "the note that it was told of", Do: func() { q.move(q.tail, q.tail) }},
	}
}

func (d *Device) receiveSteps() []drivertest.Step {
	q := d.rx(inuse.Normal)
	return []drivertest.Step{
		{Name: "nothing", Do: func() {}},
		{Name: "the note that it is taken", Do: func() { q.take() }},
		{Name: "the address", Do: func() { q.store(q.next, wordAddress, q.bus(q.next)) }},
		{Name: "E", Do: func() { q.put(q.next, q.bus(q.next), rxE) }},
		{Name: "RDAR", Do: func() { d.listen() }},
		{Name: "next", Do: func() { q.move(q.taken) }},
	}
}

func (d *Device) corrupt(v uint32) []func() {
	t, x := d.tx(inuse.Normal), d.rx(inuse.Normal)
	return []func(){
		func() { t.tail = v },
		func() { t.rung = v },
		func() { t.clean = v },
		func() { t.witness = v },
		func() { t.skew = v },
		func() { x.witness = v },
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
			if at >= first && at < first+16 {
				return true
			}
		}
	}
	return at >= int(unsafe.Offsetof(c.want)+7)&^7
}
