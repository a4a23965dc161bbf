package e1000

import (
	"bytes"
	"testing"

	"gasp/drivers/seal"
	"gasp/drivers/wait"
	"gasp/internal/e1000model"
)

// accessesMost is how many registers TakeOver accesses beside its waits.
const accessesMost = 400

// silent are devices that never answer, each in its own way.
var silent = map[string]e1000model.Faults{
	"completes nothing":       {NeverCompletes: true},
	"has no link":             {LinkDown: true},
	"sets no DD":              {NoWriteBack: true},
	"stays in reset":          {NeverCompletes: true, ResetReads: -1},
	"keeps bus, MDIO, EEPROM": {NeverCompletes: true, MasterStays: true, FirmwareKeepsPHY: true, EEPROMNever: true},
	"and stays in reset":      {NeverCompletes: true, MasterStays: true, FirmwareKeepsPHY: true, EEPROMNever: true, ResetReads: -1},
	"keeps its queues off":    {QueueNever: true, NeverCompletes: true, FirmwareKeepsPHY: true, MasterStays: true},
	"is gone":                 {AllOnes: true},
	"answers noise":           {RandomReads: true, NeverCompletes: true},
}

func TestEveryCallComesBackInTime(t *testing.T) {
	frame, buf := bytes.Repeat([]byte{1}, 100), make([]byte, MaxFrame)
	for name, faults := range silent {
		for _, kind := range []e1000model.Kind{e1000model.I82540, e1000model.I82574, e1000model.I219, e1000model.I82576, e1000model.QEMU82540, e1000model.QEMU82574, e1000model.QEMU82576} {
			for _, clock := range []bool{true, false} {
				m, d := testDeviceOf(t, kind)
				m.Elapse(1e9)
				m.Faults = faults
				if !clock {
					d.clock.Now = nil
					d.sealed = seal.NewOf(&d.core)
				}
				within := func(call string, most int64, f func()) {
					start, accesses := m.Now(), m.Accesses
					f()
					took, reads := m.Now()-start, int64(m.Accesses-accesses)
					switch {
					case clock && took > most+accessesMost*600:
						t.Errorf("a device that %s: %s took %d ns, want at most %d", name, call, took, most)
					case !clock && reads > 2*most/wait.ReadTime+accessesMost:
						t.Errorf("a device that %s, no clock: %s read %d registers, want at most %d", name, call, reads, 2*most/wait.ReadTime+accessesMost)
					}
				}
				for range 255 {
					d.Transmit(frame)
				}
				within("Transmit to a full ring", frameWait, func() { d.Transmit(frame) })
				within("Flush", frameWait, func() { d.Flush() })
				within("Receive", 0, func() { d.Receive(buf) })
				within("TakeOver", takeOverMost, func() { d.TakeOver() })
				within("TakeOver again", takeOverMost, func() { d.TakeOver() })
				within("Transmit after TakeOver", frameWait, func() { d.Transmit(frame) })
				within("Flush after TakeOver", frameWait, func() { d.Flush() })
				within("Receive after TakeOver", 0, func() { d.Receive(buf) })
			}
		}
	}
}

// A device that gets on makes Flush wait for each frame.
func TestFlushWaitsAsLongAsTheDeviceGetsOn(t *testing.T) {
	m, d := testDevice(t)
	m.FrameTime = frameWait * 9 / 10
	n := 0
	for ; n < 50; n++ {
		if err := d.Transmit(bytes.Repeat([]byte{1}, 100)); err != nil {
			t.Fatal(err)
		}
	}
	start := m.Now()
	if err := d.Flush(); err != nil || len(m.Sent) != n {
		t.Errorf("Flush: %v with %d of %d frames on the wire", err, len(m.Sent), n)
	}
	if took := m.Now() - start; took > int64(n)*frameWait {
		t.Errorf("Flush of %d frames took %d ns", n, took)
	}
}
