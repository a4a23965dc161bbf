//go:build tamago && arm

package mx6ul

import (
	"errors"

	"github.com/usbarmory/tamago/soc/nxp/imx6ul"

	"gasp/board/arm"
	"gasp/board/machine"
	"gasp/board/nic"
	"gasp/drivers/enet"
	"gasp/drivers/reg"
	"gasp/netlog"
)

// A mac is one of the two Ethernet MACs, and the PHYs that boards have behind it.
type mac struct {
	name string
	base uintptr
	irq  uint32
	phys []phy
}

// A phy is a transceiver at the management bus of ENET2, where all boards have it, or
// at the MAC's own, where QEMU 7.2 has it.
type phy struct {
	id  uint32 // as enet.Device.PHYID, without the revision
	own bool
	enet.PHY
}

const phyRevision = 0xf // the bits of an identifier that are none (IEEE 802.3, 22.2.4.3.1)

// The PHYs: KSZ8081RNB (Microchip DS00002202) of NXP's boards, DP83825I (TI SNLS638) of the USB
// armory Mk II LAN, and QEMU's.
const (
	idKSZ8081 = 0x00221560
	idDP83825 = 0x2000a140
	idQEMU    = 0x0007c0d0
)

var (
	// PHY control 2: HP Auto MDI-X, jabber, RMII clock of 50 MHz, LEDs for link and activity. Operation mode strap
	// override: RMII, whatever the pins said as its reset ended, and address 0 is not all PHYs' (Linux, arch/arm/mach-imx/mach-imx6ul.c,
	// ksz8081_phy_fixup, which newer ones have not; barebox, which has seen other modes).
	writesKSZ8081 = []enet.PHYWrite{{Register: 0x1f, Value: 0x8190}, {Register: 0x16, Value: 0x0202}}
	// RCSR: RMII clock of 50 MHz, elasticity of 2 bits.
	writesDP83825 = []enet.PHYWrite{{Register: 0x17, Value: 0x0081}}
)

var macs = [...]mac{
	{"ENET1", imx6ul.ENET1_BASE, imx6ul.ENET1_IRQ, []phy{
		{idKSZ8081, false, enet.PHY{Address: 2, Writes: writesKSZ8081}},
		{idQEMU, false, enet.PHY{Address: 2}},
		{idQEMU, true, enet.PHY{Address: 2}},
	}},
	{"ENET2", imx6ul.ENET2_BASE, imx6ul.ENET2_IRQ, []phy{
		{idKSZ8081, false, enet.PHY{Address: 1, Writes: writesKSZ8081}},
		{idDP83825, false, enet.PHY{Address: 0, Writes: writesDP83825}},
		{idQEMU, false, enet.PHY{Address: 1}},
	}},
}

// linkWait is how long the machine's start waits, where two MACs have a PHY, for one of
// them to have a link: a negotiation takes two or three seconds.
const linkWait = 4_000_000_000 // ns

var errPHY = errors.New("no PHY that is known answers")

// An opened is a MAC that works.
type opened struct {
	mac *mac
	dev *enet.Device
}

// findNIC gives the logger the MAC that the command line names (gasp.enet=1 or 2), or else the
// first one that has a link, or, without any, a PHY.
func findNIC() {
	l := netlog.Default()
	list := macs[:]
	if v, ok := machine.CommandLine().Get("gasp.enet"); ok {
		switch v {
		case "1", "2":
			n := int(v[0] - '1')
			list = macs[n : n+1]
		default:
			l.Log(netlog.Err, "gasp.enet="+v+": want 1 or 2")
		}
	}
	startClocks()
	routeManagement()
	usable, errs := openAll(list)
	if len(usable) == 0 && wakePHYs() {
		usable, errs = openAll(list)
	}
	for _, err := range errs {
		l.Log(netlog.Notice, err.Error())
	}
	if len(usable) == 0 {
		l.Log(netlog.Err, "no usable network device: records stay here")
		return
	}
	chosen := choose(usable)
	for _, o := range usable {
		if o != chosen {
			o.dev.Stop() // or it would go on receiving
		}
	}
	machine.Attach(chosen.dev, chosen.mac.name)
	if machine.Attached() {
		nic.Use(nic.Device{ENET: window(chosen.mac.base)})
		listen(chosen)
	}
}

// openAll opens the MACs that work. The errors are those of the others.
func openAll(list []mac) (usable []opened, errs []error) {
	for i := range list {
		m := &list[i]
		m.routePins()
		d, err := m.open()
		if err != nil {
			errs = append(errs, errors.New(m.name+": "+err.Error()))
			continue
		}
		usable = append(usable, opened{m, d})
	}
	return usable, errs
}

// choose waits for the first link where there is a choice.
func choose(usable []opened) opened {
	for start := machine.Now(); len(usable) > 1 && machine.Now()-start < linkWait; machine.Touch() {
		for _, o := range usable {
			if o.dev.Link() {
				return o
			}
		}
	}
	return usable[0]
}

func window(base uintptr) *reg.MMIO { return &reg.MMIO{Base: base, Size: enet.Size} }

// open tries the PHYs. The errors are errPHY and those of enet.New.
func (m *mac) open() (*enet.Device, error) {
	for _, p := range m.phys {
		memory := *machine.Memory() // what a PHY that does not answer had is had by the next one
		c := enet.Config{
			Clock: imx6ul.GetPeripheralClock(),
			MAC:   m.address(),
			PHY:   p.PHY,
			Now:   machine.Now,
		}
		if !p.own {
			c.MDIO = window(imx6ul.ENET2_BASE)
		}
		d, err := enet.New(window(m.base), &memory, c)
		if err != nil {
			return nil, err
		}
		if id := d.PHYID(); id != 0 && id&^phyRevision == p.id {
			*machine.Memory() = memory
			return d, nil
		}
	}
	return nil, errPHY
}

// listen has the device's interrupts come.
func listen(o opened) {
	nicLine.irq = o.mac.irq
	arm.HandleIRQ = handleIRQ
	machine.UseInterrupts(interrupts{o.dev}, &nicLine, true, nil)
	arm.EnableIRQ(o.mac.irq)
}

// handleIRQ is called with interrupts off.
func handleIRQ(id uint32) bool {
	if id != nicLine.irq {
		return false
	}
	machine.FrameInterrupt(0)
	return true
}

// line is the interrupt line of the network device, which is known: it has number 0 for package machine.
type line struct{ irq uint32 }

var nicLine line

func (l *line) Route()                     { arm.EnableIRQ(l.irq) }
func (l *line) Mask(int)                   { arm.DisableIRQ(l.irq) }
func (l *line) Keep(int)                   {}
func (l *line) MaskAll()                   { arm.DisableIRQ(l.irq) }
func (l *line) Where(int) (string, uint32) { return "at line", l.irq }

// interrupts is the interrupt side of the driver. Where they arrive need not be found out.
type interrupts struct{ *enet.Device }

func (interrupts) ProvokeInterrupt() (due bool) { return false }
