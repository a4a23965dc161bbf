package devicetree

import "testing"

func TestMessageMap(t *testing.T) {
	b := &builder{}
	bus := func(name string, properties func()) { b.node(name, properties) }
	b.node("", func() {
		bus("its", func() { b.cells("phandle", 7) })
		bus("map", func() { b.cells("msi-map", 0, 7, 0x10000, 0x100, 0x100, 7, 0x20000, 0xff00) })
		bus("unmasked", func() { b.cells("msi-map", 0, 7, 0, 0x10000); b.cells("msi-map-mask", 0xffff) })
		bus("masked", func() { b.cells("msi-map", 0, 7, 0, 0x10000); b.cells("msi-map-mask", 0xff) })
		bus("short", func() { b.cells("msi-map", 0, 7, 0) })
		bus("nowhere", func() { b.cells("msi-map", 0, 8, 0, 0x10000) })
		bus("parent", func() { b.cells("msi-parent", 7) })
		bus("nothing", func() {})
	})
	tree, err := Parse(b.tree())
	if err != nil {
		t.Fatal(err)
	}
	type entry struct{ first, count, device uint32 }
	for path, want := range map[string][]entry{
		"/map": {{0, 0x100, 0x10000}, {0x100, 0xff00, 0x20000}}, "/unmasked": {{0, 0x10000, 0}}, "/masked": nil, "/short": nil,
		"/nowhere": nil, "/parent": {{0, 0x10000, 0}}, "/nothing": nil,
	} {
		n := node(t, &tree, path)
		for i := 0; ; i++ {
			m, ok := n.MessageMap(i)
			if ok != (i < len(want)) {
				t.Errorf("%s: map %d: %v", path, i, ok)
			}
			if !ok || i >= len(want) {
				break
			}
			if got := (entry{m.First, m.Count, m.Device}); got != want[i] || m.Controller.Name() != "its" {
				t.Errorf("%s: map %d is %+v to %q, want %+v", path, i, got, m.Controller.Name(), want[i])
			}
		}
	}
}
