package gic

import (
	"errors"
	"testing"

	"gasp/drivers/reg"
)

// A machine is a controller and its model.
type machine struct {
	*model
	GIC
}

type kind struct {
	name                      string
	version                   int
	secure, wide, fiqs, bits5 bool // as in the model
}

var kinds = []kind{
	{name: "version 2", version: 2, secure: true},
	{name: "version 2, non-secure", version: 2, bits5: true},
	{name: "version 3", version: 3, secure: true},
	{name: "version 4", version: 3, secure: true, wide: true},
	{name: "version 3, non-secure", version: 3, bits5: true},
	{name: "version 3, non-secure, FIQs are firmware's", version: 3, fiqs: true, bits5: true},
	{name: "version 3, one security state, FIQs are firmware's", version: 3, secure: true, fiqs: true},
}

// model makes one of a kind.
func (k kind) model() *model {
	m := newModel(k.version, k.secure)
	m.wide, m.fiqs, m.bits5 = k.wide, k.fiqs, k.bits5
	return m
}

// each runs a test on each kind of controller, with all processors up.
func each(t *testing.T, test func(t *testing.T, m *machine)) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			m := &machine{model: k.model()}
			var err error
			if k.version == 2 {
				err = m.Open2(distributor{m.model}, interface2s{distributor{m.model}})
			} else {
				err = m.Open3(distributor{m.model}, []reg.Space{nothingThere{}, redistributors{distributor{m.model}}}, system{m.model})
			}
			if err != nil {
				t.Fatal(err)
			}
			for cpu := range m.own {
				m.on(cpu)
				if err := m.OpenCPU(cpu, m.affinity[cpu]|1<<31); err != nil {
					t.Fatal(err)
				}
			}
			if want := k.secure && !k.fiqs; m.HasFIQ != want {
				t.Fatalf("urgent interrupts are FIQs: %v, want %v", m.HasFIQ, want)
			}
			if m.HasUrgent() != m.HasFIQ {
				t.Fatalf("there are urgent interrupts: %v, by nobody's doing", m.HasUrgent())
			}
			m.ByPriority = !m.HasFIQ
			for cpu := range m.own {
				m.on(cpu)
				m.maskOrdinary()
			}
			m.on(0)
			test(t, m)
		})
	}
}

// maskOrdinary does what who masks by priority does at its entries.
func (m *machine) maskOrdinary() {
	if m.ByPriority {
		m.GIC.cpu.mask(UrgentOnly)
	}
}

// signals tells whether an interrupt of a group would come in by itself.
func (m *machine) signals(g Group) bool {
	id := m.next(m.model.cpu, m.HasFIQ && g == Urgent)
	return id < m.model.lines
}

// on goes on at a processor.
func (m *machine) on(cpu int) { m.model.cpu = cpu }

func (m *machine) raise(id uint32) { m.bank(m.model.cpu, id).pending[id] = true }

// expect takes an interrupt of a group, and no other.
func (m *machine) expect(t *testing.T, g Group, want uint32) {
	t.Helper()
	token, id := m.Acknowledge(m.model.cpu, g)
	if want >= None && id >= None {
		return
	}
	if id != want {
		t.Fatalf("interrupt %d of group %d comes in, want %d", id, g, want)
	}
	m.End(g, token)
}

func TestNothingComesInAtFirst(t *testing.T) {
	each(t, func(t *testing.T, m *machine) {
		for id := uint32(FirstPPI); id < 1020; id++ {
			if m.Enabled(0, id) {
				t.Errorf("interrupt %d is enabled", id)
			}
		}
		m.raise(40)
		m.expect(t, IRQ, None)
		m.expect(t, Urgent, None)
	})
}

func TestInterruptsComeToTheirProcessor(t *testing.T) {
	each(t, func(t *testing.T, m *machine) {
		m.Enable(2, 40, IRQ, Device, true)
		if !m.shared.edge[40] {
			t.Error("an edge is set up as a level")
		}
		m.raise(40)
		m.expect(t, IRQ, None)
		m.on(2)
		m.expect(t, IRQ, 40)
		m.expect(t, IRQ, None)
		m.Disable(2, 40)
		m.raise(40)
		m.expect(t, IRQ, None)
		m.Enable(2, 27, IRQ, Timer, false)
		m.on(1)
		m.raise(27)
		m.expect(t, IRQ, None)
		m.on(2)
		m.raise(27)
		m.expect(t, IRQ, 27)
	})
}

func TestTheTimerGoesBeforeDevices(t *testing.T) {
	each(t, func(t *testing.T, m *machine) {
		m.Enable(0, 27, IRQ, Timer, false)
		m.Enable(0, 33, IRQ, Device, false)
		m.raise(33)
		token, id := m.Acknowledge(m.model.cpu, IRQ)
		if id != 33 {
			t.Fatalf("interrupt %d comes in, want 33", id)
		}
		m.raise(27)
		m.expect(t, IRQ, 27)
		m.End(IRQ, token)
	})
}

func TestTheWatchdogComesInWhateverIsMasked(t *testing.T) {
	each(t, func(t *testing.T, m *machine) {
		m.Enable(0, 27, IRQ, Timer, false)
		m.Enable(0, 30, Urgent, Watchdog, false)
		m.raise(27)
		if m.ByPriority && m.signals(IRQ) {
			t.Error("an ordinary interrupt comes in that the mask keeps out")
		}
		token, id := m.Acknowledge(m.model.cpu, IRQ)
		if id != 27 {
			t.Fatalf("interrupt %d comes in, want 27", id)
		}
		m.raise(30) // while another one is being handled
		m.raise(27)
		if !m.signals(Urgent) {
			t.Error("the watchdog does not come in")
		}
		m.expect(t, Urgent, 30)
		m.expect(t, Urgent, None)
		m.End(IRQ, token)
		m.expect(t, Urgent, None)
		m.expect(t, IRQ, 27)
	})
}

// TestUrgentOnesAreLeft: who takes ordinary interrupts does not take urgent ones away, of whatever kind, nor their place.
func TestUrgentOnesAreLeft(t *testing.T) {
	each(t, func(t *testing.T, m *machine) {
		m.on(2)
		m.Enable(2, 2, Urgent, Watchdog, true)
		m.Enable(2, 30, Urgent, Watchdog, false)
		m.Enable(2, 50, Urgent, Watchdog, true)
		m.Enable(2, 27, IRQ, Timer, false)
		m.Send(2, Urgent, 2)
		m.raise(30)
		m.raise(50)
		m.raise(27)
		first := uint32(None) // urgent ones
		if m.HasFIQ && m.model.version == 3 {
			first = 27
		}
		m.expect(t, IRQ, first)
		for _, id := range []uint32{2, 30, 50} {
			if !m.signals(Urgent) {
				t.Errorf("interrupt %d does not come in", id)
			}
			m.expect(t, Urgent, id)
		}
		m.expect(t, Urgent, None)
		if first != 27 {
			m.expect(t, IRQ, 27)
		}
		m.expect(t, IRQ, None)
	})
}

// TestUrgentOnesComeInBetween: an urgent interrupt that comes while an ordinary one is being taken is not taken for one, nor is an ordinary one
// taken for an urgent one that has gone.
func TestUrgentOnesComeInBetween(t *testing.T) {
	each(t, func(t *testing.T, m *machine) {
		m.Enable(0, 2, Urgent, Watchdog, true)
		m.Enable(0, 30, Urgent, Watchdog, false)
		m.Enable(0, 27, IRQ, Timer, false)
		for _, id := range []uint32{2, 30} {
			m.raise(27)
			m.looked = func() {
				m.looked = nil
				m.raise(id)
			}
			if _, taken := m.Acknowledge(0, IRQ); taken == id {
				t.Errorf("interrupt %d, which is urgent, is taken as an ordinary one", id)
			} else if taken != None {
				m.finish(0, taken)
			}
			if m.looked == nil { // by who has two looks
				m.expect(t, Urgent, id)
				m.expect(t, IRQ, 27)
			}
			m.own[0].pending[27] = false

			m.raise(id)
			m.raise(27)
			m.looked = func() {
				m.looked = nil
				m.own[0].pending[id] = false
			}
			if token, taken := m.Acknowledge(0, Urgent); taken == 27 {
				t.Error("an ordinary interrupt is taken as an urgent one")
			} else if taken != None {
				m.End(Urgent, token)
			}
			m.looked = nil
			m.expect(t, IRQ, 27)
		}
	})
}

func TestProcessorsInterruptEachOther(t *testing.T) {
	each(t, func(t *testing.T, m *machine) {
		m.on(3)
		m.Enable(3, 1, IRQ, Device, true)
		m.on(0)
		m.Send(3, IRQ, 1)
		for cpu := range 4 {
			m.on(cpu)
			if cpu == 3 {
				m.expect(t, IRQ, 1)
			}
			m.expect(t, IRQ, None)
		}
		m.on(1)
		m.Enable(1, 2, Urgent, Watchdog, true)
		m.on(2)
		m.Send(1, Urgent, 2)
		m.on(1)
		m.expect(t, IRQ, None)
		m.expect(t, Urgent, 2)
	})
}

func TestForget(t *testing.T) {
	each(t, func(t *testing.T, m *machine) {
		m.Enable(0, 33, IRQ, Device, false)
		m.Enable(0, 27, IRQ, Timer, false)
		m.raise(33)
		m.Acknowledge(m.model.cpu, IRQ)
		m.raise(27)
		m.Acknowledge(m.model.cpu, IRQ)
		m.raise(27)
		m.expect(t, IRQ, None) // it is under way
		m.Forget(0)
		m.expect(t, IRQ, 27)
	})
}

func TestBeyondTheLastLine(t *testing.T) {
	each(t, func(t *testing.T, m *machine) {
		if n := m.Lines(); n != 96 {
			t.Errorf("%d lines, want 96", n)
		}
		m.Enable(0, 96, IRQ, Device, false)
		m.Enable(0, 5000, IRQ, Device, false)
		m.Disable(0, 5000)
		if m.Enabled(0, 5000) {
			t.Error("an interrupt that is not there is enabled")
		}
	})
}

func TestWhatIsNoController(t *testing.T) {
	var c GIC
	nothing := nothingThere{}
	if err := c.Open2(nothing, nothing); !errors.Is(err, ErrNoGIC) {
		t.Errorf("version 2 where nothing is gives %v", err)
	}
	if err := c.Open3(nothing, []reg.Space{nothing}, nil); !errors.Is(err, ErrNoGIC) {
		t.Errorf("version 3 where nothing is gives %v", err)
	}
	m := newModel(3, true)
	if err := c.Open3(distributor{m}, []reg.Space{redistributors{distributor{m}}}, system{m}); err != nil {
		t.Fatal(err)
	}
	if err := c.OpenCPU(0, 0x42); !errors.Is(err, ErrNoRedistributor) {
		t.Errorf("a processor without a redistributor gives %v", err)
	}
	if err := c.Open3(distributor{m}, []reg.Space{nothing}, system{m}); err != nil {
		t.Fatal(err)
	}
	if err := c.OpenCPU(0, m.affinity[0]); !errors.Is(err, ErrNoRedistributor) {
		t.Errorf("no redistributors give %v", err)
	}
}

type nothingThere struct{ distributor }

func (nothingThere) Read32(uint32) uint32   { return ^uint32(0) }
func (nothingThere) Write32(uint32, uint32) {}

// TestNothingIsAllocated: interrupt handlers and a dead machine use it.
func TestNothingIsAllocated(t *testing.T) {
	for _, k := range kinds {
		m := k.model()
		var c GIC
		var err error
		if k.version == 2 {
			err = c.Open2(distributor{m}, interface2s{distributor{m}})
		} else {
			err = c.Open3(distributor{m}, []reg.Space{redistributors{distributor{m}}}, system{m})
		}
		if err == nil {
			err = c.OpenCPU(0, m.affinity[0])
		}
		if err != nil {
			t.Fatal(k.name, err)
		}
		if n := testing.AllocsPerRun(10, func() {
			for _, id := range []uint32{FirstPPI + 11, FirstSPI + 1} {
				c.Enable(0, id, IRQ, Timer, false)
				c.Enabled(0, id)
				c.Disable(0, id)
			}
			token, _ := c.Acknowledge(0, IRQ)
			c.End(IRQ, token)
			c.Forget(0)
		}); n != 0 {
			t.Errorf("%s: %v allocations", k.name, n)
		}
	}
}
