package qemu

import (
	"strings"
	"testing"

	"gasp/netlog/wire"
)

// TestImageAwayFromItsAddress starts the demonstration on machines whose RAM is not where QEMU's virt has it: a report comes from them, that of a hang too,
// though firmware keeps FIQs there.
func TestImageAwayFromItsAddress(t *testing.T) {
	for _, tt := range []struct {
		name         string
		m            Machine
		class, cause string
	}{
		{"RAM from 0 on", Machine{Type: "xlnx-versal-virt", NIC: "virtio-net-device"}, "hang gasp.watchdog=2", "hard lockup"},
		{"two pieces of RAM, registers as virtio 1.0 has them", Machine{Type: "xlnx-versal-virt", NIC: "virtio-net-device", Memory: 3072,
			Extra: []string{"-global", "virtio-mmio.force-legacy=false"}}, "nil", "invalid memory address"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			kind, err := TypeOf(tt.m.Type)
			if err != nil {
				t.Fatal(err)
			}
			m, w := tt.m, &Wire{}
			if m.Image, err = demonstration[kind.Suffix](); err != nil {
				t.Fatal(err)
			}
			m.Wire, m.Cmdline, m.Deadline = w, knownStation("+")+" panic=-1 gasp.crash="+tt.class, bootDeadline
			if end, err := bootMachine(t, m).Wait(); err != nil {
				t.Fatal(end, err)
			}
			report := reportOf(t, w.Datagrams(), wire.Crash)
			if cause := string(report.Headline.Cause); !strings.Contains(cause, tt.cause) {
				t.Errorf("the cause is %q", cause)
			}
			if others := stoppedCPUs(report); len(others) != kind.CPUs-1 {
				t.Errorf("the report tells of the other processors %v, of %d", others, kind.CPUs)
			}
		})
	}
}
