package wait

import "testing"

// device is registers that count how often they are read. Each read takes 100 ns.
type device struct {
	reads int
	time  int64
	ready int // the read from which on the register is 1
}

func (d *device) Read32(uint32) uint32 {
	d.reads++
	d.time += 100
	if d.ready != 0 && d.reads >= d.ready {
		return 1
	}
	return 0
}
func (d *device) Read8(uint32) uint8     { return 0 }
func (d *device) Read16(uint32) uint16   { return 0 }
func (d *device) Write8(uint32, uint8)   {}
func (d *device) Write16(uint32, uint16) {}
func (d *device) Write32(uint32, uint32) {}

func TestAWaitEndsInTime(t *testing.T) {
	for _, c := range []struct {
		name  string
		now   func(*device) func() int64
		reads int
	}{
		{"with a clock", func(d *device) func() int64 { return func() int64 { return d.time } }, 11},
		{"with a clock that stands still", func(*device) func() int64 { return func() int64 { return 42 } }, MaxSpins + 1},
		{"without a clock, where a turn reads twice", func(*device) func() int64 { return nil }, 2*1000/ReadTime + 1},
	} {
		d := &device{}
		clock := Clock{Now: c.now(d), Registers: d}
		if clock.Until(0, 1, 1, 1000) {
			t.Errorf("%s: what did not come was seen", c.name)
		}
		if d.reads != c.reads {
			t.Errorf("%s: a wait of 1000 ns read %d registers, want %d", c.name, d.reads, c.reads)
		}
	}
}

func TestAWaitEndsWhenItComes(t *testing.T) {
	d := &device{ready: 7}
	clock := Clock{Now: func() int64 { return d.time }, Registers: d}
	if !clock.Until(0, 1, 1, 1000) || d.reads != 7 {
		t.Errorf("%d registers read, want 7", d.reads)
	}
}

// TestAWaitEndsWithALook: the machine stands still for longer than the wait, between a look at the device and one at the
// clock. What came meanwhile is seen.
func TestAWaitEndsWithALook(t *testing.T) {
	d := &device{ready: 2}
	asked := int64(0)
	clock := Clock{Now: func() int64 { asked++; return d.time + (asked-1)*5000 }, Registers: d}
	if !clock.Until(0, 1, 1, 1000) {
		t.Errorf("after %d looks at the device it is given up", d.reads)
	}
}

func TestADelayLastsAndReads(t *testing.T) {
	d := &device{}
	clock := Clock{Now: func() int64 { return d.time }, Registers: d}
	if clock.Delay(1000); d.time != 1100 || d.reads != 11 {
		t.Errorf("a delay of 1000 ns took %d ns and %d reads", d.time, d.reads)
	}
	ticks := int64(0)
	clock.Now = func() int64 { ticks += 10; return ticks }
	if clock.Pause(1000); d.reads != 11 || ticks < 1000 {
		t.Errorf("a pause of 1000 ns took %d ns and %d reads", ticks, d.reads-11)
	}
}
