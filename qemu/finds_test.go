package qemu

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gasp/toolchain"
)

// finds is the image of cmd/finds, built once.
var finds = sync.OnceValues(func() (string, error) {
	file := filepath.Join(buildDir, "finds.elf")
	return file, BuildImage(context.Background(), file, "./cmd/finds")
})

// found boots cmd/finds, which is to say done, and returns what it says: name=value.
func found(t *testing.T, m Machine) map[string]string {
	t.Helper()
	said, ended := saidBy(t, m)
	if !ended {
		t.Fatalf("the program did not come to its end, it said\n%s", strings.Join(said, "\n"))
	}
	values := map[string]string{}
	for _, line := range said {
		if name, value, ok := strings.Cut(line, "="); ok {
			values[name] = value
		}
	}
	return values
}

// saidBy boots cmd/finds, and returns the lines that arrive, and whether the last one
// is done=.
func saidBy(t *testing.T, m Machine) (said []string, ended bool) {
	t.Helper()
	file, err := finds()
	if err != nil {
		t.Fatal(err)
	}
	if m.Image == "" {
		m.Image = file
	}
	w := &Wire{LogHost: logHost, Hosts: []Host{{Addr: logHost.Addr()}}}
	if m.Type == "" {
		m.Type, m.NIC = "q35", "e1000"
	}
	if m.Memory == 0 {
		m.Memory = 256
	}
	m.Wire, m.Cmdline, m.Deadline = w, netconsole("+")+" panic=-1 "+m.Cmdline, bootDeadline
	r := start(t, m)
	if _, err := r.Wait(); err != nil {
		t.Errorf("%v; the serial line ends with:\n%s", err, tail(r.Serial(), 2<<10))
	}
	for _, d := range records(t, w.Datagrams()) {
		line := strings.TrimSpace(string(d.Text))
		said = append(said, line)
		ended = ended || strings.HasPrefix(line, "done=")
	}
	return said, ended
}

// expect compares some of what was found.
func expect(t *testing.T, values, want map[string]string) {
	t.Helper()
	for name, v := range want {
		if values[name] != v {
			t.Errorf("%s is %q, want %q", name, values[name], v)
		}
	}
}

// archive writes a folder's files as an archive for -initrd, and returns its path.
func archive(t *testing.T, dir string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "files.cpio")
	if err := toolchain.WriteArchive(file, dir); err != nil {
		t.Fatal(err)
	}
	return file
}

// folder makes a folder of files: path and contents.
func folder(t *testing.T, texts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range texts {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestProgramFindsFiles(t *testing.T) {
	dir := folder(t, map[string]string{"a/b/x": "some text", "a/name.txt": "relative"})
	at := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	if err := os.Chtimes(filepath.Join(dir, "a/b/x"), at, at); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{"a/link": "b/x", "a/circle": "circle", "a/up": "/a/../a/b"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []Machine{{Type: "q35", NIC: "e1000"}, {Type: "pc", NIC: "virtio-net-pci"}, {Type: "microvm", NIC: "virtio-net-device"}} {
		t.Run(c.Type, func(t *testing.T) {
			c.Extra = []string{"-initrd", archive(t, dir)}
			c.Cmdline = "files / /a /a/b/x /a/link /a/up/x /a/circle /a/none /a/b/x/y PWD=/a/b"
			expect(t, found(t, c), map[string]string{
				"/":         "drwxr-xr-x a,dev,tmp <nil>",
				"/a":        "drwxr-xr-x b,circle,link,name.txt,up <nil>",
				"/a/b/x":    "-rw-r--r-- 9 2001-02-03T04:05:06 some text <nil>",
				"/a/link":   "-rw-r--r-- 9 2001-02-03T04:05:06 some text <nil>",
				"/a/up/x":   "-rw-r--r-- 9 2001-02-03T04:05:06 some text <nil>",
				"/a/circle": "stat /a/circle: too many levels of symbolic links",
				"/a/none":   "stat /a/none: no such file or directory",
				"/a/b/x/y":  "stat /a/b/x/y: not a directory",
				"wd":        "/a/b <nil>",
			})
		})
	}
}

// TestProgramReadsALargeTree gives the machine a large tree, and compares names and contents. Where no loader takes an
// archive, the tree is part of the image.
func TestProgramReadsALargeTree(t *testing.T) {
	h := sha256.New()
	n := 0
	texts := map[string]string{"tree/name.txt": "here"}
	for i := range 400 {
		name := fmt.Sprintf("tree/%c/%d/%s", 'a'+i%7, i%31, strings.Repeat(string(rune('a'+i%26)), 1+i%200))
		texts[name] = strings.Repeat(fmt.Sprintln(i, name), i*3%500)
	}
	dir := folder(t, texts)
	err := filepath.WalkDir(filepath.Join(dir, "tree"), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		n++
		rel, _ := filepath.Rel(dir, path)
		fmt.Fprintln(h, "/"+rel)
		h.Write([]byte(texts[rel]))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"tree": fmt.Sprint(n, " <nil>"), "hash": fmt.Sprintf("%x", h.Sum(nil)), "relative": "here <nil> <nil>"}
	expect(t, found(t, Machine{Cmdline: "walk /tree", Extra: []string{"-initrd", archive(t, dir)}}), want)
	for _, c := range ofThisRun([]Combination{{Type: "mcimx6ul-evk", NIC: "imx.enet", Always: true}, {Type: "virt", NIC: "virtio-net-pci"}}) {
		t.Run(c.String(), func(t *testing.T) {
			kind, err := TypeOf(c.Type)
			if err != nil {
				t.Fatal(err)
			}
			image, err := kind.Build(t.Context(), filepath.Join(t.TempDir(), "baked"), "./cmd/finds", "-files", dir)
			if err != nil {
				t.Fatal(err)
			}
			expect(t, found(t, Machine{Type: c.Type, NIC: c.NIC, Image: image, Cmdline: "walk /tree"}), want)
		})
	}
}

func TestInitrdOverridesFilesOfTheImage(t *testing.T) {
	image := filepath.Join(t.TempDir(), "baked.elf")
	baked := folder(t, map[string]string{"both": "from the image", "one": "from the image"})
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	err = toolchain.Build(t.Context(), toolchain.Options{Package: "./cmd/finds", Output: image, Dir: root, Files: baked, Stderr: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	loaded := archive(t, folder(t, map[string]string{"both": "loaded", "two": "loaded"}))
	values := found(t, Machine{Image: image, Cmdline: "files /both /one /two /", Extra: []string{"-initrd", loaded}})
	for name, want := range map[string]string{"/both": "loaded", "/one": "from the image", "/two": "loaded", "/": "both,dev,one,tmp,two"} {
		if !strings.Contains(values[name], want+" <nil>") {
			t.Errorf("%s is %q, want %q", name, values[name], want)
		}
	}
}

func TestDamagedInitrdIsSaidAndTheRestIsThere(t *testing.T) {
	whole, err := os.ReadFile(archive(t, folder(t, map[string]string{"a": "first", "b": strings.Repeat("second", 1000)})))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, want, a string
		data          []byte
	}{
		{"cut", "initrd: cut short: the rest is missing", "-rw-r--r-- 5", whole[:2000]},
		{"compressed", "initrd: compressed: give the cpio archive as it is", "stat /a: no such", []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00")},
		{"text", "initrd: not a cpio archive in newc format", "stat /a: no such", []byte("hello")},
	} {
		file := filepath.Join(t.TempDir(), "initrd")
		if err := os.WriteFile(file, tt.data, 0o644); err != nil {
			t.Fatal(err)
		}
		said, ended := saidBy(t, Machine{Cmdline: "files /a", Extra: []string{"-initrd", file}})
		if !ended || !slices.Contains(said, tt.want) || !slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, "/a="+tt.a) }) {
			t.Errorf("%s: the program ended (%v) and said\n%s", tt.name, ended, strings.Join(said, "\n"))
		}
	}
}

func TestProgramFindsArgumentsAndEnvironment(t *testing.T) {
	values := found(t, Machine{Cmdline: `args word A="two words" GOGC=42 GOMEMLIMIT=100MiB TZ=Asia/Tokyo gasp.own=1 some.module=2 -- -test.v B=3 --`})
	expect(t, values, map[string]string{
		"args": "6 [gasp args word -test.v B=3 --]", "A": "two words true", "GOGC": "42 true", "TZ": "Asia/Tokyo true", "HOME": "/ true",
		"GOTRACEBACK": "all true", "own": "1 true", "runtime": "42 false 1",
	})
}

func TestProgramFindsTimeZones(t *testing.T) {
	expect(t, found(t, Machine{Cmdline: "zone"}), map[string]string{"local": "12:00 UTC", "tokyo": "21:00 JST", "load": "<nil>"})
	expect(t, found(t, Machine{Cmdline: "zone TZ=Europe/Vienna"}), map[string]string{"local": "14:00 CEST", "tokyo": "21:00 JST"})
}

func TestProgramFindsPipesSignalsAndProcess(t *testing.T) {
	for _, cpus := range []string{"1", "4"} {
		expect(t, found(t, Machine{Cmdline: "pipe", Extra: []string{"-smp", cpus}}), map[string]string{
			"pipe": "true <nil>", "deadline": "true", "broken": "true", "blocking": "late <nil> <nil>",
		})
	}
	expect(t, found(t, Machine{Cmdline: "signal"}), map[string]string{"quiet": "true", "kill": "user defined signal 1 <nil>", "context": "true <nil>"})
	expect(t, found(t, Machine{Cmdline: "process hostname=fan7"}), map[string]string{
		"hostname": "fan7 <nil>", "ids": "1 0 0", "rusage": "<nil> true true", "files": "1024 <nil>", "page": "4096",
	})
}

func TestWhatCannotBeFailsClearly(t *testing.T) {
	const noSockets = "no network stack in this image: import gasp/netstack"
	expect(t, found(t, Machine{Cmdline: "errors"}), map[string]string{
		"open": "open /nothing: no such file or directory", "create": "open /new: read-only file system", "dir": "open /dev: is a directory",
		"mkdir": "mkdir /d: read-only file system", "exists": "mkdir /dev: file exists", "remove": "remove /dev/null: read-only file system",
		"rename": "rename /dev/null /x: read-only file system", "chmod": "chmod /dev: read-only file system", "temp": "true",
		"executable": "readlink /proc/self/exe: no such file or directory", "listen": "listen tcp 127.0.0.1:80: " + noSockets,
		"dial": "dial udp 10.0.2.2:53: " + noSockets, "exec": "fork/exec /bin/true: function not implemented", "mmap": "no such device",
		"close": "bad file descriptor", "null": "<nil>", "stdin": "<nil> true", "eof": "0 EOF", "lookup": "lookup example.invalid on [::1]:53: dial udp [::1]:53: " + noSockets,
	})
}

// TestEntropy draws random numbers on machines with and without a source of them.
func TestEntropy(t *testing.T) {
	good := map[string]string{"random": "true true", "urandom": "true <nil>"}
	expect(t, found(t, Machine{Cmdline: "crypto"}), good)
	said, ended := saidBy(t, Machine{Cmdline: "crypto", CPU: "qemu64"})
	if text := strings.Join(said, "\n"); ended || !strings.Contains(text, "fatal error: crypto/rand: failed to read random data") {
		t.Errorf("without a source the program ended (%v) and said\n%s", ended, text)
	}
	for _, m := range []Machine{
		{Type: "q35", NIC: "e1000", Extra: []string{"-device", "virtio-rng-pci"}},
		{Type: "pc", NIC: "e1000", Extra: []string{"-device", "virtio-rng-pci,disable-modern=on"}},
		{Type: "microvm", NIC: "virtio-net-device", Extra: []string{"-device", "virtio-rng-device"}},
		{Type: "microvm", NIC: "virtio-net-device", Extra: []string{"-device", "virtio-rng-device", "-global", "virtio-mmio.force-legacy=false"}},
	} {
		m.Cmdline, m.CPU = "crypto", "qemu64"
		expect(t, found(t, m), good)
	}
	expect(t, found(t, Machine{Cmdline: "process", CPU: "qemu64"}), map[string]string{"page": "4096"})
}
