package qemu

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gasp/netlog/wire"
)

// anotherProgram is what somebody's own main package looks like.
const anotherProgram = `package main

import (
	"log/slog"
	"os"

	_ "another/aaa"

	_ "gasp/board/microvm"
	_ "gasp/board/pc"
	"gasp/netlog"
)

func main() {
	slog.SetDefault(slog.New(netlog.NewHandler(nil)))
	text, err := os.ReadFile("/etc/greeting")
	slog.Info("from another module", "text", string(text), "err", err)
	panic("enough")
}
`

// earlyPackage comes first, wherever the linker has a choice.
const earlyPackage = `package aaa

import "os"

func init() {
	if len(os.Args) > 1 && os.Args[1] == "early" {
		panic("too early")
	}
}
`

// TestOtherModule builds a main package of another module that requires this one, with a command line and a file baked
// in, and boots it with none; then with one that makes it die in an init function.
func TestOtherModule(t *testing.T) {
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	goMod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	goSum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":  strings.Replace(string(goMod), "module gasp", "module another", 1) + "\nrequire gasp v0.0.0\n\nreplace gasp => " + root + "\n",
		"go.sum":  string(goSum),
		"main.go": anotherProgram,

		"aaa/aaa.go":         earlyPackage,
		"files/etc/greeting": "hello from the image",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmdline := netconsole("+") + " panic=-1"
	build := exec.Command("go", "run", "-mod=mod", "gasp/cmd/mkimage", "-o", "image", "-cmdline", cmdline, "-files", "files", ".")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOFLAGS=-mod=mod")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", build, err, said)
	}
	for cmdline, wanted := range map[string][]string{
		"":                    {`text="hello from the image" err=<nil>`, "panic: enough"},
		cmdline + " -- early": {"panic: too early", "another/aaa.init.0"},
	} {
		w := &Wire{LogHost: logHost, Hosts: []Host{{Addr: logHost.Addr()}}}
		r := start(t, Machine{Type: "q35", NIC: "virtio-net-pci", Wire: w, Image: filepath.Join(dir, "image"), Cmdline: cmdline})
		if _, err := r.Wait(); err != nil {
			t.Error(err)
		}
		arrived := records(t, w.Datagrams())
		for _, want := range wanted {
			if !slices.ContainsFunc(arrived, func(r wire.Datagram) bool { return bytes.Contains(r.Text, []byte(want)) }) {
				t.Errorf("with command line %q, %q did not arrive; the serial line:\n%s", cmdline, want, r.Serial())
			}
		}
	}
}
