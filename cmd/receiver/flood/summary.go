package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
)

// summary is what came of all.
type summary struct {
	options  *options
	invented *flood
	real     []*sender
	judge    *judge
	receiver *receiver
	metrics  map[string]float64
	disk     disk
	excused  int   // senders that were held up, so that only loss and copies are judged
	err      error // of the metrics
}

// disk is what is stored.
type disk struct {
	folders, files int
	bytes          int64 // that it takes on the disk
}

// measure looks at a folder.
func measure(dir string) (d disk, err error) {
	err = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it was put in place meanwhile
		}
		if err != nil {
			return err
		}
		if e.IsDir() {
			d.folders++
		} else {
			d.files++
		}
		if info, err := e.Info(); err == nil {
			const block = 512 // stat(2), st_blocks
			d.bytes += info.Sys().(*syscall.Stat_t).Blocks * block
		}
		return nil
	})
	return d, err
}

// take looks at the receiver for the last time.
func (s *summary) take(r *receiver) {
	s.receiver = r
	r.PeakMemory()
	s.metrics, s.err = r.metrics()
}

// kernelDrops is what the kernel dropped.
func (s *summary) kernelDrops() (n float64) {
	for name, value := range s.metrics {
		if strings.HasPrefix(name, "socket_dropped_datagrams_total") {
			n += value
		}
	}
	return n
}

// failed returns the senders of which something is amiss, by name.
func (s *summary) failed() (all []*verdict) {
	for _, host := range slices.Sorted(maps.Keys(s.judge.verdicts)) {
		if v := s.judge.verdicts[host]; len(v.problems) > 0 {
			all = append(all, v)
		}
	}
	return all
}

func (s *summary) passed() bool {
	return len(s.failed()) == 0 && s.receiver.PeakMemory() <= int64(s.options.memory)<<20 && s.judge.err == nil && s.err == nil && s.receiver.Err() == nil
}

func (s *summary) write(out io.Writer) {
	f := s.invented
	fmt.Fprintf(out, "%d datagrams of %d invented senders in %.0f s, %.0f a second\n\n", f.sent, min(f.sent, f.sources), f.took.Seconds(), float64(f.sent)/f.took.Seconds())
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "real senders\tnumber\tsaid\tcame\tin logs\tmissing\tsent again\tsenders with something amiss")
	for _, sealed := range []bool{false, true} {
		name, number, said, came, logged, missing, again, amiss := "extended", 0, uint64(0), uint64(0), uint64(0), 0, 0, 0
		if sealed {
			name = "sealed"
		}
		for _, v := range s.judge.verdicts {
			if (v.sender.key != nil) != sealed {
				continue
			}
			number++
			said += v.sender.said
			came += v.came
			logged += v.logged
			missing += v.missing()
			again += v.sender.repairs
			if len(v.problems) > 0 {
				amiss++
			}
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", name, number, said, came, logged, missing, again, amiss)
	}
	t.Flush()
	fmt.Fprintf(out, "\ndropped by the kernel: %.0f; senders that the machine held up within a burst, of whom only loss and copies are judged: %d\n", s.kernelDrops(), s.excused)
	fmt.Fprintf(out, "receiver: %d MiB at most (bound %d MiB), %.0f s of processor time; %d lines of NDJSON; on disk %d MiB in %d files, %d folders\n",
		s.receiver.PeakMemory()>>20, s.options.memory, s.receiver.ProcessorTime().Seconds(), s.judge.lines, s.disk.bytes>>20, s.disk.files, s.disk.folders)
	for _, name := range slices.Sorted(maps.Keys(s.metrics)) {
		if s.metrics[name] != 0 {
			fmt.Fprintf(out, "  %-60s %.0f\n", name, s.metrics[name])
		}
	}
	s.explain(out)
}

// explain says what is amiss.
func (s *summary) explain(out io.Writer) {
	const shown = 10
	failed := s.failed()
	for i, v := range failed {
		if i == shown {
			fmt.Fprintf(out, "\nand %d more senders\n", len(failed)-shown)
			break
		}
		fmt.Fprintf(out, "\n%s (its longest stall: %v):\n", v.sender.host, v.sender.stalled)
		for _, p := range v.problems {
			fmt.Fprintln(out, "  "+p)
		}
		if v.more > 0 {
			fmt.Fprintf(out, "  and %d more\n", v.more)
		}
	}
	for _, err := range []error{s.judge.err, s.err, s.receiver.Err()} {
		if err != nil {
			fmt.Fprintln(out, "\nflood:", err)
		}
	}
	said := strings.Split(strings.TrimSpace(string(s.receiver.Said())), "\n")
	const last = 12
	fmt.Fprintf(out, "\nthe last that the receiver said:\n  %s\n", strings.Join(said[max(0, len(said)-last):], "\n  "))
	if s.passed() {
		fmt.Fprintln(out, "\npassed: nothing of the real senders was lost, doubled or out of place")
	} else {
		fmt.Fprintln(out, "\nFAILED")
	}
}
