package enet

import (
	"bytes"
	"testing"

	"gasp/drivers/seal"
	"gasp/drivers/wait"
	"gasp/internal/enetmodel"
)

// accessesMost is how many registers TakeOver accesses beside its waits.
const accessesMost = 200

// accessesATurn is how many registers a turn of a wait may access: ECR in the place of a clock, TDAR twice and once
// more to write it.
const accessesATurn = 4

// silent are devices that never answer, each in its own way.
var silent = map[string]enetmodel.Faults{
	"completes nothing":   {NeverCompletes: true},
	"has no link":         {LinkDown: true},
	"clears no R":         {NoWriteBack: true},
	"stays in reset":      {NeverCompletes: true, ResetReads: -1},
	"keeps its bus":       {NeverCompletes: true, MDIONever: true},
	"and stays in reset":  {NeverCompletes: true, MDIONever: true, ResetReads: -1},
	"notices no doorbell": {SleepyTDAR: 1 << 30},
	"sends slowly":        {FrameTime: 9e6},
	"has lost its clock":  {AllOnes: true},
	"answers noise":       {RandomReads: true, NeverCompletes: true},
}

func TestEveryCallComesBackInTime(t *testing.T) {
	frame, buf := bytes.Repeat([]byte{1}, 100), make([]byte, MaxFrame)
	for name, faults := range silent {
		for _, kind := range []enetmodel.Kind{enetmodel.I6UL, enetmodel.QEMU6UL} {
			for _, clock := range []bool{true, false} {
				m, d := testDeviceOf(t, kind)
				flushMost := int64(frameWait + fifoDelay)
				if faults.FrameTime != 0 {
					flushMost += (txNormal - 1) * frameWait
				}
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
					case clock && took > most+accessesMost*700:
						t.Errorf("a device that %s: %s took %d ns, want at most %d", name, call, took, most)
					case !clock && reads > accessesATurn*most/wait.ReadTime+accessesMost:
						t.Errorf("a device that %s, no clock: %s read %d registers, want at most %d", name, call, reads, accessesATurn*most/wait.ReadTime+accessesMost)
					}
				}
				for range 127 {
					d.Transmit(frame)
				}
				within("Transmit to a full ring", frameWait, func() { d.Transmit(frame) })
				within("Flush", flushMost, func() { d.Flush() })
				within("Link", 2*(mdioWait+mdioTime), func() { d.Link() })
				within("Receive", 0, func() { d.Receive(buf) })
				within("TakeOver", takeOverMost, func() { d.TakeOver() })
				within("TakeOver again", takeOverMost, func() { d.TakeOver() })
				within("Transmit after TakeOver", frameWait, func() { d.Transmit(frame) })
				within("Flush after TakeOver", flushMost, func() { d.Flush() })
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
