package qemu

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSetup runs setup.sh where all there is are the programs it calls, and apt-get, sudo and id play the machine.
func TestSetup(t *testing.T) {
	const (
		qemu7 = "echo 'QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)'"
		// apt-get that notes how it was called and, asked to install, does.
		apt      = `echo "apt-get $*" >>"$LOG"; case $* in *install*) printf '#!/bin/sh\n` + `echo QEMU emulator version 8.2.1\n' >"$BIN/qemu-system-x86_64"; chmod +x "$BIN/qemu-system-x86_64";; esac`
		aptFails = `echo "apt-get $*" >>"$LOG"; echo 'E: no network' >&2; exit 100`
		root     = "echo 0"
		user     = "echo 1000"
		sudo     = `echo "sudo $1" >>"$LOG"; shift; exec "$@"`
		sudoAsks = "exit 1"
	)
	for _, c := range []struct {
		name     string
		programs map[string]string
		ok       bool
		says     string
		calls    string // of apt-get and sudo, the words that matter
	}{
		{"all is there", map[string]string{"qemu-system-x86_64": qemu7, "id": user}, true, "", ""},
		{"newer", map[string]string{"qemu-system-x86_64": "echo QEMU emulator version 10.0.2", "id": user}, true, "", ""},
		{"too old", map[string]string{"qemu-system-x86_64": "echo QEMU emulator version 6.2.0", "id": root, "apt-get": apt}, false, "6.2 is too old; at least 7.2", ""},
		{"no version", map[string]string{"qemu-system-x86_64": "exit 1", "id": root}, false, "does not tell a version", ""},
		{"root", map[string]string{"id": root, "apt-get": apt}, true, "installing qemu-system-x86", "update install"},
		{"sudo", map[string]string{"id": user, "sudo": sudo, "apt-get": apt}, true, "installing qemu-system-x86", "sudo sudo update sudo install"},
		{"sudo that asks", map[string]string{"id": user, "sudo": sudoAsks, "apt-get": apt}, false,
			"sudo apt-get update && sudo apt-get install -y --no-install-recommends qemu-system-x86\n", ""},
		{"no sudo", map[string]string{"id": user, "apt-get": apt}, false, "sudo apt-get update", ""},
		{"no apt-get", map[string]string{"id": root}, false, "there is no apt-get here", ""},
		{"no network", map[string]string{"id": root, "apt-get": aptFails}, false, "apt-get install -y --no-install-recommends qemu-system-x86\n", "update install"},
		{"no make either", map[string]string{"id": root, "apt-get": aptFails, "make": ""}, false, "installing make qemu-system-x86", "update install"},
		{"bench: all is there", map[string]string{"qemu-system-x86_64": qemu7, "qemu-x86_64": "true", "id": user}, true, "", ""},
		{"bench: no emulation of processes", map[string]string{"qemu-system-x86_64": qemu7, "id": root, "apt-get": apt}, true, "installing qemu-user\n", "update install"},
		{"no Go", map[string]string{"id": root, "apt-get": apt, "go": ""}, false, "go is not in PATH", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			bin := t.TempDir()
			for _, name := range []string{"sh", "sed", "env", "chmod", "true"} {
				path, err := exec.LookPath(name)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.Symlink(path, filepath.Join(bin, name)); err != nil {
					t.Fatal(err)
				}
			}
			for name, script := range map[string]string{"go": "true", "make": "true"} {
				if _, ok := c.programs[name]; !ok {
					writeScript(t, bin, name, script)
				}
			}
			for name, script := range c.programs {
				if script != "" {
					writeScript(t, bin, name, script)
				}
			}
			log := filepath.Join(bin, "log")
			setup := exec.Command("./setup.sh")
			if strings.HasPrefix(c.name, "bench:") {
				setup.Args = append(setup.Args, "bench")
			}
			setup.Env = []string{"PATH=" + bin, "BIN=" + bin, "LOG=" + log}
			out, err := setup.CombinedOutput()
			if (err == nil) != c.ok || !strings.Contains(string(out), c.says) {
				t.Errorf("setup.sh ended with %v and said %q, which should hold %q", err, out, c.says)
			}
			calls, _ := os.ReadFile(log)
			if got := essence(string(calls)); got != c.calls {
				t.Errorf("it called %q, want %q; all of it:\n%s", got, c.calls, calls)
			}
		})
	}
}

func writeScript(t *testing.T, dir, name, body string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
}

func essence(calls string) string {
	var words []string
	for _, w := range strings.Fields(calls) {
		if w == "sudo" || w == "update" || w == "install" {
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}
