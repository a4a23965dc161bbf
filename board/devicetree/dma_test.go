package devicetree

import "testing"

func TestDMACoherent(t *testing.T) {
	b := &builder{}
	device := func(name string, properties ...string) {
		b.node(name, func() {
			for _, p := range properties {
				b.bytes(p, nil)
			}
		})
	}
	b.node("", func() {
		device("silent")
		device("coherent", "dma-coherent")
		b.node("bus", func() {
			b.bytes("dma-coherent", nil)
			device("silent")
			device("not", "dma-noncoherent")
			b.node("bus", func() { device("silent") })
		})
	})
	tree, err := Parse(b.tree())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		"/silent": false, "/coherent": true, "/bus": true, "/bus/silent": true, "/bus/not": false, "/bus/bus/silent": true,
	} {
		if got := node(t, &tree, path).DMACoherent(); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
	if (Node{}).DMACoherent() {
		t.Error("a node of no tree is coherent")
	}
}
