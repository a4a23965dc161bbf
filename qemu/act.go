package qemu

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Act is what the host does to a machine that is to crash by it.
type Act func(*Run) error

// errNotReady says that the machine did not write its last words.
var errNotReady = errors.New("the machine never came to the point where this host acts")

const actLook = 20 * time.Millisecond // between two looks at whether the machine is ready

// act waits until the machine has said its last words and the cell's time is over, then does what the class wants.
func act(ctx context.Context, r *Run, w *Wire, c *Cell) error {
	seen := 0
	ready := func() bool {
		arrived := w.Datagrams()
		news := arrived[seen:]
		seen = len(arrived)
		return strings.Contains(r.Serial(), lastWords) ||
			slices.ContainsFunc(news, func(d Datagram) bool { return bytes.Contains(d.Payload, []byte(lastWords)) })
	}
	for !ready() {
		if !sleep(ctx, r, actLook) {
			return errNotReady
		}
	}
	if !sleep(ctx, r, c.HostTime) {
		return errNotReady
	}
	if err := c.Crash.Host(r); err != nil {
		return fmt.Errorf("this host's part in the crash failed: %w", err)
	}
	return nil
}

// sleep is false when the machine has ended.
func sleep(ctx context.Context, r *Run, d time.Duration) bool {
	select {
	case <-r.ended:
		return false
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func pressNMI(r *Run) error { return r.InjectNMI() }

// machineCheck raises an uncorrected error in bank 1 of CPU 0, in the words of QEMU's monitor: cpu bank status mcg_status
// addr misc. Status has VAL, UC, EN and PCC, mcg_status MCIP (Intel SDM volume 3, 15.3.2.2 and 15.3.1.2).
func machineCheck(r *Run) error {
	said, err := r.Human("mce 0 1 0xb200000000000000 0x4 0 0")
	if err == nil && said != "" {
		err = fmt.Errorf("mce: %s", strings.TrimSpace(said))
	}
	return err
}

// pulled is how long the cable stays out.
const pulled = 2 * time.Second

// pullCable takes the link away from a machine and gives it back.
func pullCable(r *Run) error {
	if err := r.SetLink(false); err != nil {
		return err
	}
	select {
	case <-r.ended:
		return errors.New("the machine ended while its cable was out")
	case <-time.After(pulled):
	}
	return r.SetLink(true)
}
