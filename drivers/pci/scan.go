package pci

// Scan visits every function of a configuration space, each once, until visit returns
// false: what bus 0 and the bridges found there lead to, then what the other buses
// do, in order. Those belong to further host bridges, which only firmware tells of
// otherwise. Bridges must have been given bus numbers by the firmware.
func Scan(cfg Config, visit func(Function) bool) {
	s := scan{cfg: cfg, visit: visit}
	for bus := range buses {
		if !s.seen[bus] && !s.tree(uint8(bus)) {
			return
		}
	}
}

// ScanTree is Scan of one bus and what the bridges found there lead to.
func ScanTree(cfg Config, root uint8, visit func(Function) bool) {
	s := scan{cfg: cfg, visit: visit}
	s.tree(root)
}

type scan struct {
	cfg   Config
	visit func(Function) bool
	seen  [buses]bool
	queue [buses]behind // each bus is there once at the most
}

// behind is a bus and the bridge that leads to it, nil for the one behind a host bridge.
type behind struct {
	bus    uint8
	bridge *Function
}

// tree visits a bus and all that is behind its bridges.
func (s *scan) tree(root uint8) bool {
	s.seen[root] = true
	s.queue[0] = behind{bus: root}
	tail := 1
	for head := 0; head < tail; head++ {
		b := s.queue[head]
		for dev := range b.devices() {
			for fn := range uint8(functionsPerDevice) {
				f, multi, ok := identify(s.cfg, b.bus, dev, fn)
				f.bridge = b.bridge
				if ok && !s.visit(f) {
					return false
				}
				if ok && f.HeaderType == headerTypeBridge {
					if bus := f.Read8(regSecondaryBus); !s.seen[bus] {
						s.seen[bus] = true
						bridge := f
						s.queue[tail] = behind{bus, &bridge}
						tail++
					}
				}
				if fn == 0 && !multi {
					break
				}
			}
		}
	}
	return true
}

// devices is how many there can be on a bus. A link of PCI Express has one; some
// answer for all 32 (Linux drivers/pci/probe.c, only_one_child).
func (b behind) devices() uint8 {
	if b.bridge != nil && b.bridge.isDownstreamPort() {
		return 1
	}
	return devicesPerBus
}

// identify reads the header of one function; ok is false if there is none (LB
// 6.1). multi tells of function 0 whether there can be others.
func identify(cfg Config, bus, dev, fn uint8) (f Function, multi, ok bool) {
	id := cfg.Read32(bus, dev, fn, regVendor)
	if uint16(id) == absent {
		return Function{}, false, false
	}
	f = Function{
		Bus: bus, Dev: dev, Fn: fn,
		Vendor: uint16(id), Device: uint16(id >> 16),
		cfg: cfg,
	}
	f.Class = f.Read32(regClass) >> 8
	header := f.Read8(regHeaderType)
	f.HeaderType = header & headerTypeMask
	return f, header&headerMultiFunction != 0, true
}
