package arrows

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// An image carries a network stack only if its program imports gasp/netstack.
func TestOnlyWhoImportsTheNetworkStackCarriesIt(t *testing.T) {
	const stack = "gvisor.dev/gvisor/pkg/tcpip/stack"
	for program, want := range map[string]bool{"examples/hello": false, "cmd/image": false, "examples/webserver": true} {
		out, err := exec.Command("go", "list", "-e", "-deps", "-tags", "tamago", module+program).Output()
		if err != nil {
			t.Fatalf("go list %s: %v", program, err)
		}
		deps := strings.Fields(string(out))
		if !slices.Contains(deps, module+"netlog") {
			t.Fatalf("go list does not know what %s is made of", program)
		}
		if got := slices.Contains(deps, stack); got != want {
			t.Errorf("%s carries %s: %v, want %v", program, stack, got, want)
		}
		if i := slices.IndexFunc(deps, func(p string) bool { return strings.HasPrefix(p, "gvisor.dev/gvisor/pkg/tcpip/transport") }); !want && i >= 0 {
			t.Errorf("%s carries %s", program, deps[i])
		}
	}
}
