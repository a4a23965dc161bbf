package e1000_test

import (
	"testing"

	"gasp/drivers/e1000"
	"gasp/internal/e1000model"
)

// ready is a driver on a model whose firmware's reset is over.
func ready(t *testing.T, kind e1000model.Kind) *bench {
	b := newBench(t, kind)
	b.model.Elapse(1e9)
	return b
}

// obeyed expects that the driver did nothing that the manual forbids.
func (b *bench) obeyed() {
	b.Helper()
	for _, c := range b.model.Complaints {
		b.Errorf("%#x: the model complains: %s", b.model.ID, c)
	}
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
		{"8254", e1000model.I82540}, {"82571", e1000model.I82571}, {"82572", e1000model.I82571}, {"82573", e1000model.I82574}, {"82574", e1000model.I82574}, {"82583", e1000model.I82574},
		{"I217", e1000model.I217}, {"I218", e1000model.I219}, {"I219", e1000model.I219}, {"8257", e1000model.I82576}, {"I210", e1000model.I82576}, {"I225", e1000model.I225},
	} {
		if len(known.Name) >= len(k.from) && known.Name[:len(k.from)] == k.from {
			return k.kind
		}
	}
	t.Fatalf("no model for %s", known.Name)
	return e1000model.Kind{}
}
