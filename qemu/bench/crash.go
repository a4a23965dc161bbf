package main

import (
	"context"
	"fmt"
	"slices"

	"gasp/qemu"
)

// A countedCrash is a class that is counted, and the kind of the kit's that is like it.
type countedCrash struct{ class, linux string }

var countedCrashes = []countedCrash{{"nil", "null"}, {"panic", ""}, {"deep", ""}, {"ud", ""}, {"unlock", ""}}

// stampGrain is the grain of a frame's stamp, in instructions.
const stampGrain = 1000

// measureCrashes counts the instructions of crash reports on e1000, from the last line logged before, in the basic format.
func measureCrashes(ctx context.Context, r *run) error {
	for _, c := range countedCrashes {
		if err := r.countCrash(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) countCrash(ctx context.Context, c countedCrash) error {
	r.doing("%s", c.class)
	image, err := r.image(ctx, demonstration)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(qemu.Crashes, func(known qemu.Crash) bool { return known.Class == c.class })
	count, err := qemu.CountCrash(ctx, &qemu.Crashes[i], image)
	if err != nil {
		return err
	}
	var first, per samples
	if c.linux != "" && r.peers.there() {
		r.doing("%s, Linux", c.class)
		rows, err := r.peers.rows(ctx, "crash.py", "--icount", "--nics", e1000.linux, "--kinds", c.linux, "--reps", "2")
		if err != nil {
			return err
		}
		first, per = thousands(rows, "first_kinsn"), thousands(rows, "kinsn_per_frame")
	}
	r.add(Figure{Name: "crash/" + c.class + "/first", About: "instructions to a report's first frame, " + c.class,
		Gasp: samples{float64(count.First)}, Linux: first, counted: true, grain: stampGrain})
	r.add(Figure{Name: "crash/" + c.class + "/last", About: fmt.Sprintf("instructions to the last of its %d, %s", count.Frames, c.class),
		Gasp: samples{float64(count.Last)}, counted: true, grain: stampGrain})
	r.add(Figure{Name: "crash/" + c.class + "/frame", About: "instructions a frame of it, " + c.class, Gasp: samples{float64(count.PerFrame)}, Linux: per, counted: true})
	return nil
}

// thousands are the values of a field that counts thousands of instructions.
func thousands(rows []row, field string) (values samples) {
	for _, r := range rows {
		if v, ok := r.number(field); ok {
			values = append(values, 1000*v)
		}
	}
	return values
}
