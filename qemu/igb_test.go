package qemu

import (
	"slices"
	"testing"

	"gasp/internal/qtest"
)

// TestCrashOnIGB dies on a controller with queues, which QEMU models from 8.0 on. After each reset that one has no link for
// half a second, so that the report of a class that needs one comes so much later.
func TestCrashOnIGB(t *testing.T) {
	if !qtest.Has("igb") {
		t.Skip("this QEMU has no igb")
	}
	file := image(t)
	for _, class := range []string{"nil", "hang", "lock", "transmit", "receive", "garbage", "crash-driver"} {
		t.Run(class, func(t *testing.T) {
			t.Parallel()
			machinesAtOnce <- struct{}{}
			defer func() { <-machinesAtOnce }()
			crash := &Crashes[slices.IndexFunc(Crashes, func(c Crash) bool { return c.Class == class })]
			checkCell(t, NewCell(crash, Combination{Type: "q35", NIC: "igb"}, 0, false, 0), file)
		})
	}
}
