package main

import (
	"context"
	"fmt"

	"gasp/qemu"
)

// timesSooner is how much sooner than Linux's the first frame should come.
const timesSooner = 10

// measureStart takes the time from the start of QEMU to the first record's frame, both sides with the log host's MAC.
func measureStart(ctx context.Context, r *run) error {
	image, err := r.image(ctx, demonstration)
	if err != nil {
		return err
	}
	for _, m := range []machine{e1000, virtio, microvm} {
		f := Figure{Name: "start/" + m.name, About: fmt.Sprintf("seconds from QEMU's start to the first frame, %s", m.name), Wanted: &wanted{Times: timesSooner}}
		for i := range r.repeat {
			r.doing("%s, %d of %d", m.name, i+1, r.repeat)
			took, err := qemu.FirstFrameTime(ctx, image, m.Combination, false)
			if err != nil {
				return err
			}
			f.Gasp = append(f.Gasp, took.Seconds())
			if m.linux == "" || !r.peers.there() {
				continue
			}
			r.doing("%s, %d of %d, Linux", m.name, i+1, r.repeat)
			// The kit's other way, netconsole bringing the link up itself, is as slow or slower.
			linux, err := r.peers.measure(ctx, "first_frame_s", "boot.py", "--nics", m.linux, "--ups", "first", "--reps", "1")
			if err != nil {
				return err
			}
			f.Linux = append(f.Linux, linux...)
		}
		if m.linux == "" {
			f.Wanted = nil
		}
		r.add(f)
	}
	return nil
}
