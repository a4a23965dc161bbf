package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// unit is the service's file.
const unit = "../../dist/gasp-receiver.service"

// settings reads a unit: all values of a name, by name.
func settings(t *testing.T) map[string][]string {
	t.Helper()
	b, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for line := range strings.Lines(string(b)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(line, "#") {
			all[name] = append(all[name], value)
		}
	}
	return all
}

func TestTheServiceStartsTheReceiverWithFlagsThatItHas(t *testing.T) {
	all := settings(t)
	words := strings.Fields(strings.Join(all["ExecStart"], " "))
	if len(words) < 2 || words[1] != commands()[0].name {
		t.Fatalf("ExecStart is %q", words)
	}
	var messages bytes.Buffer
	o, _, ok := parseOptions(words[2:], &messages)
	if !ok {
		t.Fatalf("the receiver refuses %q: %s", words[2:], messages.String())
	}
	if want := "%S/" + strings.Join(all["StateDirectory"], " "); o.dir != want {
		t.Errorf("it stores in %s, and may in %s", o.dir, want)
	}
	for _, address := range append([]string{o.metrics}, o.listen...) {
		_, port, err := net.SplitHostPort(address)
		if n, _ := strconv.Atoi(port); err != nil || n < 1024 {
			t.Errorf("%s needs a right that the service does not have", address)
		}
	}
	if o.colour != "never" || !o.quiet {
		t.Error("the journal gets colours, or every record")
	}
	if code := strings.Join(all["RestartPreventExitStatus"], " "); code != strconv.Itoa(exitUsage) {
		t.Errorf("exit code %s is wrong usage, not %d", code, exitUsage)
	}
}

func TestTheServiceGivesNoRights(t *testing.T) {
	all := settings(t)
	for name, want := range map[string]string{
		"DynamicUser": "yes", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "CapabilityBoundingSet": "", "AmbientCapabilities": "",
	} {
		if got := all[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// maxExposure is what systemd-analyze security may say at most, in tenths: it calls up to 20 safe.
const maxExposure = "14"

func TestTheServiceIsSoundToSystemd(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd-analyze to ask (apt-get install systemd): ", err)
	}
	b, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	// It looks for the program, too.
	text := strings.Replace(string(b), "ExecStart=/usr/local/bin/gasp-receiver", "ExecStart="+binary, 1)
	path := filepath.Join(t.TempDir(), filepath.Base(unit))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"verify", "--man=no", path},
		{"security", "--offline=yes", "--no-pager", "--threshold=" + maxExposure, path},
	} {
		out, err := exec.Command(analyze, args...).CombinedOutput()
		if err != nil || args[0] == "verify" && len(out) > 0 {
			t.Errorf("systemd-analyze %s: %v\n%s", args[0], err, out)
		}
	}
}
