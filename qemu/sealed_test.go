package qemu

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gasp/netlog/wire"
)

var sealedKey = wire.Key([]byte("the key of a machine under test."))

// keyDigits is a key as the command line has it.
func keyDigits(k wire.Key) string { return hex.EncodeToString(k[:]) }

// sealedMachines are those that the sealed boots take.
var sealedMachines = []Combination{{Type: "q35", NIC: "e1000"}, {Type: "microvm", NIC: "virtio-net-device"}}

// TestSealedBoot: a machine that seals logs 10,000 lines over a path that loses some, either way, and dies. All of it
// arrives.
func TestSealedBoot(t *testing.T) {
	const lines = 10_000
	image(t)
	for _, m := range sealedMachines {
		for _, rate := range []int{0, 30} {
			t.Run(fmt.Sprintf("%v/%d%%", m, rate), func(t *testing.T) {
				t.Parallel()
				w := &Wire{}
				h := &SealedHost{Key: sealedKey, Wire: w, Rate: rate, Seed: 1}
				w.Deliver = h.Receive
				r := boot(t, m, w, fmt.Sprintf("%s panic=2 console=null gasp.key=%s gasp.lines=%d gasp.crash=nil", netconsole(""), keyDigits(sealedKey), lines))
				exit, err := r.Wait()
				if err != nil || exit.Reason != "guest-reset" {
					t.Errorf("the machine ended with %+v, %v", exit, err)
				}
				counts, log := h.Counts(), h.Log()
				t.Logf("%+v in %v", counts, w.Frames()[len(w.Frames())-1].Time)
				if counts.Strange > 0 || counts.Gone > 0 || h.Missing() > 0 || rate > 0 && counts.Lost == 0 {
					t.Errorf("%+v, %d records are missing", counts, h.Missing())
				}
				next := 1
				for _, r := range log.Ordinary {
					if n, ok := numbered(r.Text, lines); ok && n != next {
						t.Fatalf("record %d is line %d, want line %d", r.Seq, n, next)
					} else if ok {
						next++
					}
				}
				if next-1 != lines {
					t.Errorf("%d of %d lines arrived", next-1, lines)
				}
				if len(log.Reports) != 1 || log.Reports[0].Complete() != "" || !hasTrace(log.Reports[0].Lines, "main.nilDereference(") {
					t.Errorf("the reports are %+v", log.Reports)
				}
				if s := h.Status(); !s.Over || !s.Dying {
					t.Errorf("the last status is %+v", s)
				}
			})
		}
	}
}

// hasNoKey fails the test if the key can be read anywhere.
func hasNoKey(t *testing.T, r *Run, log *Log) {
	t.Helper()
	digits := keyDigits(sealedKey)[:16]
	for _, record := range log.Ordinary {
		if strings.Contains(string(record.Text), digits) {
			t.Errorf("the key is in a record: %q", record.Text)
		}
	}
	if strings.Contains(r.Serial(), digits) {
		t.Error("the key is on the serial line")
	}
}

// TestSealedCrash: a machine that seals dies inside what seals, and the path loses some of it. TestCrash has all classes,
// unsealed.
func TestSealedCrash(t *testing.T) {
	file := image(t)
	for i, class := range []string{"sender", "lock", "crash-headline", "crash-body", "nobus", "hang"} {
		t.Run(class, func(t *testing.T) {
			t.Parallel()
			machinesAtOnce <- struct{}{}
			defer func() { <-machinesAtOnce }()
			crash := slices.IndexFunc(Crashes, func(c Crash) bool { return c.Class == class })
			c := NewCell(&Crashes[crash], sealedMachines[i%len(sealedMachines)], 3, false, -1)
			c.Sealed, c.Loss = true, 20
			checkCell(t, c, file)
		})
	}
}

// TestSealedEnd: a machine that ends as ordered says so, and switches itself off.
func TestSealedEnd(t *testing.T) {
	w := &Wire{}
	h := &SealedHost{Key: sealedKey, Wire: w}
	w.Deliver = h.Receive
	r := boot(t, sealedMachines[0], w, netconsole("")+" gasp.key="+keyDigits(sealedKey))
	if exit, err := r.Wait(); err != nil || !exit.PoweredOff() {
		t.Errorf("the machine ended with %+v, %v", exit, err)
	}
	if s := h.Status(); !s.Over || s.Dying || h.Missing() > 0 || s.Heartbeat != 50 {
		t.Errorf("the last status is %+v, %d records are missing", s, h.Missing())
	}
}

// TestKeyFromElsewhere: QEMU's firmware configuration device has it, on every kind of machine, or the image.
func TestKeyFromElsewhere(t *testing.T) {
	image(t)
	file := filepath.Join(t.TempDir(), "key")
	id := sealedKey.ID()
	text := fmt.Sprintf("# a key file\n%x rack7 %s\n", id, keyDigits(sealedKey))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	firmware := []string{"-fw_cfg", "name=opt/gasp/key,file=" + file}
	baked := filepath.Join(t.TempDir(), "image.elf")
	if err := BuildImage(t.Context(), baked, "./cmd/image", "-key", file); err != nil {
		t.Fatal(err)
	}
	other := sealedKey
	other[0]++
	for name, c := range map[string]struct {
		machine Machine
		key     wire.Key
	}{
		"fw_cfg on q35":           {Machine{Type: "q35", NIC: "e1000", Extra: firmware}, sealedKey},
		"fw_cfg on pc":            {Machine{Type: "pc", NIC: "virtio-net-pci", Extra: firmware}, sealedKey},
		"fw_cfg on microvm":       {Machine{Type: "microvm", NIC: "virtio-net-device", Extra: firmware}, sealedKey},
		"baked":                   {Machine{Type: "q35", NIC: "e1000", Image: baked}, sealedKey},
		"command line and fw_cfg": {Machine{Type: "q35", NIC: "e1000", Extra: firmware, Cmdline: " gasp.key=" + keyDigits(other)}, other},
		"command line and baked":  {Machine{Type: "q35", NIC: "e1000", Image: baked, Cmdline: " gasp.key=" + keyDigits(other)}, other},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &Wire{}
			h := &SealedHost{Key: c.key, Wire: w}
			w.Deliver = h.Receive
			m := c.machine
			m.Wire, m.Cmdline, m.Deadline = w, netconsole("")+m.Cmdline, bootDeadline
			r := bootMachine(t, m)
			if _, err := r.Wait(); err != nil {
				t.Error(err)
			}
			log := h.Log()
			if counts := h.Counts(); counts.Strange > 0 || h.Missing() > 0 || len(log.Reports) != 1 || log.Reports[0].Complete() != "" {
				t.Errorf("%+v, %d missing, %+v", counts, h.Missing(), log.Reports)
			}
			hasNoKey(t, r, log)
		})
	}
}

// TestNothingUnsealed: with a key that cannot be used nothing is sent, and the serial line says why, without the key.
func TestNothingUnsealed(t *testing.T) {
	image(t)
	file := filepath.Join(t.TempDir(), "key")
	digits := keyDigits(sealedKey)
	if err := os.WriteFile(file, []byte(digits[:63]), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		machine Machine
		want    string
	}{
		"a short key":             {Machine{Cmdline: " gasp.key=" + digits[:63]}, "the command line's gasp.key: device key: want 64 hexadecimal digits: nothing is sent"},
		"a short key in fw_cfg":   {Machine{Extra: []string{"-fw_cfg", "name=opt/gasp/key,file=" + file}}, "fw_cfg file opt/gasp/key: device key: want 64 hexadecimal digits: nothing is sent"},
		"no key":                  {Machine{Cmdline: " gasp.key="}, "want 64 hexadecimal digits: nothing is sent"},
		"a line too long":         {Machine{Extra: []string{"-fw_cfg", "name=opt/gasp/key,string=" + strings.Repeat("#", 4097)}}, "too long: nothing is sent"},
		"no source of randomness": {Machine{CPU: "max,-rdrand", Cmdline: " gasp.key=" + digits}, "neither RDRAND nor a virtio entropy device: nothing is sent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &Wire{}
			m := c.machine
			m.Type, m.NIC, m.Wire, m.Deadline = "q35", "e1000", w, bootDeadline
			m.Cmdline = knownStation("+") + m.Cmdline
			r := bootMachine(t, m)
			if _, err := r.Wait(); err != nil {
				t.Error(err)
			}
			if n := len(w.Datagrams()); n > 0 {
				t.Errorf("%d datagrams were sent", n)
			}
			if serial := r.Serial(); !strings.Contains(serial, c.want) || strings.Contains(serial, digits[:16]) {
				t.Errorf("the serial line says %q, want %q, and not the key", serial, c.want)
			}
		})
	}
}
