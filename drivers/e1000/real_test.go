package e1000_test

import (
	"testing"

	"gasp/drivers/e1000"
	"gasp/internal/e1000model"
)

// sharing are the models whose PHY and NVM firmware shares, each by another semaphore.
var sharing = []e1000model.Kind{e1000model.I82571, e1000model.I82574, e1000model.I217, e1000model.I219, e1000model.I82576, e1000model.I225}

// A PHY that somebody left off, isolated, in loopback or at a fixed speed negotiates, and New
// does not wait for it.
func TestNewMakesThePHYNegotiate(t *testing.T) {
	for name, bmcr := range map[string]uint32{
		"switched off":     0x1940,
		"isolated":         0x1540,
		"in loopback":      0x5140,
		"at a fixed speed": 0x0140,
	} {
		onEachKind(t, func(b *bench) {
			if b.model.IgnoresReset || b.model.Deaf {
				return // what ends half a packet there sets the PHY right, too
			}
			b.model.SetBMCR(bmcr)
			b.model.LinkTime = 2e9
			start := b.model.Now()
			b.new()
			if took := b.model.Now() - start; took > 200e6 {
				b.Errorf("with a PHY %s New takes %d ns", name, took)
			}
			if b.Link() || b.model.Negotiations != 1 || b.Warning() != nil {
				b.Fatalf("with a PHY %s: link %v, %d negotiations, warning %v", name, b.Link(), b.model.Negotiations, b.Warning())
			}
			if err := b.Transmit(numbered(60, 1)); err != nil {
				b.Errorf("without a link yet: %v", err)
			}
			b.model.Elapse(2e9)
			if !b.Link() {
				b.Fatalf("with a PHY %s the link does not come", name)
			}
			b.Flush()
			b.Wire("the link is there", 0, numbered(60, 1))
			b.Works("the link is there")
		})
	}
}

// onEachKind is onEach before New.
func onEachKind(t *testing.T, test func(b *bench)) {
	t.Helper()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			b := newBench(t, k.kind)
			b.model.Elapse(1e9) // the firmware's reset is over
			test(b)
			for _, c := range b.model.Complaints {
				t.Errorf("the model complains: %s", c)
			}
		})
	}
}

// new is New that has to succeed.
func (b *bench) new() {
	b.Helper()
	if err := b.newDevice(); err != nil {
		b.Fatalf("New: %v", err)
	}
}

// The link stays up over New and over a takeover with a reset.
func TestALinkThatIsUpIsLeftAlone(t *testing.T) {
	onEachKind(t, func(b *bench) {
		if b.model.Deaf {
			return
		}
		b.model.LinkTime = 2e9
		b.new()
		for range 3 {
			b.Upset()
			b.TakeOverSilently("with a link that would take 2 s to come back")
			if !b.Link() || b.model.Negotiations != 0 {
				b.Fatalf("link %v, %d negotiations", b.Link(), b.model.Negotiations)
			}
		}
	})
}

// QEMU's igb has no link after a reset, although its PHY has, and does not tell that it read its
// EEPROM. No other device is made to negotiate for that.
func TestALinkThatTheMACDoesNotHearOf(t *testing.T) {
	b := newBench(t, e1000model.QEMU82576)
	b.model.Elapse(1e9)
	b.new()
	for n := 1; n < 4; n++ {
		if b.model.Negotiations != n || !b.Link() {
			b.Fatalf("%d negotiations, want %d, link %v", b.model.Negotiations, n, b.Link())
		}
		b.Upset()
		b.TakeOverSilently("")
	}
}

// A link that never comes costs a takeover no more than one that does.
func TestALinkThatNeverComes(t *testing.T) {
	onEachKind(t, func(b *bench) {
		b.model.LinkDown = true
		b.new()
		start := b.model.Now()
		for range 20 {
			b.Transmit(numbered(60, 1))
		}
		if err := b.TakeOver(); err != nil || b.Lost != 20 {
			b.Errorf("TakeOver: %d lost, error %v", b.Lost, err)
		}
		if took := b.model.Now() - start; took > 150e6 {
			b.Errorf("TakeOver takes %d ns", took)
		}
		b.model.LinkDown = false
		b.model.Elapse(1e9)
		b.Works("the link is there")
	})
}

func TestAPHYThatDoesNotAnswerIsReset(t *testing.T) {
	for _, k := range sharing {
		b := newBench(t, k)
		b.model.Elapse(1e9)
		b.model.Vanish()
		b.new()
		if b.Warning() != nil || !b.Link() || b.model.Negotiations == 0 {
			t.Errorf("%#x: warning %v, link %v", k.ID, b.Warning(), b.Link())
		}
		b.Works("a PHY that was reset")
		for _, c := range b.model.Complaints {
			t.Errorf("%#x: the model complains: %s", k.ID, c)
		}
	}
}

// What New cannot mend it tells, within its bounds, and goes on.
func TestNewGoesOnWithoutThePHY(t *testing.T) {
	for _, c := range []struct {
		name   string
		faults e1000model.Faults
		want   error
	}{
		{"whose firmware keeps the PHY", e1000model.Faults{FirmwareKeepsPHY: true}, e1000.ErrFirmware},
		{"whose PHY answers with errors", e1000model.Faults{PHYErrors: true}, e1000.ErrPHY},
		{"whose PHY answers with errors and must not be reset", e1000model.Faults{PHYErrors: true, FirmwareBlocksReset: true}, e1000.ErrPHY},
	} {
		for _, k := range sharing {
			b := newBench(t, k)
			b.model.Elapse(1e9)
			b.model.Faults = c.faults
			start := b.model.Now()
			b.new()
			if took := b.model.Now() - start; took > 1500e6 {
				t.Errorf("%#x, %s: New takes %d ns", k.ID, c.name, took)
			}
			b.Fails("New of a device "+c.name, b.Warning(), c.want)
			for _, c := range b.model.Complaints {
				t.Errorf("%#x: the model complains: %s", k.ID, c)
			}
			b.Upset()
			b.TakeOverSilently(c.name)
			b.Works("a device " + c.name)
		}
	}
}

// Firmware that sees to its own link when the machine starts keeps the PHY for longer than a crash could wait.
func TestNewWaitsForFirmwareThatIsBusy(t *testing.T) {
	for _, k := range sharing {
		b := newBench(t, k)
		b.model.Elapse(1e9)
		b.model.SetBMCR(0x1940) // switched off
		b.model.FirmwareBusy = b.model.Now() + 500e6
		b.new()
		if b.Warning() != nil || !b.Link() {
			t.Errorf("%#x: warning %v, link %v", k.ID, b.Warning(), b.Link())
		}
		b.Obeyed()
	}
}

// A boot ROM, or the driver itself at a crash, may have left the software's semaphores taken.
func TestSemaphoresThatSomebodyLeftTaken(t *testing.T) {
	for _, k := range sharing {
		b := newBench(t, k)
		b.model.Elapse(1e9)
		b.model.SetBMCR(0x1940)
		switch k.Semaphore {
		case e1000model.SWSM:
			b.model.IgnoresReset = true
			b.model.Set(0x5B50, 1)
		case e1000model.Sync:
			b.model.IgnoresReset = true
			b.model.Set(0x5B50, 1)
			b.model.Set(0x5B5C, 0x7F)
		case e1000model.MDIO:
			b.model.Set(0x0F00, 1<<5)
		}
		b.new()
		if b.Warning() != nil || !b.Link() {
			t.Errorf("%#x: warning %v, link %v", k.ID, b.Warning(), b.Link())
		}
		if k.Semaphore == e1000model.Sync && b.model.Get(0x5B5C)&2 != 0 || !k.Chipset && b.model.Get(0x5B50)&3 != 0 {
			t.Errorf("%#x: SW_FW_SYNC is left at %#x, SWSM at %#x", k.ID, b.model.Get(0x5B5C), b.model.Get(0x5B50))
		}
	}
}

// The PHY of I218 and I219 wakes, whoever put it to sleep and however it is reached.
func TestNewWakesThePHYOfAChipset(t *testing.T) {
	for name, sleep := range map[string]func(m *e1000model.Device){
		"on MDIO":                       func(m *e1000model.Device) { m.Sleep(false) },
		"on SMBus":                      func(m *e1000model.Device) { m.Sleep(true) },
		"without power":                 func(m *e1000model.Device) { m.Sleep(true); m.Vanish() },
		"on SMBus, and not to be reset": func(m *e1000model.Device) { m.Sleep(true); m.FirmwareBlocksReset = true },
		"by the firmware":               func(m *e1000model.Device) { m.Manage() },
	} {
		b := newBench(t, e1000model.I219)
		b.model.Elapse(1e9)
		sleep(b.model)
		start := b.model.Now()
		b.new()
		if took := b.model.Now() - start; took > 500e6 {
			t.Errorf("asleep %s: New takes %d ns", name, took)
		}
		if !b.Link() || b.Warning() != nil {
			t.Fatalf("asleep %s: link %v, warning %v", name, b.Link(), b.Warning())
		}
		b.Works("a PHY that was asleep " + name)
		for _, c := range b.model.Complaints {
			t.Errorf("asleep %s: the model complains: %s", name, c)
		}
	}
}

func TestFirmwareThatNeverWakesThePHY(t *testing.T) {
	b := newBench(t, e1000model.I219)
	b.model.Elapse(1e9)
	b.model.Manage()
	b.model.FirmwareKeepsPHY = true
	start := b.model.Now()
	b.new()
	if took := b.model.Now() - start; took > 3e9 {
		t.Errorf("New takes %d ns", took)
	}
}

// An error that passes does not cost a chipset's PHY its link.
func TestAnErrorOnMDIOThatPasses(t *testing.T) {
	for _, k := range []e1000model.Kind{e1000model.I217, e1000model.I219} {
		b := newBench(t, k)
		b.model.Elapse(1e9)
		b.model.MDIOErrors = 1
		b.new()
		if b.model.Negotiations != 0 || b.Warning() != nil {
			t.Errorf("%#x: %d negotiations, warning %v", k.ID, b.model.Negotiations, b.Warning())
		}
	}
}

// I219 with descriptors in its rings hangs at a reset. They are flushed first, with the
// rings in the driver's hands, at New as at a takeover.
func TestI219IsFlushedBeforeAReset(t *testing.T) {
	for _, down := range []bool{false, true} {
		b := newBench(t, e1000model.I219)
		b.model.Elapse(1e9)
		b.open()
		for n := range 40 {
			b.model.LinkDown = down
			b.model.NeverCompletes = !down
			for i := range n {
				b.Transmit(numbered(60, i))
			}
			b.Upset()
			before := b.Lost
			if err := b.TakeOver(); err != nil || b.Lost-before != min(n, 31) && b.Lost-before != n {
				t.Fatalf("TakeOver with %d frames in the ring: %d lost, error %v", n, b.Lost-before, err)
			}
			b.model.LinkDown, b.model.NeverCompletes = false, false
			b.model.Elapse(1e6)
			b.model.Sent = nil
			b.Sends("an I219 with descriptors at a reset", numbered(60, 1), numbered(70, 2))
		}
		for _, c := range b.model.Complaints {
			t.Errorf("the model complains: %s", c)
		}
	}
}

// A boot loader's driver may have gone with descriptors in the rings, in memory that is
// something else by now.
func TestI219IsFlushedBeforeTheFirstReset(t *testing.T) {
	b := newBench(t, e1000model.I219)
	b.model.Elapse(1e9)
	b.model.Set(0x3808, 256)
	b.model.Set(0x3804, 0x55) // elsewhere
	b.model.Write32(0x3818, 5)
	b.open()
	b.Works("after a boot loader")
	for _, c := range b.model.Complaints {
		t.Errorf("the model complains: %s", c)
	}
}

func TestQueuesThatNeverGetOn(t *testing.T) {
	b := newBench(t, e1000model.I82576)
	b.model.Elapse(1e9)
	b.model.QueueNever = true
	start := b.model.Now()
	b.new()
	b.TakeOver()
	if took := b.model.Now() - start; took > 300e6 {
		t.Errorf("New and TakeOver take %d ns", took)
	}
}

// Link states that the silicon has trouble with are forbidden, others left.
func TestTheBusIsMended(t *testing.T) {
	for _, c := range []struct {
		kind                    e1000model.Kind
		linkControl, l1pm, pcix uint32
	}{
		{e1000model.I82571, 1, 0xF, 0},
		{e1000model.I82574, 0, 0xF, 0},
		{e1000model.I219, 3, 0xF, 0},
		{e1000model.I82576, 3, 0xF, 0},
		{e1000model.I225, 1, 0xB, 0},
		{e1000model.I82540, 0, 0, 2 << 2},
	} {
		b := newBench(t, c.kind)
		b.model.Elapse(1e9)
		b.new()
		if c.kind.Express && (b.model.LinkControl() != c.linkControl || b.model.L1PM() != c.l1pm) {
			t.Errorf("%#x: Link Control is %#x, want %#x, L1 PM Substates %#x, want %#x",
				c.kind.ID, b.model.LinkControl(), c.linkControl, b.model.L1PM(), c.l1pm)
		}
		if !c.kind.Express && b.model.PCIXCommand() != c.pcix {
			t.Errorf("%#x: the PCI-X command is %#x, want %#x", c.kind.ID, b.model.PCIXCommand(), c.pcix)
		}
	}
}

// What the rows of each family say is in the registers after New and after a reset.
func TestFirmwareIsToldOfTheDriver(t *testing.T) {
	for _, k := range []struct {
		kind     e1000model.Kind
		off, bit uint32
	}{
		{e1000model.I82571, 0x18, 1 << 28},
		{e1000model.I82574, 0x18, 1 << 28},
		{e1000model.I217, 0x18, 1 << 28},
		{e1000model.I82576, 0x18, 1 << 28},
		{e1000model.I219, 0x5BBC, 1 << 13},
		{e1000model.I219, 0x0F28, 1 << 16},
		{e1000model.I219, 0x3840, 2 << 28},
		{e1000model.I217, 0x0024, 7},
		{e1000model.I82574, 0x5B64, 1},
	} {
		b := newBench(t, k.kind)
		b.model.Elapse(1e9)
		b.new()
		for range 2 {
			if v := b.model.Get(k.off); v&k.bit != k.bit {
				t.Errorf("%#x: register %#x is %#x, without %#x", k.kind.ID, k.off, v, k.bit)
			}
			b.Upset()
			b.TakeOverSilently("")
		}
	}
}

// The gap between frames is that for the link's speed, whenever it comes.
func TestTheGapBetweenFrames(t *testing.T) {
	const set = 1 << 31
	for _, c := range []struct {
		kind  e1000model.Kind
		speed uint32
		want  uint32
	}{
		{e1000model.I217, set | 0x80 | 1, 0x08},
		{e1000model.I217, set | 0x40 | 1, 0x08},
		{e1000model.I217, set, 0xFF},
		{e1000model.I219, set | 0x80 | 1, 0x08},
		{e1000model.I219, set | 0x40 | 1, 0x0C},
		{e1000model.I219, set | 1, 0x0C},
		{e1000model.I219, set, 0xFF},
		{e1000model.I82574, set, 0x08},
	} {
		b := newBench(t, c.kind)
		b.model.Elapse(1e9)
		b.model.LinkDown = true
		b.new()
		if v := b.model.Get(0x410) & 0x3FF; v != 8 {
			t.Errorf("%#x without a link: the gap is %#x", c.kind.ID, v)
		}
		b.model.LinkDown, b.model.Speed = false, c.speed
		b.Link()
		if v := b.model.Get(0x410) & 0x3FF; v != c.want {
			t.Errorf("%#x at speed %#x: the gap is %#x, want %#x", c.kind.ID, c.speed, v, c.want)
		}
		b.Upset()
		b.TakeOverSilently("at another speed")
		if v := b.model.Get(0x410) & 0x3FF; v != c.want {
			t.Errorf("%#x at speed %#x: the gap is %#x after a takeover, want %#x", c.kind.ID, c.speed, v, c.want)
		}
	}
}
