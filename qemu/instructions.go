package qemu

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"gasp/netlog/wire"
)

// Count is what a report cost, in instructions, to a thousand: QEMU stamps the captured frames to a microsecond of the
// virtual clock, which counts an instruction as a nanosecond.
type Count struct {
	First    int `json:"first"`     // from the frame of the last words to the headline's
	Last     int `json:"last"`      // from the same to the end record's
	Frames   int `json:"frames"`    // of the report, and between headline and end those of the records before it
	PerFrame int `json:"per_frame"` // from one of these to the next
}

// errNotCounted is wrapped by errors about a capture that lacks a frame that the count is made with.
var errNotCounted = errors.New("no count")

// Countable says that the class neither waits for the host nor for time to pass, so that its instructions mean something.
func (c *Crash) Countable() bool { return c.Host == nil && !c.LateARP && c.Params != watchdog }

// CountMachine is where instructions are counted: its frames are captured when the driver hands them over. On virtio QEMU
// takes them off the queue when it gets round to it.
var CountMachine = Combination{Type: "q35", NIC: "e1000"}

// countDeadline is for a machine that counts, several times slower than one that does not.
const countDeadline = 3 * time.Minute

// CountCrash runs the class on q35 with e1000, basic format, and counts the instructions of its report. The serial line,
// whose speed is another matter, is off.
func CountCrash(ctx context.Context, crash *Crash, image string) (Count, error) {
	c := Cell{Crash: crash, Machine: CountMachine, Known: true}
	w := &Wire{LogHost: logHost, Hosts: []Host{{Addr: logHost.Addr()}}}
	r, err := Start(ctx, Machine{Type: c.Machine.Type, NIC: c.Machine.NIC, Wire: w, Image: image, Icount: true,
		Cmdline: c.Cmdline() + " console=null", Memory: cellMemory, Deadline: countDeadline})
	if err != nil {
		return Count{}, err
	}
	defer r.Close()
	if _, err := r.Wait(); err != nil {
		return Count{}, err
	}
	datagrams, err := r.captured()
	if err != nil {
		return Count{}, err
	}
	return countReport(datagrams)
}

// captured gives the datagrams to the log host with their virtual times.
func (r *Run) captured() (datagrams []Datagram, err error) {
	frames, err := r.Capture()
	for _, f := range frames {
		if d, err := f.Datagram(); err == nil && d.Target == logHost {
			datagrams = append(datagrams, d)
		}
	}
	return datagrams, err
}

// countReport finds the frames that a report is measured by.
func countReport(datagrams []Datagram) (c Count, err error) {
	var marker, first, last time.Duration
	for _, d := range datagrams {
		if bytes.Contains(d.Payload, []byte(lastWords)) {
			marker = d.Time
		}
		r, err := wire.Decode(d.Payload, make([]byte, 0, len(d.Payload)+1))
		if err != nil {
			continue
		}
		if _, ok := wire.ParseHeadline(r.Text); ok && first == 0 {
			first = d.Time
		}
		if first != 0 && last == 0 {
			c.Frames++
		}
		if _, ok := wire.ParseEnd(r.Text); ok {
			last = d.Time
		}
	}
	if marker == 0 || first == 0 || last == 0 {
		return Count{}, fmt.Errorf("qemu: %w: the last words, the headline or the end did not arrive, at %v, %v, %v", errNotCounted, marker, first, last)
	}
	if marker > first {
		return Count{}, fmt.Errorf("qemu: %w: the last words were still waiting when the headline was sent", errNotCounted)
	}
	c.First, c.Last = int((first - marker).Nanoseconds()), int((last - marker).Nanoseconds())
	c.PerFrame = (c.Last - c.First) / max(c.Frames-1, 1)
	return c, nil
}
