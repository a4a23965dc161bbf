package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"gasp/internal/listen"
	"gasp/qemu"
)

// How the rate should compare: with Linux's netconsole, and with what Linux's packet generator sends on the same device.
const (
	timesFaster  = 5
	timesCeiling = 1
)

// rateMachines are what the kit uses.
var rateMachines = []machine{
	{"e1000", qemu.Combination{Type: "pc", NIC: "e1000"}, "e1000"},
	{"virtio", qemu.Combination{Type: "q35", NIC: "virtio-net-pci"}, "virtio"},
}

// measureRate sends as many lines as go, on both sides in turn.
func measureRate(ctx context.Context, r *run) error {
	image, err := r.image(ctx, demonstration)
	if err != nil {
		return err
	}
	for _, m := range rateMachines {
		lines := Figure{Name: "rate/" + m.name + "/lines", About: "lines a second, " + m.name, Wanted: &wanted{Times: timesFaster, More: true}}
		ceiling := Figure{Name: "rate/" + m.name + "/ceiling", About: "beside frames a second of Linux's pktgen", Wanted: &wanted{Times: timesCeiling, More: true}}
		missing := Figure{Name: "rate/" + m.name + "/missing", About: fmt.Sprintf("of %s lines missing", number(float64(r.lines))), Wanted: &wanted{None: true}}
		for i := range r.repeat {
			r.doing("%s, %d of %d", m.name, i+1, r.repeat)
			got, err := flood(ctx, image, m.Combination, r.lines)
			if err != nil {
				return err
			}
			lines.Gasp = append(lines.Gasp, got.perSecond())
			missing.Gasp = append(missing.Gasp, float64(r.lines-got.different))
			if got.dropped > 0 {
				missing.Note = fmt.Sprintf("this host dropped %d: its receive buffer is %d KiB", got.dropped, got.buffer/1024)
			}
			if !r.peers.there() {
				continue
			}
			r.doing("%s, %d of %d, Linux", m.name, i+1, r.repeat)
			linux, err := r.peers.measure(ctx, "wire_rate", "flood.py", "--nics", m.linux, "--boots", "1", "--reps", "1")
			if err != nil {
				return err
			}
			lines.Linux = append(lines.Linux, linux...)
			r.doing("%s, %d of %d, Linux's packet generator", m.name, i+1, r.repeat)
			if linux, err = r.peers.measure(ctx, "guest_pps", "pktgen.py", "--nics", m.linux, "--clones", "1000", "--reps", "1"); err != nil {
				return err
			}
			ceiling.Linux = append(ceiling.Linux, linux...)
		}
		ceiling.Gasp = lines.Gasp
		r.add(lines)
		r.add(ceiling)
		r.add(missing)
	}
	return nil
}

// floodDeadline is for a machine that sends a million lines on a busy host.
const floodDeadline = 5 * time.Minute

// flood has the machine send lines, in the basic format, and receives them from a socket of the loopback device.
func flood(ctx context.Context, image string, m qemu.Combination, lines int) (*flooded, error) {
	got := &flooded{seen: make([]bool, lines+1)}
	l, err := listen.Listen([]string{"127.0.0.1:0"}, listen.Options{Sockets: 1, Keep: floodKeep})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	l.Start(got.take)
	cable := fmt.Sprintf("dgram,local.type=inet,local.host=127.0.0.1,local.port=0,remote.type=inet,remote.host=127.0.0.1,remote.port=%d",
		netip.MustParseAddrPort(l.Addresses()[0]).Port())
	r, err := qemu.Start(ctx, qemu.Machine{Type: m.Type, NIC: m.NIC, Netdev: cable, Image: image, Memory: 256, Accel: "tcg", Deadline: floodDeadline,
		Cmdline: fmt.Sprintf("%s panic=-1 console=null gasp.lines=%d", qemu.Basic.Parameter(), lines)})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if _, err := r.Wait(); err != nil {
		return nil, err
	}
	l.Close() // takes what is still there
	got.dropped, got.buffer = l.Drops(), l.BufferSize()
	if got.different < 2 {
		return nil, errNoLines
	}
	return got, nil
}

const floodKeep = 256 // bytes of a frame

var errNoLines = errors.New("no lines arrived")

// flooded is what has arrived.
type flooded struct {
	seen        []bool // by number
	different   int
	first, last time.Time
	dropped     uint64 // by this host
	buffer      int    // bytes granted to the socket
}

// take is the listener's handler. The number stands in "line 00000001 of ".
func (f *flooded) take(batch []listen.Datagram) {
	for i := range batch {
		_, after, ok := bytes.Cut(batch[i].Data, []byte("line "))
		if !ok || len(after) < 8 {
			continue
		}
		n, err := strconv.Atoi(string(after[:8]))
		if err != nil || n < 1 || n >= len(f.seen) || f.seen[n] {
			continue
		}
		f.seen[n] = true
		if f.different == 0 {
			f.first = batch[i].At
		}
		f.different++
		f.last = batch[i].At
	}
}

func (f *flooded) perSecond() float64 {
	return float64(f.different-1) / f.last.Sub(f.first).Seconds()
}
