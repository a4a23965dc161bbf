package main

import (
	"context"
	"fmt"

	"gasp/qemu"
)

// What a line may cost: instructions.
const (
	mostPlain  = 1000
	mostSealed = 3000
)

// linuxFormats are the kit's names for the ways to send that Linux has too.
var linuxFormats = map[qemu.Sending]string{qemu.Basic: "basic", qemu.Extended: "ext"}

// sendingNames are the ways to send in the names of figures.
var sendingNames = map[qemu.Sending]string{qemu.Basic: "basic", qemu.Extended: "extended", qemu.Alone: "alone", qemu.Answered: "sealed"}

// measureLines counts what a line of 100 bytes costs.
func measureLines(ctx context.Context, r *run) error {
	for _, m := range []machine{e1000, virtio, microvm} {
		for _, s := range qemu.Sendings {
			if err := r.countLine(ctx, m, s); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) countLine(ctx context.Context, m machine, s qemu.Sending) error {
	f := Figure{Name: "line/" + m.name + "/" + sendingNames[s], About: fmt.Sprintf("instructions a line, %s, %v", m.name, s), Wanted: &wanted{Most: mostPlain}, counted: true}
	if s == qemu.Alone || s == qemu.Answered {
		f.Wanted.Most = mostSealed
	}
	r.doing("%s, %v", m.name, s)
	instructions, err := r.lineInstructions(ctx, m, s)
	if err != nil {
		return err
	}
	f.Gasp = samples{instructions}
	if format, ok := linuxFormats[s]; ok && m.linux != "" && r.peers.there() {
		r.doing("%s, %v, Linux", m.name, s)
		if f.Linux, err = r.peers.measure(ctx, "insn_per_msg", "flood.py", "--icount", "--nics", m.linux, "--fmts", format); err != nil {
			return err
		}
	}
	r.add(f)
	return nil
}

// lineInstructions reads e1000's count from the frames, as the kit does. On virtio that depends on the host, and so it does
// with a log host that answers, whom the machine may have to wait for.
func (r *run) lineInstructions(ctx context.Context, m machine, s qemu.Sending) (float64, error) {
	if m.name == e1000.name && s != qemu.Answered {
		image, err := r.image(ctx, demonstration)
		if err != nil {
			return 0, err
		}
		return qemu.CountLine(ctx, image, m.Combination, s)
	}
	image, err := r.image(ctx, measuring)
	if err != nil {
		return 0, err
	}
	return qemu.CountPaced(ctx, image, m.Combination, s)
}
