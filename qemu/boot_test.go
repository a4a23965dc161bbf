package qemu

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gasp/netlog/wire"
)

// overCombinations runs a test on the machines of this test run.
func overCombinations(t *testing.T, test func(t *testing.T, c Combination)) {
	for _, c := range ofThisRun(Combinations) {
		t.Run(c.String(), func(t *testing.T) { test(t, c) })
	}
}

// ofThisRun gives the machines that are always tested, or with GASP_FULL=1 all.
func ofThisRun(machines []Combination) []Combination {
	full := os.Getenv("GASP_FULL") == "1"
	return slices.DeleteFunc(slices.Clone(machines), func(c Combination) bool { return !c.Always && !full })
}

// onceFor is a program's file for the machines of a type, by suffix, built once.
func onceFor(name, pkg string) map[string]func() (string, error) {
	files := map[string]func() (string, error){}
	for _, t := range MachineTypes {
		files[t.Suffix] = sync.OnceValues(func() (string, error) {
			return t.Build(context.Background(), filepath.Join(buildDir, name), pkg)
		})
	}
	return files
}

// demonstration is cmd/image.
var demonstration = onceFor("image", "./cmd/image")

// buildDir lives as long as the test process.
var buildDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "gasp-image-")
	if err != nil {
		panic(err)
	}
	buildDir = dir
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// image returns the demonstration image of a PC.
func image(t *testing.T) string {
	t.Helper()
	return imageFor(t, CountMachine)
}

// imageFor returns the demonstration image that a machine boots, and makes go test's cache depend on what it is built from.
func imageFor(t *testing.T, c Combination) string {
	t.Helper()
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	// go test remembers which files a test has looked at, but not what a child of it compiles.
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == ".git" || path == filepath.Join(root, "build")) {
			return fs.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	file, err := demonstration[c.Suffix()]()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// bootDeadline is for a machine that boots, writes 10,000 lines and ends: a few seconds on a host with time to spare.
const bootDeadline = 45 * time.Second

// boot starts the demonstration image with a wire that leads to the log host.
func boot(t *testing.T, c Combination, w *Wire, cmdline string) *Run {
	t.Helper()
	return bootMachine(t, Machine{Type: c.Type, NIC: c.NIC, Extra: c.Extra, Wire: w, Cmdline: strings.Join(append(c.words(), cmdline), " "), Deadline: bootDeadline + c.firmware()})
}

// bootMachine is boot for a machine that differs in more.
func bootMachine(t *testing.T, m Machine) *Run {
	t.Helper()
	w := m.Wire
	w.LogHost = logHost
	w.Hosts = append(w.Hosts, Host{Addr: logHost.Addr()})
	if m.Image == "" {
		m.Image = imageFor(t, Combination{Type: m.Type})
	}
	r := start(t, m)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s; %+v\nQEMU says: %s\nthe serial line ends with:\n%s", m.Cmdline, w.Counts(), r.Messages(), tail(r.Serial(), 2<<10))
		}
	})
	return r
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

// records decodes what has arrived at the log host. A datagram that does not decode fails the test.
func records(t *testing.T, datagrams []Datagram) []wire.Datagram {
	t.Helper()
	var all []wire.Datagram
	for i, d := range datagrams {
		r, err := wire.Decode(d.Payload, make([]byte, 0, len(d.Payload)+1))
		if err != nil {
			t.Fatalf("datagram %d is no record: %v: %q", i, err, d.Payload)
		}
		all = append(all, r)
	}
	return all
}

// TestCombinations starts all of them without an image, whatever this test run boots: QEMU must know them.
func TestCombinations(t *testing.T) {
	for _, c := range Combinations {
		r, err := Start(t.Context(), Machine{Type: c.Type, NIC: c.NIC, Extra: c.Extra, Wire: &Wire{}})
		if err != nil {
			t.Errorf("%v: %v", c, err)
			continue
		}
		r.Close()
	}
}

// TestBoot boots every machine, which logs many lines and powers off: all arrive, in order, once.
func TestBoot(t *testing.T) {
	const lines = 10000
	overCombinations(t, func(t *testing.T, c Combination) {
		for _, format := range []string{"", "+"} {
			t.Run(map[string]string{"": "basic", "+": "extended"}[format], func(t *testing.T) {
				w := &Wire{}
				r := boot(t, c, w, fmt.Sprintf("%s loglevel=8 gasp.lines=%d", netconsole(format), lines))
				exit, err := r.Wait()
				if err != nil || !exit.PoweredOff() {
					t.Errorf("the machine ended with %+v, %v, not by powering off", exit, err)
				}
				if counts := w.Counts(); counts.Bad > 0 || counts.Missed > 0 {
					t.Errorf("%d frames have a wrong length or checksum, %d were lost by this host", counts.Bad, counts.Missed)
				}
				received := records(t, w.Datagrams())
				checkSequence(t, received)
				next := 1
				for i, record := range received {
					if record.Extended != (format == "+") {
						t.Fatalf("datagram %d is in the wrong format: %q", i, w.Datagrams()[i].Payload)
					}
					number, ok := numbered(record.Text, lines)
					if ok && number != next {
						t.Fatalf("datagram %d is line %d, expected was line %d", i, number, next)
					}
					if ok {
						next++
					}
				}
				if next-1 != lines {
					t.Errorf("%d of %d lines arrived", next-1, lines)
				}
			})
		}
	})
}

// checkSequence fails the test if the sequence numbers of extended records have a gap.
func checkSequence(t *testing.T, received []wire.Datagram) {
	t.Helper()
	for i := 1; i < len(received); i++ {
		before, r := received[i-1], received[i]
		if r.Extended && before.Extended && r.FragTotal == 0 && r.Seq != before.Seq+1+r.Skip {
			t.Fatalf("record %d follows record %d", r.Seq, before.Seq)
		}
	}
}
