package qemu

import (
	"fmt"
	"os"
	"slices"
	"testing"
)

// withoutFIQs are the machines with several processors whose firmware keeps FIQs for itself.
var withoutFIQs = slices.DeleteFunc(slices.Clone(Combinations), func(c Combination) bool {
	t, err := TypeOf(c.Type)
	return err != nil || !t.NoFIQ || c.CPUs() == 1
})

// TestHangWithoutFIQs: a processor that hangs with interrupts masked by priority dies of it, whichever it is, and the report tells where the
// others were. By default the first one, and one of the others, of two machines.
func TestHangWithoutFIQs(t *testing.T) {
	once := map[string]int{"virt-el3": 0, "virt-secure": 1}
	for i, m := range withoutFIQs {
		for hung := range m.CPUs() {
			last := i == len(withoutFIQs)-1 || withoutFIQs[i+1].Type != m.Type
			if which, ok := once[m.Type]; os.Getenv("GASP_FULL") != "1" && (!ok || !last || which != hung) {
				continue
			}
			t.Run(fmt.Sprintf("%v/%d", m, hung), func(t *testing.T) {
				others := otherCPUs(t, m, fmt.Sprintf("gasp.watchdog=2 gasp.crash=hang gasp.step=%d", hung))
				if len(others) != m.CPUs()-1 || slices.Contains(others, hung) {
					t.Errorf("processor %d of %d hangs, the report tells of the others %v", hung, m.CPUs(), others)
				}
			})
		}
	}
}
