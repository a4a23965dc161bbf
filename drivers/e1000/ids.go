package e1000

// Vendor is the PCI vendor id of Intel.
const Vendor = 0x8086

// family is what this driver does differently from one device to the next.
type family uint8

const (
	family82540 family = iota // 82540, 82545, 82546: EERD with DONE in bit 4
	family82544               // no EERD
	family82541               // 82541, 82547: EECD.AUTO_RD, EERD as on 8257x
	family82571               // 82571, 82572: PCI Express
	family82573               // and MDIO shared with management
	family82574               // 82574, 82583
)

func (f family) express() bool    { return f >= family82571 }
func (f family) sharesMDIO() bool { return f >= family82573 }

// ID is one device that the driver knows, by its PCI device id.
type ID struct {
	Device uint16
	Name   string
	family family
	serdes bool // fibre or SerDes: the link is negotiated by the MAC
}

// IDs are the devices with the legacy descriptor interface: SDM table 5-1, and
// for 8257x and 82583 the table of drivers/net/ethernet/intel/e1000e/hw.h in
// Linux. The ICH and PCH parts and
// 80003ES2LAN need another reset and PHY, and are not among them.
var IDs = [...]ID{
	{0x1008, "82544EI", family82544, false},
	{0x1009, "82544EI fibre", family82544, true},
	{0x100C, "82544GC", family82544, false},
	{0x100D, "82544GC LOM", family82544, false},
	{0x100E, "82540EM", family82540, false},
	{0x1015, "82540EM LOM", family82540, false},
	{0x1016, "82540EP LOM", family82540, false},
	{0x1017, "82540EP", family82540, false},
	{0x101E, "82540EP low power", family82540, false},
	{0x100F, "82545EM", family82540, false},
	{0x1011, "82545EM fibre", family82540, true},
	{0x1026, "82545GM", family82540, false},
	{0x1027, "82545GM fibre", family82540, true},
	{0x1028, "82545GM SerDes", family82540, true},
	{0x1010, "82546EB", family82540, false},
	{0x1012, "82546EB fibre", family82540, true},
	{0x101D, "82546EB quad", family82540, false},
	{0x1079, "82546GB", family82540, false},
	{0x107A, "82546GB fibre", family82540, true},
	{0x107B, "82546GB SerDes", family82540, true},
	{0x108A, "82546GB PCI Express", family82540, false},
	{0x1099, "82546GB quad", family82540, false},
	{0x10B5, "82546GB quad KSP3", family82540, false},
	{0x1013, "82541EI", family82541, false},
	{0x1014, "82541ER LOM", family82541, false},
	{0x1018, "82541EI mobile", family82541, false},
	{0x1076, "82541GI", family82541, false},
	{0x1077, "82541GI mobile", family82541, false},
	{0x1078, "82541ER", family82541, false},
	{0x107C, "82541PI", family82541, false},
	{0x1019, "82547EI", family82541, false},
	{0x101A, "82547EI mobile", family82541, false},
	{0x1075, "82547GI", family82541, false},
	{0x105E, "82571EB", family82571, false},
	{0x105F, "82571EB fibre", family82571, true},
	{0x1060, "82571EB SerDes", family82571, true},
	{0x10A4, "82571EB quad", family82571, false},
	{0x10A5, "82571EB quad fibre", family82571, true},
	{0x10BC, "82571EB quad low profile", family82571, false},
	{0x10D5, "82571PT quad", family82571, false},
	{0x10D9, "82571EB dual SerDes", family82571, true},
	{0x10DA, "82571EB quad SerDes", family82571, true},
	{0x107D, "82572EI copper", family82571, false},
	{0x107E, "82572EI fibre", family82571, true},
	{0x107F, "82572EI SerDes", family82571, true},
	{0x10B9, "82572EI", family82571, false},
	{0x108B, "82573E", family82573, false},
	{0x108C, "82573E AMT", family82573, false},
	{0x109A, "82573L", family82573, false},
	{0x10D3, "82574L", family82574, false},
	{0x10F6, "82574LA", family82574, false},
	{0x150C, "82583V", family82574, false},
}

func (id ID) is82572() bool {
	switch id.Device {
	case 0x107D, 0x107E, 0x107F, 0x10B9:
		return true
	}
	return false
}

// Lookup returns what is known of a PCI device id of Vendor.
func Lookup(device uint16) (ID, bool) {
	for i := range IDs {
		if IDs[i].Device == device {
			return IDs[i], true
		}
	}
	return ID{}, false
}
