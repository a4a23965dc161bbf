package e1000_test

import (
	"testing"
)

func TestProvokedInterruptIsTheDevices(t *testing.T) {
	onEach(t, func(b *bench) {
		b.Interrupting()
		b.ProvokeInterrupt()
		if !b.model.Asserted() || !b.Interrupted() || b.model.Asserted() {
			t.Error("the device does not interrupt, or not only once")
		}
	})
}
