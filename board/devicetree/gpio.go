package devicetree

// GPIO is the pin that a property names, and its controller (Linux Documentation/devicetree/bindings/gpio/gpio.txt).
func (n Node) GPIO(name string) (controller Node, pin uint32, ok bool) {
	b, _ := n.Property(name)
	if len(b) < 2*tokenSize {
		return Node{}, 0, false
	}
	controller, ok = n.tree.phandle(word(b))
	if cells, found := controller.Uint32("#gpio-cells"); !ok || !found || cells == 0 {
		return Node{}, 0, false
	}
	return controller, word(b[tokenSize:]), true
}
