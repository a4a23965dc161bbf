package qemu

import (
	"errors"
	"maps"
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
		apt = `echo "apt-get $*" >>"$LOG"; case $* in *install*) for program in x86_64 arm aarch64; do printf '#!/bin/sh\n` +
			`echo QEMU emulator version 8.2.1\n' >"$BIN/qemu-system-$program"; chmod +x "$BIN/qemu-system-$program"; done;; esac`
		aptFails = `echo "apt-get $*" >>"$LOG"; echo 'E: no network' >&2; exit 100`
		root     = "echo 0"
		user     = "echo 1000"
		sudo     = `echo "sudo $1" >>"$LOG"; shift; exec "$@"`
		sudoAsks = "exit 1"
	)
	// What a machine has where everything is there.
	all := map[string]string{"qemu-system-x86_64": qemu7, "qemu-system-arm": qemu7, "qemu-system-aarch64": qemu7, "id": user}
	but := func(more ...string) map[string]string {
		programs := maps.Clone(all)
		for i := 0; i < len(more); i += 2 {
			programs[more[i]] = more[i+1]
		}
		return programs
	}
	const every, everyFirmware = "qemu-system-x86 qemu-system-arm", "ovmf qemu-efi-aarch64"
	firmware := []string{"OVMF/OVMF_CODE_4M.fd", "AAVMF/AAVMF_CODE.fd"}
	for _, c := range []struct {
		name     string
		programs map[string]string
		firmware []string
		ok       bool
		says     string
		calls    string // of apt-get and sudo, the words that matter
	}{
		{"all is there", all, firmware, true, "", ""},
		{"newer", but("qemu-system-x86_64", "echo QEMU emulator version 10.0.2"), firmware, true, "", ""},
		{"other places", all, []string{"edk2/ovmf/OVMF_CODE.fd", "edk2/aarch64/QEMU_EFI-pflash.raw"}, true, "", ""},
		{"too old", but("qemu-system-x86_64", "echo QEMU emulator version 6.2.0", "id", root, "apt-get", apt), firmware, false, "qemu-system-x86_64 6.2 is too old; at least 7.2", ""},
		{"one is too old", but("qemu-system-aarch64", "echo QEMU emulator version 7.1.0"), firmware, false, "qemu-system-aarch64 7.1 is too old", ""},
		{"no version", but("qemu-system-arm", "exit 1"), firmware, false, "qemu-system-arm --version does not tell a version", ""},
		{"root", map[string]string{"id": root, "apt-get": apt}, firmware, true, "installing " + every + "\n", "update install"},
		{"sudo", map[string]string{"id": user, "sudo": sudo, "apt-get": apt}, firmware, true, "installing " + every + "\n", "sudo sudo update sudo install"},
		{"sudo that asks", map[string]string{"id": user, "sudo": sudoAsks, "apt-get": apt}, firmware, false,
			"sudo apt-get update && sudo apt-get install -y --no-install-recommends " + every + "\n", ""},
		{"no sudo", map[string]string{"id": user, "apt-get": apt}, firmware, false, "sudo apt-get update", ""},
		{"no apt-get", map[string]string{"id": root}, firmware, false, "there is no apt-get here", ""},
		{"no network", map[string]string{"id": root, "apt-get": aptFails}, firmware, false, "apt-get install -y --no-install-recommends " + every + "\n", "update install"},
		{"no make either", map[string]string{"id": root, "apt-get": aptFails, "make": ""}, firmware, false, "installing make " + every, "update install"},
		{"no ARM", but("qemu-system-arm", "", "id", root, "apt-get", apt), firmware, true, "installing qemu-system-arm\n", "update install"},
		{"no firmware", but("id", root, "apt-get", apt), nil, true, "installing " + everyFirmware + "\n", "update install"},
		{"no firmware for x86-64", but("id", root, "apt-get", apt), firmware[1:], true, "installing ovmf\n", "update install"},
		{"bench: all is there", but("qemu-x86_64", "true"), firmware, true, "", ""},
		{"bench: no emulation of processes", but("id", root, "apt-get", apt), firmware, true, "installing qemu-user\n", "update install"},
		{"old Go", but("go", "echo go version go1.19.8 linux/amd64"), firmware, false, "go 1.19 is too old; at least 1.21", ""},
		{"new Go", but("go", "echo go version go1.26.8 linux/amd64"), firmware, true, "", ""},
		{"no Go", but("id", root, "apt-get", apt, "go", ""), firmware, false, "go is not in PATH", ""},
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
			share := t.TempDir()
			for _, file := range c.firmware {
				path := filepath.Join(share, file)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, nil, 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			log := filepath.Join(bin, "log")
			setup := exec.Command("./setup.sh")
			if strings.HasPrefix(c.name, "bench:") {
				setup.Args = append(setup.Args, "bench")
			}
			setup.Env = []string{"PATH=" + bin, "BIN=" + bin, "LOG=" + log, "SHARE=" + share}
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
