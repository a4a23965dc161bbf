package devicetree

// DMACoherent tells whether a device sees what the processor's caches hold: it or a bus that it is on says dma-coherent, and none nearer to it
// dma-noncoherent (DT 2.3.10 and 2.3.11; Linux drivers/of/address.c). Who says nothing does not.
func (n Node) DMACoherent() bool {
	for ok := true; ok; n, ok = n.Parent() {
		if _, yes := n.Property("dma-coherent"); yes {
			return true
		}
		if _, no := n.Property("dma-noncoherent"); no {
			return false
		}
	}
	return false
}
