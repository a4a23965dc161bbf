package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gasp/qemu"
)

const (
	mostIdle = 3 // percent of a CPU
	settle   = 3 * time.Second
	idleTime = 20 * time.Second
)

// idleMachines are those of which Linux has a driver in the kit, and the smallest one.
var idleMachines = []machine{
	{"e1000", qemu.Combination{Type: "q35", NIC: "e1000"}, "e1000"},
	{"virtio", qemu.Combination{Type: "q35", NIC: "virtio-net-pci"}, "virtio"},
	microvm,
}

// measureIdle takes QEMU's CPU time while its guest does nothing: the logger alone, then a program that listens on a socket
// of the network stack, as on Linux.
func measureIdle(ctx context.Context, r *run) error {
	image, err := r.image(ctx, measuring)
	if err != nil {
		return err
	}
	for _, m := range idleMachines {
		r.doing("%s", m.name)
		figures, err := qemu.Measurement{Image: image, Figure: "idle", Machine: m.Combination}.Run(ctx)
		if err != nil {
			return err
		}
		const tenths = 10 // a millisecond a second is a tenth of a percent
		r.add(Figure{Name: "idle/" + m.name + "/logger", About: fmt.Sprintf("percent of a CPU, idle, %s, the logger alone", m.name),
			Gasp: samples{figures["idle-host"] / tenths}, Wanted: &wanted{Most: mostIdle}})
		f := Figure{Name: "idle/" + m.name + "/server", About: "the same with a server on the network stack", Wanted: &wanted{Most: mostIdle}}
		if f.Gasp, err = idleShare(ctx, m, r.startGasp); err != nil {
			return err
		}
		if m.linux != "" && r.peers.there() {
			r.doing("%s, Linux", m.name)
			if f.Linux, err = idleShare(ctx, m, r.startLinux); err != nil {
				return err
			}
		}
		r.add(f)
	}
	return nil
}

// idleShare is the CPU time in percent that QEMU takes for a guest whose program waits for somebody to connect.
func idleShare(ctx context.Context, m machine, start func(context.Context, qemu.Combination, string) (*guest, error)) (samples, error) {
	g, err := start(ctx, m.Combination, "user")
	if err != nil {
		return nil, err
	}
	defer g.Close()
	if !pause(ctx, settle) {
		return nil, context.Cause(ctx)
	}
	begin, err1 := g.CPUTime()
	began := time.Now()
	pause(ctx, idleTime)
	took := time.Since(began)
	end, err2 := g.CPUTime()
	if err := errors.Join(err1, err2, ctx.Err()); err != nil {
		return nil, err
	}
	return samples{100 * (end - begin).Seconds() / took.Seconds()}, nil
}

// pause is false if the context ended meanwhile.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
