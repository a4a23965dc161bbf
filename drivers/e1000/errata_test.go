package e1000_test

import (
	"testing"

	"gasp/drivers/dma"
	"gasp/drivers/e1000"
	"gasp/internal/e1000model"
)

// ready is a driver on a model whose firmware's reset is over.
func ready(t *testing.T, kind e1000model.Kind) *bench {
	b := newBench(t, kind)
	b.model.Elapse(1e9)
	return b
}

// A message of 8254x, 82571 and 82572 damages what they write beside it.
func TestControllersThatMustNotInterruptByMessage(t *testing.T) {
	for id, may := range map[uint16]bool{
		0x100E: false, 0x1026: false, 0x1099: false, 0x100C: false, 0x107C: false, 0x105E: false, 0x107D: false,
		0x108B: true, 0x10D3: true, 0x150C: true, 0x153A: true, 0x155A: true, 0x156F: true, 0x10C9: true, 0x1533: true, 0x15F2: true,
	} {
		b := ready(t, kindOf(t, id))
		b.config.DeviceID = id
		b.new()
		if b.MSI() != may {
			t.Errorf("%s, %#x: may interrupt by message: %v, want %v", b.Name(), id, b.MSI(), may)
		}
	}
}

// kindOf is the model that stands for a device id.
func kindOf(t *testing.T, id uint16) e1000model.Kind {
	t.Helper()
	known, ok := e1000.Lookup(id)
	if !ok {
		t.Fatalf("device id %#x is not known", id)
	}
	for _, k := range []struct {
		from string
		kind e1000model.Kind
	}{
		{"8254", e1000model.I82540}, {"82571", e1000model.I82571}, {"82572", e1000model.I82571}, {"82573", e1000model.I82573}, {"82574", e1000model.I82574}, {"82583", e1000model.I82574},
		{"I217", e1000model.I217}, {"I218", e1000model.I219}, {"I219", e1000model.I219}, {"8257", e1000model.I82576}, {"I210", e1000model.I82576}, {"I225", e1000model.I225},
	} {
		if len(known.Name) >= len(k.from) && known.Name[:len(k.from)] == k.from {
			return k.kind
		}
	}
	t.Fatalf("no model for %s", known.Name)
	return e1000model.Kind{}
}

// 82545GM and 82546GB are reset where CTRL is shown a second time.
func TestAResetIsWrittenWhereItCounts(t *testing.T) {
	b := ready(t, e1000model.I82545GM)
	b.new()
	b.Works("a controller that is reset at 4")
	for range 3 {
		b.Upset()
		b.TakeOverSilently("a controller that is reset at 4")
		b.model.Elapse(1e9)
		b.Works("a controller that is reset at 4")
	}
	b.Obeyed()
}

// A bridge may make one write of two, and 82545GM and 82546GB lose the second then.
func TestNoRegistersAreWrittenUpwards(t *testing.T) {
	b := ready(t, e1000model.I82545GM)
	b.model.AfterReset = map[uint32]uint32{0x002C: 1, 0x5204: 1, 0x53FC: 1, 0x540C: 1, 0x547C: 1}
	b.new()
	for range 2 {
		for _, r := range []struct{ off, want uint32 }{
			{0x002C, 0}, {0x5204, 0}, {0x53FC, 0}, {0x540C, 0}, {0x547C, 0}, {0x5404, 0x80005634}, {0x2804, 1}, {0x3804, 1},
		} {
			if v := b.model.Get(r.off); v != r.want {
				t.Errorf("register %#x is %#x, want %#x", r.off, v, r.want)
			}
		}
		b.Upset()
		b.TakeOverSilently("behind a bridge")
	}
}

// An 82544 stops for good where a frame ends in the lower half of 8 bytes, wherever that begins.
func TestNoFrameEndsWhereAn82544Hangs(t *testing.T) {
	b := ready(t, e1000model.I82544)
	b.new()
	for range 2 {
		for n := range 80 {
			b.Sends("of every length", numbered(1+n, n), numbered(1514-n, n))
		}
		for at := range e1000.RoomBefore + 1 {
			f := numbered(60+at%9, at)
			if at%2 == 1 {
				f = numbered(1514-at%9, at)
			}
			room, err := b.Room(true)
			if err != nil {
				t.Fatal(err)
			}
			copy(room[at:], f)
			before := len(b.model.Sent)
			if err := b.Commit(at, len(f), true); err != nil {
				t.Fatal(err)
			}
			b.Wire("from anywhere", before, f)
		}
		b.Upset()
		b.TakeOverSilently("an 82544")
	}
	b.Obeyed()
}

// What a device writes lies within 64 KiB, wherever the memory is that New gets.
func TestMemoryIsEnoughAndWithin64K(t *testing.T) {
	for _, skip := range []uint64{0, 1, 127, 2047, 2049, 4095, 4096, 65535} {
		b := newBenchOver(t, e1000model.I82540, dma.Memory{Bytes: make([]byte, e1000.MemorySize), Phys: 1<<32 - 300_000 + skip})
		b.model.Elapse(1e9)
		b.new()
		b.model.Elapse(1e9)
		b.Works("at an odd place")
		b.Obeyed()
	}
}

// Who had the EEPROM's pins before, a boot ROM, may have kept them, and the device does not read its EEPROM then.
func TestTheEEPROMsPinsAreGivenBack(t *testing.T) {
	b := ready(t, e1000model.I82571)
	b.model.PinsTaken = true
	b.new()
	if b.MAC() != [6]byte{0x52, 0x54, 0, 0x12, 0x34, 0x56} {
		t.Errorf("MAC is % x", b.MAC())
	}
	b.Obeyed()
}

// Bits that the silicon needs, set and clear, whatever firmware and resets made of them.
func TestBitsThatTheSiliconNeeds(t *testing.T) {
	for _, c := range []struct {
		name            string
		id              uint16
		kind            e1000model.Kind
		off, set, clear uint32
	}{
		{"82571: clock gating stops DMA", 0x105E, e1000model.I82571, 0x0018, 0, 1 << 19},
		{"82573: the same", 0x108B, e1000model.I82573, 0x0018, 1 << 22, 1<<19 | 1<<23},
		{"82571: the second queue", 0x105E, e1000model.I82571, 0x3928, 1 << 22, 0},
		{"82573: the second queue", 0x108B, e1000model.I82573, 0x3928, 1 << 22, 0},
		{"82574: the second queue", 0x10D3, e1000model.I82574, 0x3928, 1 << 22, 0},
		{"I217: the second queue", 0x153A, e1000model.I217, 0x3928, 1 << 22, 0},
		{"I217: the band gap of the MAC's half of the link", 0x153A, e1000model.I217, 0x3004, 5 << 16, 0},
		{"I219: the packet buffer's errors are corrected", 0x156F, e1000model.I219, 0x100C, 1 << 16, 0},
		{"I219: DMA does not pass the caches by", 0x156F, e1000model.I219, 0x5B00, 0, 0x3F},
		{"82576: what is late is not asked for again", 0x10C9, e1000model.I82576, 0x5B00, 0, 1 << 16},
		{"I210: the same", 0x1533, e1000model.I210, 0x5B00, 0, 1 << 16},
		{"I210: malformed IPv6 headers", 0x1533, e1000model.I210, 0x5008, 1 << 16, 1 << 15},
		{"82576: malformed IPv6 headers", 0x10C9, e1000model.I82576, 0x5008, 1 << 16, 1 << 15},
		{"82571: IPv6 extension headers", 0x105E, e1000model.I82571, 0x5008, 3 << 16, 1 << 15},
		{"82573: IPv6 extension headers", 0x108B, e1000model.I82573, 0x5008, 3 << 16, 1 << 15},
		{"82540: firmware answers ARP", 0x100E, e1000model.I82540, 0x5820, 0, 1 << 13},
		{"82544: write-back by the dozen", 0x100C, e1000model.I82540, 0x3828, 1 << 24, 0x3F << 16},
		{"82544: the receiver's delay", 0x100C, e1000model.I82540, 0x2820, 0, 0xFFFF},
		{"82546GB quad: relaxed ordering", 0x1099, e1000model.I82545GM, 0x0018, 1 << 17, 0},
		{"82571: arbitration", 0x105E, e1000model.I82571, 0x3840, 0xF<<23 | 1<<10, 0xF << 27},
		{"82572: arbitration", 0x107D, e1000model.I82571, 0x3940, 1<<22 | 7<<24 | 1<<28, 3 << 29},
		{"82571: packet buffer", 0x105E, e1000model.I82571, 0x1100, 1, 0},
		{"82573: L1", 0x108B, e1000model.I82573, 0x5B00, 1 << 27, 0},
		{"82574: L1 and completions", 0x10D3, e1000model.I82574, 0x5B00, 1<<27 | 1<<22, 0},
		{"82574: arbitration", 0x10D3, e1000model.I82574, 0x3840, 1 << 26, 0xF << 27},
		{"82583: bits 22 and 23", 0x150C, e1000model.I82574, 0x0018, 1 << 22, 1 << 23},
		{"82574: each descriptor is written back", 0x10D3, e1000model.I82574, 0x3828, 1<<24 | 1<<22 | 1<<16, 0x3E << 16},
		{"I217: each descriptor is written back", 0x153A, e1000model.I217, 0x3828, 1<<24 | 1<<22 | 1<<16 | 31, 0x3E << 16},
		{"I217: filters of NFS", 0x153A, e1000model.I217, 0x5008, 3 << 6, 1 << 15},
		{"I217: arbitration", 0x153A, e1000model.I217, 0x3840, 3<<23 | 3<<26, 0},
		{"I217: arbitration of the second queue", 0x153A, e1000model.I217, 0x3940, 1<<24 | 1<<26 | 1<<28 | 1<<30, 0},
		{"I217: relaxed ordering", 0x153A, e1000model.I217, 0x0018, 1<<17 | 1<<22, 0},
		{"I218: the PLL in K1", 0x155A, e1000model.I219, 0x0010, 1 << 8, 0},
		{"I219: requests at a time", 0x156F, e1000model.I219, 0x3840, 2 << 28, 1 << 28},
		{"I219: the pin's clock", 0x156F, e1000model.I219, 0x00E4, 1 << 2, 0},
		{"I219: the pin's bus", 0x156F, e1000model.I219, 0x5BB4, 3 << 11, 0},
		{"I219 (13): the filter's clock", 0x15FB, e1000model.I219, 0x5F04, 1 << 12, 0},
		{"I219 (12), of an older chipset: requests at a time", 0x0D53, e1000model.I219, 0x3840, 2 << 28, 1 << 28},
		{"I219-V (12): the same", 0x0D55, e1000model.I219, 0x0F28, 1 << 16, 0},
		{"I219 (18): the filter's clock", 0x550A, e1000model.I219, 0x5F04, 1 << 12, 0},
		{"I219 (19), of an older chipset: the same", 0x550C, e1000model.I219, 0x5F04, 1 << 12, 0},
		{"I219 (18): P1", 0x550A, e1000model.I219, 0x5BC0, 2 << 22, 1 << 22},
		{"I219 (25): power gating", 0x57B3, e1000model.I219, 0x0018, 0, 1 << 3},
		{"82575: its reads' timeout is in GCR", 0x10A7, e1000model.I82576, 0x5B00, 1 << 12, 1 << 16},
		{"82580: a link that somebody took down", 0x150E, e1000model.I82576, 0x0E14, 0, 1 << 5},
		{"I350: the same", 0x1521, e1000model.I82576, 0x0E14, 0, 1 << 5},
		{"I211: the same", 0x1539, e1000model.I211, 0x0E14, 0, 1 << 5},
		{"I226: the same", 0x125B, e1000model.I225, 0x0E14, 0, 1 << 5},
		{"I350: EEE", 0x1521, e1000model.I82576, 0x0E30, 0, 3 << 16},
		{"I210: EEE", 0x1533, e1000model.I210, 0x0E30, 0, 3 << 16},
		{"I210: the receiver's packet buffer", 0x1533, e1000model.I210, 0x2404, 0xA2, ^uint32(0xA2)},
		{"I226: the transmitter's packet buffer", 0x125B, e1000model.I225, 0x3404, 0x04000014, ^uint32(0x04000014)},
	} {
		b := ready(t, c.kind)
		b.config.DeviceID = c.id
		b.model.AfterReset = map[uint32]uint32{c.off: c.clear}
		b.new()
		for range 2 {
			if v := b.model.Get(c.off); v&c.set != c.set || v&c.clear != 0 {
				t.Errorf("%s: register %#x is %#x, want %#x set and %#x clear", c.name, c.off, v, c.set, c.clear)
			}
			b.Upset()
			b.TakeOverSilently(c.name)
		}
		b.Obeyed()
	}
}

// A device that would give up on what it reads sooner than the machine has to answer is made to wait, unless firmware
// has said how long.
func TestCompletionsAreWaitedFor(t *testing.T) {
	for _, c := range []struct {
		kind         e1000model.Kind
		before, want uint32
	}{
		{e1000model.I82576, 0, 5},
		{e1000model.I82576, 0x10, 0x15},
		{e1000model.I210, 0, 5},
		{e1000model.I210, 9, 9},
		{e1000model.I225, 0, 0},
		{e1000model.I82574, 0, 0},
	} {
		b := ready(t, c.kind)
		b.model.SetControl2(c.before)
		b.new()
		if v := b.model.Control2(); v != c.want {
			t.Errorf("%#x: Device Control 2 is %#x, was %#x, want %#x", c.kind.ID, v, c.before, c.want)
		}
	}
}

// An 82544, and an 82573 with flash, read their address after a reset only when they are told to.
func TestTheEEPROMIsReadAgain(t *testing.T) {
	flash := e1000model.I82573
	flash.Reloads = true
	for _, kind := range []e1000model.Kind{e1000model.I82544, flash} {
		b := ready(t, kind)
		b.new()
		if b.MAC() != [6]byte{0x52, 0x54, 0, 0x12, 0x34, 0x56} {
			t.Errorf("%#x: MAC is % x", kind.ID, b.MAC())
		}
		for range 2 {
			if kind.Express && b.model.Get(0x10)&(1<<9) == 0 {
				t.Errorf("%#x: EECD.AUTO_RD is clear", kind.ID)
			}
			b.Upset()
			b.TakeOverSilently("a device that reads its EEPROM when it is told to")
			b.Works("a device that reads its EEPROM when it is told to")
		}
		b.Obeyed()
	}
}

// What firmware said in GCR stays, and a bus of version 2 has its timeout elsewhere.
func TestATimeoutInGCRIsLeftAlone(t *testing.T) {
	for before, want := range map[uint32]uint32{0: 0x1000, 0x3000: 0x3000, 1 << 18: 1 << 18, 1<<16 | 0x2000: 0x2000} {
		b := ready(t, e1000model.I82576)
		b.model.AfterReset = map[uint32]uint32{0x5B00: before}
		b.new()
		if v := b.model.Get(0x5B00); v != want {
			t.Errorf("GCR is %#x, was %#x, want %#x", v, before, want)
		}
		b.Obeyed()
	}
}

// Bits of CTRL that cannot be read do not cost the rings.
func TestTakeOverWithBitsOfCTRLThatAreReserved(t *testing.T) {
	kind := e1000model.I219
	kind.Reserves = true
	b := ready(t, kind)
	b.new()
	b.Works("with reserved bits")
	b.TakesOver("with reserved bits", false)
	b.model.Set(0, 0x40000241) // VLAN handling
	b.TakeOverSilently("with VLAN handling")
	b.TakesOver("once more", false)
	b.Obeyed()
}

// A PHY that was kept slow while the machine slept is sped up, unless the NVM wants it slow. One that is
// as it should be keeps its link.
func TestNewSpeedsThePHYOfAChipsetUp(t *testing.T) {
	const thousand, hundred = 2 << 6, 1 << 6
	for _, c := range []struct {
		name             string
		oem, control     uint32
		managed          bool
		negotiations     int
		speed, remaining uint32
	}{
		{"as it should be", 0, 0, false, 0, thousand, 0},
		{"without 1000 Mb/s", 1 << 6, 0, false, 1, thousand, 0},
		{"with the slowest speed first", 1 << 2, 0, false, 1, thousand, 0},
		{"with both, which the NVM wants of the first", 1<<2 | 1<<6, 1 << 6, false, 1, hundred, 1 << 6},
		{"without 1000 Mb/s, which the NVM wants", 1 << 6, 1 << 6, false, 0, hundred, 1 << 6},
		{"without 1000 Mb/s, in use by firmware", 1 << 6, 0, true, 0, hundred, 0},
	} {
		for _, kind := range []e1000model.Kind{e1000model.I217, e1000model.I219} {
			b := ready(t, kind)
			b.model.SetPage(0, 25, c.oem)
			b.model.AfterReset = map[uint32]uint32{0x0F10: c.control}
			b.model.FirmwareBlocksReset = c.managed
			b.new()
			if b.model.Negotiations != c.negotiations || b.model.Read32(8)&0xC0 != c.speed || b.model.Page(0, 25) != c.remaining || b.Warning() != nil {
				t.Errorf("%#x %s: %d negotiations, want %d; STATUS %#x, want speed %#x; OEM bits %#x, want %#x; warning %v",
					kind.ID, c.name, b.model.Negotiations, c.negotiations, b.model.Read32(8), c.speed, b.model.Page(0, 25), c.remaining, b.Warning())
			}
			b.Works(c.name)
			b.Obeyed()
		}
	}
}

// The PHY's clocks go with the link's speed, whenever the link comes, but for a crash, which leaves the PHY alone.
func TestThePHYOfAChipsetIsTuned(t *testing.T) {
	const set = 1 << 31
	for _, c := range []struct {
		kind       e1000model.Kind
		speed      uint32
		gate, gap  uint32
		gapAtFirst uint32
		power      uint32
	}{
		{e1000model.I217, set | 0x80 | 1, 0x80FA, 0x0001, 0x0001, 0x4200},
		{e1000model.I217, set | 0x40 | 1, 0x83E8, 0x0001, 0x0001, 0x4000},
		{e1000model.I219, set | 0x80 | 1, 0x80FA, 0x0061, 0x0001, 0x4200},
		{e1000model.I219, set | 0x80 | 1, 0x80FA, 0x0081, 0x0081, 0x4200},
		{e1000model.I219, set | 0x40 | 1, 0x83E8, 0xC023, 0x0001, 0x4000},
		{e1000model.I219, set | 1, 0x83E8, 0xC023, 0x0001, 0x4000},
	} {
		for _, late := range []bool{false, true} {
			b := ready(t, c.kind)
			b.model.Speed, b.model.LinkDown = c.speed, late
			b.model.SetPage(772, 28, 0x8123)
			b.model.SetPage(776, 20, c.gapAtFirst)
			b.model.SetPage(770, 17, 0x4000)
			b.new()
			if late {
				if v := b.model.Page(772, 28); v != 0x8123 {
					t.Errorf("%#x without a link: the clock gate is %#x", c.kind.ID, v)
				}
				b.model.LinkDown = false
				b.Link()
			}
			if gate, gap := b.model.Page(772, 28), b.model.Page(776, 20); gate != c.gate || gap != c.gap {
				t.Errorf("%#x at speed %#x: the clock gate is %#x, want %#x, the gap %#x, want %#x", c.kind.ID, c.speed, gate, c.gate, gap, c.gap)
			}
			if v := b.model.Page(770, 17); v != c.power {
				t.Errorf("%#x at speed %#x: the PHY's power management is %#x, want %#x", c.kind.ID, c.speed, v, c.power)
			}
			accesses := b.model.Accesses
			b.Link()
			if n := b.model.Accesses - accesses; n != 1 {
				t.Errorf("%#x: Link at the same speed accesses %d registers", c.kind.ID, n)
			}
			b.TakeOver()
			b.model.Speed = set | 0x40
			accesses = b.model.Accesses
			b.Link()
			if n := b.model.Accesses - accesses; n > 2 {
				t.Errorf("%#x: Link after a crash accesses %d registers", c.kind.ID, n)
			}
			b.Obeyed()
		}
	}
}

// Firmware that keeps the PHY keeps it untuned, and Link waits no longer than its bound, once.
func TestLinkWithAPHYThatIsKept(t *testing.T) {
	b := ready(t, e1000model.I219)
	b.model.LinkDown = true
	b.new()
	b.model.LinkDown, b.model.FirmwareKeepsPHY = false, true
	start := b.model.Now()
	if !b.Link() {
		t.Error("the link is not seen")
	}
	if took := b.model.Now() - start; took > 21e6 {
		t.Errorf("Link takes %d ns", took)
	}
	start = b.model.Now()
	b.Link()
	if took := b.model.Now() - start; took > 10e3 {
		t.Errorf("Link takes %d ns once more", took)
	}
}

// The first I219 may be without power in K1 if both its halves have it so, whatever its NVM says of one.
func TestBothHalvesOfAnI219AgreeOnK1(t *testing.T) {
	const off = 1 << 31
	for _, c := range []struct {
		id              uint16
		bus, mac, after uint32
	}{
		{0x156F, off, 0, off}, {0x156F, 0, off, 0}, {0x0D53, 0, off, 0}, {0x15BB, 0, off, off}, {0x15BB, off, 0, 0},
	} {
		b := ready(t, e1000model.I219)
		b.config.DeviceID = c.id
		b.model.AfterReset = map[uint32]uint32{0x0F18: c.bus, 0x0010: c.mac}
		b.new()
		for range 2 {
			if v := b.model.Get(0x0010) & off; v != c.after {
				t.Errorf("%#x: FEXTNVM6 has %#x, want %#x", c.id, v, c.after)
			}
			b.Upset()
			b.TakeOverSilently("")
		}
		b.Obeyed()
	}
}

// Meteor Lake's MAC takes longer to wake than its PHY knows.
func TestThePHYOfMeteorLakeWaitsForItsMAC(t *testing.T) {
	for id, want := range map[uint16]uint32{0x550A: 0xAF2A, 0x57B3: 0xAF2A, 0x15FB: 0xA52A, 0x550C: 0xA52A, 0x550D: 0xA52A} {
		b := ready(t, e1000model.I219)
		b.config.DeviceID = id
		b.model.SetPage(770, 21, 0xA52A)
		b.new()
		if v := b.model.Page(770, 21); v != want {
			t.Errorf("%#x: the PHY's timeouts are %#x, want %#x", id, v, want)
		}
		b.Obeyed()
	}
}

// A PHY that leaves the SMBus has K1 off, while its MAC goes there, and the MAC must not send it back at the next reset.
func TestAPHYThatWakesHasK1On(t *testing.T) {
	b := ready(t, e1000model.I219)
	b.model.Sleep(true)
	b.model.SetPage(770, 17, 0x8000)
	b.model.AfterReset = map[uint32]uint32{0x00E4: 1 << 5}
	b.new()
	if v := b.model.Page(770, 17); v != 0xC000 {
		t.Errorf("the PHY's power management is %#x, want %#x", v, 0xC000)
	}
	if v := b.model.Get(0x00E4); v&(1<<5) != 0 {
		t.Errorf("FEXTNVM7 is %#x", v)
	}
	b.Obeyed()
}

// An I211 whose clock is slow after power-up has no link before it is started anew, which takes several tries now and then.
func TestASlowClockIsStartedAnew(t *testing.T) {
	for times := range 7 {
		for _, kind := range []e1000model.Kind{e1000model.I211, e1000model.I210} {
			b := ready(t, kind)
			b.model.SlowClock(times)
			start := b.model.Now()
			b.new()
			if took := b.model.Now() - start; took > 500e6 {
				t.Errorf("%#x: New takes %d ns", kind.ID, took)
			}
			b.model.Elapse(1e9)
			// With flash it is the firmware's to mend, and beyond 5 times nobody's.
			if want := times == 0 || kind.Flashless && times <= 5; b.Link() != want {
				t.Fatalf("%#x, slow %d times: link %v, want %v", kind.ID, times, b.Link(), want)
			}
			if !kind.Flashless && b.model.Sleeps != 0 || kind.Flashless && b.model.Sleeps != min(times, 5) {
				t.Errorf("%#x, slow %d times: switched off %d times", kind.ID, times, b.model.Sleeps)
			}
			if b.Link() {
				b.Works("a clock that was slow")
			}
			b.Obeyed()
		}
	}
}
