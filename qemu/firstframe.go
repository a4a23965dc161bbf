package qemu

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"time"
)

// FirstFrame is how far it is from an image's first instruction to its first frame with a record.
type FirstFrame struct {
	// Clock is the virtual time, in ns: an instruction takes one, and a halted CPU lets it run on.
	Clock int `json:"clock"`
	// Executed bounds the number of instructions: it is Clock, or, if that is less, what a whole run executes that goes on
	// to send a few records more and switches the machine off.
	Executed int `json:"executed_at_most"`
}

// firstFrameRun is what the image does: records a second apart, of which the last ones leave at once, so that their
// stamps tell when the image's clock began.
const firstFrameRun = "gasp.run=2 gasp.lines=1"

// CountFirstFrame counts with the demonstration image. If asked is set the log host's MAC has to be asked for with ARP.
func CountFirstFrame(ctx context.Context, image string, machine Combination, asked bool) (f FirstFrame, err error) {
	parameter := Basic.Parameter()
	if asked {
		parameter = netconsole("")
	}
	m := Machine{Type: machine.Type, NIC: machine.NIC, Extra: machine.Extra, Image: image, Icount: true,
		Cmdline: parameter + countedEnd + " " + firstFrameRun, Memory: countedMemory, Deadline: countDeadline}
	var begin time.Duration
	if f.Clock, begin, err = firstFrameClock(ctx, m); err != nil {
		return f, err
	}
	all, err := executed(ctx, m)
	f.Executed = min(all-int(begin), f.Clock)
	return f, err
}

// firstFrameClock gives the virtual time from the image's first instruction to the first frame, and when that was.
func firstFrameClock(ctx context.Context, m Machine) (took int, begin time.Duration, err error) {
	m.Wire = Basic.wire()
	r, err := Start(ctx, m)
	if err != nil {
		return 0, 0, err
	}
	defer r.Close()
	if _, err := r.Wait(); err != nil {
		return 0, 0, err
	}
	datagrams, err := r.captured()
	if err != nil {
		return 0, 0, err
	}
	// No record leaves before it was made, and the one that leaves first after that is next to its stamp.
	for i, d := range datagrams {
		if at, ok := uptime(d.Payload); ok && (i == 0 || d.Time-at < begin) {
			begin = d.Time - at
		}
	}
	if begin == 0 {
		return 0, 0, fmt.Errorf("qemu: %w: no record with a time arrived", errNotCounted)
	}
	return int(datagrams[0].Time - begin), begin, nil
}

// uptime reads the time since boot that a record of the basic format begins with: "[    0.034792] ".
func uptime(payload []byte) (time.Duration, bool) {
	inside, _, ok := bytes.Cut(payload, []byte("] "))
	inside, begins := bytes.CutPrefix(inside, []byte("["))
	seconds, err := strconv.ParseFloat(string(bytes.TrimSpace(inside)), 64)
	return time.Duration(seconds * float64(time.Second)), ok && begins && err == nil
}

// executed runs the machine to its end and gives the number of instructions, the firmware's too.
func executed(ctx context.Context, m Machine) (int, error) {
	m.Wire, m.Executed = Basic.wire(), true
	m.Cmdline += " panic=0"
	r, err := Start(ctx, m)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	return r.Executed(ctx)
}

// executedPoll lies between two looks at whether the machine has ended.
const executedPoll = 50 * time.Millisecond

// Executed waits until a machine with Icount and Executed switches itself off, tells how many instructions its CPU has
// executed since it was switched on, and ends it. The context, and the machine's deadline, bound the wait.
func (r *Run) Executed(ctx context.Context) (int, error) {
	for {
		var status struct{ Status string }
		if err := r.Monitor("query-status", nil, &status); err != nil {
			return 0, err
		}
		if status.Status == "shutdown" {
			break
		}
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-time.After(executedPoll):
		}
	}
	var replay struct {
		Count int `json:"icount"`
	}
	if err := r.Monitor("query-replay", nil, &replay); err != nil {
		return 0, err
	}
	return replay.Count, r.Quit()
}

// FirstFrameTime is the time from the start of QEMU to the first frame with a record, by the host's clock.
func FirstFrameTime(ctx context.Context, image string, machine Combination, asked bool) (time.Duration, error) {
	parameter := Basic.Parameter()
	if asked {
		parameter = netconsole("")
	}
	w := Basic.wire()
	r, err := Start(ctx, Machine{Type: machine.Type, NIC: machine.NIC, Extra: machine.Extra, Wire: w, Image: image,
		Cmdline: parameter + " gasp.run=2 panic=-1", Memory: countedMemory})
	if err != nil {
		return 0, err
	}
	defer r.Close()
	if _, err := r.Wait(); err != nil {
		return 0, err
	}
	if len(w.Datagrams()) == 0 {
		return 0, fmt.Errorf("qemu: %w: nothing arrived", errNotCounted)
	}
	return w.Datagrams()[0].Time, nil
}
