package qemu

import (
	"strings"
	"testing"

	"gasp/netlog/wire"
)

// TestImageAwayFromItsAddress starts the demonstration on machines whose RAM is not where QEMU's virt has it: a report comes from them.
func TestImageAwayFromItsAddress(t *testing.T) {
	for _, tt := range []struct {
		name string
		m    Machine
	}{
		{"RAM from 0 on", Machine{Type: "xlnx-versal-virt", NIC: "virtio-net-device"}},
		{"two pieces of RAM, registers as virtio 1.0 has them", Machine{Type: "xlnx-versal-virt", NIC: "virtio-net-device", Memory: 3072,
			Extra: []string{"-global", "virtio-mmio.force-legacy=false"}}},
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
			m.Wire, m.Cmdline, m.Deadline = w, knownStation("+")+" gasp.crash=nil panic=-1", bootDeadline
			if end, err := bootMachine(t, m).Wait(); err != nil {
				t.Fatal(end, err)
			}
			if cause := string(reportOf(t, w.Datagrams(), wire.Crash).Headline.Cause); !strings.Contains(cause, "invalid memory address") {
				t.Errorf("the cause is %q", cause)
			}
		})
	}
}
