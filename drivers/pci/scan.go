package pci

// Scan visits every function on bus 0 and behind the bridges found there, each
// bus once, until visit returns false. Bridges must have been given bus numbers
// by the firmware.
func Scan(cfg Config, visit func(Function) bool) {
	var queue [256]uint8
	var seen [256]bool
	seen[0] = true
	for head, tail := 0, 1; head < tail; head++ {
		bus := queue[head]
		for dev := uint8(0); dev < devicesPerBus; dev++ {
			for fn := uint8(0); fn < functionsPerDevice; fn++ {
				f, multi, ok := identify(cfg, bus, dev, fn)
				if ok && !visit(f) {
					return
				}
				if ok && f.HeaderType == headerTypeBridge {
					if s := f.Read8(regSecondaryBus); !seen[s] {
						seen[s] = true
						queue[tail] = s
						tail++
					}
				}
				if fn == 0 && !multi {
					break
				}
			}
		}
	}
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
