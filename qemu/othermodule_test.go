package qemu

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// anotherProgram is what somebody's own main package looks like.
const anotherProgram = `package main

import (
	"log/slog"
	"os"

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

// TestOtherModule builds a main package of another module that requires this one, with a command line and a file baked
// in, and boots it with none.
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
	w := &Wire{LogHost: logHost, Hosts: []Host{{Addr: logHost.Addr()}}}
	r := start(t, Machine{Type: "q35", NIC: "virtio-net-pci", Wire: w, Image: filepath.Join(dir, "image")})
	if _, err := r.Wait(); err != nil {
		t.Error(err)
	}
	var headline, line bool
	for _, d := range records(t, w.Datagrams()) {
		headline = headline || bytes.Contains(d.Text, []byte("panic: enough"))
		line = line || bytes.Contains(d.Text, []byte(`text="hello from the image" err=<nil>`))
	}
	if !headline || !line {
		t.Errorf("of the line and the headline arrived: %v, %v; the serial line:\n%s", line, headline, r.Serial())
	}
}
