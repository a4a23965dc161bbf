package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"gasp/netlog/wire"
	"gasp/qemu"
	"gasp/toolchain/kernel"
)

// Where the machine and the log host are on the wire.
var (
	guest   = netip.MustParseAddrPort("10.0.2.15:6665")
	logHost = netip.MustParseAddrPort("10.0.2.2:6666")
	station = qemu.Host{Addr: logHost.Addr()}
)

const (
	machineMemory = 1024 // MiB
	maxTail       = 2 << 10
	// testTimeoutShare of the deadline is when package testing itself gives up, and says what runs.
	testTimeoutShare = 0.8
)

// selection says which tests of an image to run, as go test takes it. Empty fields choose all.
type selection struct {
	run, skip string
	short     bool
}

// outcome is what one boot showed.
type outcome struct {
	events   *events
	died     string   // how the machine ended, "" if with an exit status
	timedOut bool     // it did not end, or package testing ended it because of that
	status   int      // of the test program
	lost     string   // what is missing of the output, "" if nothing is
	crash    []string // the lines of the report, if the machine died
}

// commandLine is the machine's. dir and root are the package's folder and GOROOT: Linux's rule for init makes variables of
// the environment of what the machine does not know, and arguments of what stands behind --.
func commandLine(dir, root string, s selection, deadline time.Duration) (string, error) {
	words := []string{
		fmt.Sprintf("netconsole=+%d@%s/,%d@%s/%s", guest.Port(), guest.Addr(), logHost.Port(), logHost.Addr(), station.Hardware()),
		"panic=-1", "console=null", "PWD=" + dir, "GOROOT=" + root, "--",
		"-test.v=test2json", fmt.Sprintf("-test.timeout=%v", time.Duration(testTimeoutShare*float64(deadline)).Round(time.Second)),
	}
	if s.short {
		words = append(words, "-test.short")
	}
	if s.run != "" {
		words = append(words, "-test.run="+s.run)
	}
	if s.skip != "" {
		words = append(words, "-test.skip="+s.skip)
	}
	line := strings.Join(words, " ")
	if len(line) > kernel.MaxLine {
		return "", fmt.Errorf("the command line of %d bytes is longer than %d: %w", len(line), kernel.MaxLine, errLine)
	}
	return line, nil
}

var errLine = errors.New("too many tests are left out")

// boot runs the tests of an image, with the files of an archive beside it unless that is "".
func boot(ctx context.Context, machine *qemu.MachineType, image, archive, cmdline string, cpus int, deadline time.Duration) (*outcome, error) {
	w := &qemu.Wire{LogHost: logHost, Hosts: []qemu.Host{station}}
	m := qemu.Machine{Type: machine.Name, NIC: machine.NIC, Image: image, Memory: machineMemory, Wire: w, Deadline: deadline,
		Cmdline: cmdline, Seed: machine.NewSeed(), Extra: []string{"-smp", strconv.Itoa(cpus)}}
	if archive != "" {
		m.Extra = append(m.Extra, "-initrd", archive)
	}
	run, err := qemu.Start(ctx, m)
	if err != nil {
		return nil, err
	}
	defer run.Close()
	_, err = run.Wait()
	if err != nil && !errors.Is(err, qemu.ErrDeadline) {
		return nil, err
	}
	o := read(qemu.ReadLog(w.Datagrams()))
	switch {
	case w.Counts().Missed > 0:
		o.lost = fmt.Sprintf("%d frames were lost by this host", w.Counts().Missed)
	case err != nil:
		o.died = fmt.Sprintf("no end within %v\nthe serial line ends with:\n%s", deadline, tail(run.Serial()))
		o.timedOut = true
	}
	return o, nil
}

// read makes an outcome of what arrived at the log host.
func read(log *qemu.Log) *outcome {
	o := &outcome{events: newEvents(), status: -1, died: "the machine ended without a report"}
	var line []byte
	for i, r := range log.Ordinary {
		if i > 0 {
			before := log.Ordinary[i-1]
			if missing := r.Seq - before.Seq - 1 - r.Skip; missing > 0 && len(log.Reports) == 0 || missing > 0 && r.Seq < log.Reports[0].Number {
				o.lost = fmt.Sprintf("%d records before number %d did not arrive", missing, r.Seq)
			}
			if !r.Cont {
				o.events.line(string(line))
				line = line[:0]
			}
		}
		line = append(line, r.Text...)
	}
	o.events.line(string(line))
	if len(log.Problems) > 0 {
		o.lost = log.Problems[0]
	}
	for i := range log.Reports {
		report := &log.Reports[i]
		if report.Headline.Form != wire.Crash {
			continue
		}
		if missing := report.Complete(); missing != "" {
			o.lost = missing
		}
		o.died = string(report.Headline.Cause)
		if status, ok := strings.CutPrefix(o.died, "exit status "); ok {
			if n, err := strconv.Atoi(status); err == nil {
				o.status, o.died = n, ""
			}
		}
		o.timedOut = strings.HasPrefix(o.died, "panic: test timed out")
		o.crash = report.Lines
		break
	}
	if o.died == "" && o.events.Final == "" && len(o.events.suspects()) > 0 {
		o.died = fmt.Sprintf("exit status %d in the middle of a test", o.status)
	}
	return o
}

// tail is the end of what went to the serial line: all that is known of a machine that died before it had a network.
func tail(s string) string { return s[max(0, len(s)-maxTail):] }
