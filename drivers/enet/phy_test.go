package enet_test

import (
	"testing"

	"gasp/drivers/enet"
	"gasp/internal/enetmodel"
)

func TestThePHYNegotiatesWhatTheMACCanDo(t *testing.T) {
	b := newBench(t, enetmodel.I6UL)
	b.open()
	if id := b.PHYID(); id != 0x00221560 {
		t.Errorf("the PHY is %#x", id)
	}
	if v := b.model.PHY[4]; v != 0x0101 {
		t.Errorf("the PHY offers %#x, want 100BASE-TX full duplex alone", v)
	}
	if v := b.model.PHY[0]; v&0x1000 == 0 {
		t.Errorf("BMCR is %#x, without autonegotiation", v)
	}
	if v := b.model.PHY[31]; v != 0x8190 {
		t.Errorf("register 31 is %#x, not what the board wants", v)
	}
	if v := b.model.Get(0x44); v != 13<<1|1<<8 {
		t.Errorf("MSCR is %#x: at 66 MHz, MII_SPEED 13 makes 2.36 MHz", v)
	}
	if !b.Link() {
		t.Error("there is no link")
	}
	for _, c := range b.model.Complaints {
		t.Errorf("the model complains: %s", c)
	}
}

func TestTheLinkComesAndGoes(t *testing.T) {
	onEach(t, func(b *bench) {
		for range 3 {
			if !b.Link() {
				b.Error("link is down, want up")
			}
			b.model.LinkDown = true
			if b.Link() {
				b.Error("link is up, want down")
			}
			b.model.LinkDown = false
		}
	})
}

// A negotiation takes seconds: there is none if a boot loader's link will do, and one if it will not.
func TestALinkThatIsThereIsKept(t *testing.T) {
	for _, c := range []struct {
		name    string
		offered uint16
		kept    bool
	}{
		{"100 Mb/s full duplex", 0x01E1, true},
		{"100 Mb/s half duplex", 0x0081, false},
		{"10 Mb/s", 0x0061, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, enetmodel.I6UL)
			b.model.PHY[4] = c.offered
			b.model.Elapse(3e9)
			mem := b.mem
			var err error
			if b.Device, err = enet.New(b.model, &mem, b.config); err != nil {
				t.Fatal(err)
			}
			if up := b.Link(); up != c.kept {
				t.Errorf("after New the link is up: %v, want %v", up, c.kept)
			}
			b.model.Elapse(3e9)
			if !b.Link() || b.model.PHY[4] != 0x0101 {
				t.Errorf("the link is up: %v, the PHY offers %#x", b.Link(), b.model.PHY[4])
			}
		})
	}
}

func TestWithoutAPHY(t *testing.T) {
	b := newBench(t, enetmodel.I6UL)
	b.model.NoPHY = true
	b.open()
	if b.Link() || b.PHYID() != 0 {
		t.Error("a PHY that is not there has a link or an identifier")
	}
	b.Works("without a PHY that answers")

	b = newBench(t, enetmodel.I6UL)
	b.config.PHY = enet.PHY{Address: enet.NoPHY}
	b.open()
	if !b.Link() || b.PHYID() != 0 {
		t.Error("where there is to be no PHY the link does not count as up")
	}
	b.model.AllOnes = true
	if b.Link() {
		t.Error("a device that is gone has a link")
	}
}

// On the evaluation kit both PHYs are on one MAC's management bus.
func TestTheManagementBusOfTheOtherMAC(t *testing.T) {
	b := newBench(t, enetmodel.I6UL)
	other := enetmodel.New(enetmodel.I6UL, b.mem)
	b.model.NoPHY = true
	b.config.MDIO = other
	b.open()
	other.Elapse(3e9)
	if !b.Link() || b.PHYID() == 0 {
		t.Error("no link through the other MAC")
	}
	other.Set(0x44, 0) // MSCR: somebody reset the other MAC
	if !b.Link() {
		t.Error("no link through the other MAC after its reset")
	}
	for _, c := range append(other.Complaints, b.model.Complaints...) {
		t.Errorf("the model complains: %s", c)
	}
}

// A TakeOver in the middle of a management frame must not garble the next one.
func TestAManagementFrameThatWasInterrupted(t *testing.T) {
	for step := 1; ; step++ {
		b := newBench(t, enetmodel.I6UL)
		b.open()
		if !b.CrashAt(step, func() { b.Link() }) {
			return
		}
		if err := b.TakeOver(); err != nil {
			t.Fatal(err)
		}
		if !b.Link() {
			t.Errorf("no link after a TakeOver before access %d of Link", step)
		}
		for _, c := range b.model.Complaints {
			t.Errorf("access %d: the model complains: %s", step, c)
		}
	}
}
