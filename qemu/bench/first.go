package main

import (
	"context"
	"fmt"

	"gasp/qemu"
)

// mostFirst is how many instructions the first frame may take.
const mostFirst = 50_000_000

// measureFirst counts the instructions from an image's first one to its first record's frame.
func measureFirst(ctx context.Context, r *run) error {
	for _, m := range []machine{e1000, virtio, microvm} {
		for _, asked := range []bool{false, true} {
			if err := r.countFirst(ctx, m, asked); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) countFirst(ctx context.Context, m machine, asked bool) error {
	name, about := "known", "MAC given"
	if asked {
		name, about = "asked", "with ARP"
	}
	r.doing("%s, %s", m.name, about)
	image, err := r.image(ctx, demonstration)
	if err != nil {
		return err
	}
	first, err := qemu.CountFirstFrame(ctx, image, m.Combination, asked)
	if err != nil {
		return err
	}
	f := Figure{Name: "first/" + m.name + "/" + name, About: fmt.Sprintf("instructions to the first frame, %s, %s", m.name, about),
		Gasp: samples{float64(first.Executed)}, Wanted: &wanted{Most: mostFirst}, counted: true}
	if first.Clock > 2*first.Executed {
		f.Note = fmt.Sprintf("at most; the machine's clock says %s million: halted, it waited for the network device", number(float64(first.Clock)/1e6))
	}
	r.add(f)
	return nil
}
