package netlog

import (
	"os/exec"
	"strings"
	"testing"
)

// The machine's logger must work before any init function ran.
func TestTheMachinesLoggerNeedsNoInitializer(t *testing.T) {
	out, err := exec.Command("go", "build", "-gcflags=-S", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	if !strings.Contains(string(out), "gasp/netlog.(*Logger).Log STEXT") {
		t.Fatal("the compiler's listing is not what this test expects")
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "netlog.machine") && strings.Contains(line, "init") {
			t.Errorf("an init function touches the machine's logger: %s", line)
		}
		if strings.HasPrefix(line, "gasp/netlog.machine ") && !strings.Contains(line, "SBSS") {
			t.Errorf("the machine's logger is not zeroed memory: %.80s", line)
		}
	}
}
