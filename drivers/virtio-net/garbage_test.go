package virtionet

import (
	"math/rand/v2"
	"testing"

	"gasp/drivers/reg"
	"gasp/drivers/virtio"
	"gasp/internal/virtiomodel"
)

// noisy is a space in which some reads give garbage.
type noisy struct {
	reg.Space
	random *rand.Rand
	loud   int // of 256 reads, how many
}

func (n *noisy) garbage() bool { return n.random.IntN(256) < n.loud }

func (n *noisy) Read8(off uint32) uint8 {
	v := n.Space.Read8(off)
	if n.garbage() {
		return uint8(n.random.Uint32())
	}
	return v
}

func (n *noisy) Read16(off uint32) uint16 {
	v := n.Space.Read16(off)
	if n.garbage() {
		return uint16(n.random.Uint32())
	}
	return v
}

func (n *noisy) Read32(off uint32) uint32 {
	v := n.Space.Read32(off)
	if n.garbage() {
		return n.random.Uint32() >> n.random.IntN(32)
	}
	return v
}

// TestGarbageEverywhere gives the driver a device that answers nonsense and
// scribbles over the rings: nothing it does may fault or hang, and once the device
// is well a takeover mends it.
func TestGarbageEverywhere(t *testing.T) {
	for i, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			mended := 0
			for seed := range uint64(150) {
				random := rand.New(rand.NewPCG(seed, uint64(i)))
				m := power(t, i, nil)
				spaces := []*noisy{}
				bar := func(s reg.Space) reg.Space {
					n := &noisy{s, random, 0}
					spaces = append(spaces, n)
					return n
				}
				transport, err := reachNoisy(m.model, k.legacy, i >= 3, bar)
				if err != nil {
					t.Fatal(err)
				}
				loud := func(n int) {
					for _, s := range spaces {
						s.loud = n
					}
				}
				loud(int(seed % 32))
				mem := m.model.Memory
				m.driver, err = New(transport, &mem, Config{Now: m.now})
				if err != nil {
					continue
				}
				buf := make([]byte, 1600)
				for range 60 {
					switch random.IntN(6) {
					case 0:
						m.driver.Receive(buf)
					case 1:
						m.driver.Flush()
					case 2:
						m.driver.TakeOver()
					case 3:
						m.scribble(random)
					case 4:
						m.model.Inject(frame(60, 1))
					default:
						m.driver.Transmit(frame(14+random.IntN(1500), 1))
					}
				}
				loud(0)
				m.driver.broken = true
				if _, err := m.driver.TakeOver(); err != nil {
					t.Fatalf("seed %d: TakeOver of a device that is well again: %v", seed, err)
				}
				m.works()
				mended++
			}
			if mended == 0 {
				t.Error("no device came up at all: the test shows nothing")
			}
		})
	}
}

func reachNoisy(d *virtiomodel.Device, legacy, mmio bool, wrap func(reg.Space) reg.Space) (virtio.Transport, error) {
	if mmio {
		return NewMMIO(wrap(d.MMIO()))
	}
	p := d.PCI(false)
	return NewPCI(p, func(n int) (reg.Space, error) {
		s, err := p.BAR(n)
		if err != nil {
			return nil, err
		}
		return wrap(s), nil
	})
}

// scribble overwrites some of the present rings, as a stray pointer might.
func (m *machine) scribble(random *rand.Rand) {
	if !m.driver.active.Ready() {
		return
	}
	r := m.driver.rings()
	for _, q := range []queue{r.tx, r.rx} {
		for range 4 {
			q.ring.Bytes[q.used+random.IntN(64)] = byte(random.Uint32())
			q.ring.Bytes[q.avail+random.IntN(64)] = byte(random.Uint32())
			q.ring.Bytes[random.IntN(q.avail)] = byte(random.Uint32())
		}
	}
}

func TestAnyConfigurationSpaceIsReadToItsEnd(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		p := power(t, 0, func(o *virtiomodel.Options) { o.Memory.Bytes = nil }).model.PCI(random.IntN(2) == 0)
		for range random.IntN(40) {
			p.Config[4+random.IntN(252)] = byte(random.Uint32())
		}
		NewPCI(p, p.BAR) // must return
	}
}
