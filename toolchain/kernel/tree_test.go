package kernel

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTree(t *testing.T) {
	const devices = ". .. console% frames% null% random% stderr% stdin% stdout% urandom% zero%"
	long := strings.Repeat("x", maxName+1)
	for _, tt := range []struct {
		name     string
		archives [][]byte
		want     map[string]string // path, with / behind it to list: contents
		damage   Damage            // of the first archive
	}{
		{name: "no archive", want: map[string]string{"/": "./ ../ dev/ tmp/", "/dev/": "./ ../ " + devices[5:], "/x": "ENOENT"}},
		{name: "an empty one", archives: [][]byte{{}}, want: map[string]string{"/": "./ ../ dev/ tmp/"}},
		{
			name:     "as find writes it",
			archives: [][]byte{archive(dir("."), dir("./a"), regular("./a/f", "one"), symlink("./a/l", "f"), end)},
			want:     map[string]string{"/": "./ ../ a/ dev/ tmp/", "/a/": "./ ../ f l@", "/a/f": "one", "/a/l": "one", "/a/l/": "ENOTDIR", "a/../a/./f": "one", "/../a//f": "one"},
		},
		{
			name:     "directories that nobody wrote, names that sort around /",
			archives: [][]byte{archive(regular("a/b/c", "1"), regular("a-b", "2"), regular("a.b/c", "3"), regular("a/b-", "4"), regular("a/b/d/e", "5"), end)},
			want: map[string]string{"/": "./ ../ a/ a-b a.b/ dev/ tmp/", "/a/": "./ ../ b/ b-", "/a/b/": "./ ../ c d/", "/a/b/c": "1", "/a-b": "2", "/a.b/c": "3",
				"/a/b-": "4", "/a/b/d/e": "5", "/a/b": "EISDIR", "/a/bb": "ENOENT", "/a/b/c/d": "ENOTDIR"},
		},
		{
			name:     "later ones replace earlier ones",
			archives: [][]byte{archive(regular("f", "old"), regular("g", "old"), end), archive(regular("f", "new"), regular("h", "new"), regular("h", "newer"), end)},
			want:     map[string]string{"/f": "new", "/g": "old", "/h": "newer", "/": "./ ../ dev/ f g h tmp/"},
		},
		{
			name:     "a file in place of a directory",
			archives: [][]byte{archive(regular("a/f", "old"), end), archive(regular("a", "new"), end)},
			want:     map[string]string{"/a": "new", "/a/f": "ENOTDIR", "/": "./ ../ a dev/ tmp/"},
		},
		{
			name:     "archives in a row",
			archives: [][]byte{slices.Concat(archive(regular("a", "1"), end), make([]byte, 512), archive(regular("b", "2"), end), make([]byte, 300))},
			want:     map[string]string{"/a": "1", "/b": "2"},
		},
		{
			name:     "hard links, the contents with the last",
			archives: [][]byte{archive(hardLink("b", "", 7), hardLink("a", "", 7), hardLink("c", "text", 7), hardLink("other", "x", 8), regular("zero", ""), end)},
			want:     map[string]string{"/a": "text", "/b": "text", "/c": "text", "/other": "x", "/zero": ""},
		},
		{
			name:     "hard links do not leave their archive",
			archives: [][]byte{slices.Concat(archive(hardLink("a", "", 7), end), archive(hardLink("b", "text", 7), end))},
			want:     map[string]string{"/a": "", "/b": "text"},
		},
		{
			name:     "links in circles, to nowhere, to a directory, absolute",
			archives: [][]byte{archive(symlink("x", "y"), symlink("y", "x"), symlink("self", "self/a"), symlink("no", "where"), symlink("d", "a/b"), symlink("up", "/a/../a/b/f"), regular("a/b/f", "1"), end)},
			want:     map[string]string{"/x": "ELOOP", "/self": "ELOOP", "/self/b": "ELOOP", "/no": "ENOENT", "/d/f": "1", "/d/": "./ ../ f", "/d/../b/f": "1", "/up": "1", "/": "./ ../ a/ d@ dev/ no@ self@ tmp/ up@ x@ y@"},
		},
		{
			name: "names that cannot be",
			archives: [][]byte{archive(regular("../etc", "1"), regular("a/../b", "2"), regular("a//b", "3"), regular("a/./b", "4"), regular(long, "5"), regular("", "6"),
				regular("/", "7"), regular("ok", "8"), end)},
			want:   map[string]string{"/": "./ ../ dev/ ok tmp/", "/ok": "8", "/" + long: "ENAMETOOLONG"},
			damage: BadEntry,
		},
		{
			name:     "kinds that cannot be",
			archives: [][]byte{archive(item{name: "pipe", mode: modePipe}, item{name: "null", mode: modeChar, rdev: deviceNull}, item{name: "disk", mode: modeChar, rdev: 0x801}, symlink("l", ""), end)},
			want:     map[string]string{"/": "./ ../ dev/ null% tmp/", "/null": ""},
			damage:   BadEntry,
		},
		{
			name:     "checksums",
			archives: [][]byte{archive(item{name: "a", mode: modeRegular, data: "AB", magic: "070702", check: 'A' + 'B'}, item{name: "b", mode: modeRegular, data: "AB", magic: "070702"}, end)},
			want:     map[string]string{"/a": "AB", "/b": "ENOENT"},
			damage:   BadEntry,
		},
		{name: "without an end", archives: [][]byte{archive(regular("a", "1"))}, want: map[string]string{"/a": "1"}, damage: CutShort},
		{name: "cut in the contents", archives: [][]byte{archive(regular("a", "1"), regular("b", "12345"))[:headerSize*2+12]}, want: map[string]string{"/a": "1", "/b": "ENOENT"}, damage: CutShort},
		{name: "cut in the header", archives: [][]byte{archive(regular("a", "1"), regular("b", "1"))[:headerSize*2]}, want: map[string]string{"/a": "1"}, damage: CutShort},
		{name: "garbage behind a file", archives: [][]byte{slices.Concat(archive(regular("a", "1")), []byte("what?"))}, want: map[string]string{"/a": "1"}, damage: BadHeader},
		{name: "no number", archives: [][]byte{bytes.Replace(archive(regular("a", "1")), []byte("00000001"), []byte("0000000g"), 1)}, want: map[string]string{"/": "./ ../ dev/ tmp/"}, damage: BadHeader},
		{name: "gzip", archives: [][]byte{[]byte("\x1f\x8b\x08\x00rest")}, want: map[string]string{"/": "./ ../ dev/ tmp/"}, damage: Compressed},
		{name: "zstd", archives: [][]byte{[]byte("\x28\xb5\x2f\xfdrest")}, damage: Compressed},
		{name: "an old format", archives: [][]byte{[]byte("070707" + strings.Repeat("0", 100))}, damage: NotAnArchive},
		{name: "text", archives: [][]byte{[]byte("hello")}, damage: NotAnArchive},
		{name: "a size beyond the end", archives: [][]byte{bytes.Replace(archive(regular("a", "")), []byte("00000000000000000000000000000000"), []byte("ffffffff000000000000000000000000"), 1)}, damage: CutShort},
	} {
		s := files(t, tt.archives...)
		for path, want := range tt.want {
			got := ""
			if strings.HasSuffix(path, "/") {
				got = s.list(path)
			} else {
				got = s.read(path)
			}
			if got != want {
				t.Errorf("%s: %.40s is %q, want %q", tt.name, path, got, want)
			}
		}
		if got := s.tree.Damage(0); got != tt.damage {
			t.Errorf("%s: the archive is %q, want %q", tt.name, got, tt.damage)
		}
	}
}

// TestLargeTree finds every file of a tree whose archive is in a random order.
func TestLargeTree(t *testing.T) {
	var items []item
	for i := range 3000 {
		name := strings.Join([]string{string(rune('a' + i*7%26)), string(rune('A' + i*11%23)), strings.Repeat("n", i%5) + string(rune('0'+i%10)), ""}, "/")
		items = append(items, regular(name+string(rune('a'+i/100))+string(rune('a'+i*31%26)), name))
	}
	s := files(t, archive(append(items, end)...))
	for _, i := range items {
		if got := s.read("/" + i.name); got != i.data {
			t.Fatalf("%s is %q, want %q", i.name, got, i.data)
		}
	}
	checkTree(t, &s.tree)
}

func TestWithoutMemoryTheDevicesAreThere(t *testing.T) {
	a := archive(regular("d/f", "1"), end)
	calls := 0
	for _, most := range []int{12, 9} {
		s := &Files{}
		built := s.tree.Build([][]byte{a}, func(n int) []Node {
			if calls++; n > most {
				return nil
			}
			return make([]Node, n)
		}, func([]Node) {})
		s.Start()
		if want := most >= len(deviceNodes)+1; built != want {
			t.Fatalf("with room for %d nodes the tree is %v, want %v", most, built, want)
		}
		if built && (s.read("/dev/null") != "" || s.tree.Damage(0) != TooLarge && s.read("d/f") != "1") {
			t.Errorf("with room for %d nodes: %q, %q, %v", most, s.read("/dev/null"), s.read("/d/f"), s.tree.Damage(0))
		}
	}
}

func TestLongestLinkAndPath(t *testing.T) {
	deep := strings.Repeat("d/", 40) + "f"
	far := strings.Repeat("./", 2040) + "f"
	s := files(t, archive(regular(deep, "deep"), symlink("deep", deep), regular("f", "far"), symlink("far", far), symlink("toofar", strings.Repeat("./", 2048)), end))
	for path, want := range map[string]string{
		"/deep": "deep", "/far": "far", "/toofar": "ENOENT", "far/../" + far: "ENAMETOOLONG", "f/../f": "ENOTDIR",
		strings.Repeat("./", 2047) + "f": "far", strings.Repeat("./", 2048) + "f": "ENAMETOOLONG", "": "ENOENT",
	} {
		if got := s.read(path); got != want {
			t.Errorf("%.20s... is %q, want %q", path, got, want)
		}
	}
	items := []item{regular("l0", "end")}
	for i := range 41 {
		items = append(items, symlink("l"+strings.Repeat("x", i+1), "l"+strings.Repeat("x", i)))
	}
	items[1].data = "l0"
	s = files(t, archive(append(items, end)...))
	if got := s.read("l" + strings.Repeat("x", 40)); got != "end" {
		t.Errorf("40 links in a row give %q", got)
	}
	if got := s.read("l" + strings.Repeat("x", 41)); got != "ELOOP" {
		t.Errorf("41 links in a row give %q", got)
	}
}

// checkTree holds what must be true of any tree.
func checkTree(t *testing.T, tree *Tree) {
	for i := range tree.nodes {
		n := &tree.nodes[i]
		p := slices.Concat([]byte("/"), tree.path(n))
		parent := tree.node(n.parent)
		if int(n.end) <= i || int(n.end) > len(tree.nodes) || i > 0 && (int(n.parent) >= i || parent.end < n.end) {
			t.Fatalf("%q is %d to %d in %d to %d", p, i, n.end, n.parent, parent.end)
		}
		reachable := true
		for a := n; a != &tree.nodes[0]; {
			a = tree.node(a.parent)
			reachable = reachable && a.isDir()
		}
		if got, errno := tree.Lookup(0, p, false); reachable && (errno != 0 || got != uint32(i)) {
			t.Fatalf("%q is found at %d, %v, and not at %d", p, got, errno, i)
		}
		tree.contents(n)
		var st [StatSize]byte
		tree.Stat(uint32(i), &st)
		pos, b := int64(0), make([]byte, 300)
		for range len(tree.nodes) + 3 {
			m, errno := tree.ReadDir(uint32(i), &pos, b)
			if errno != 0 && n.isDir() {
				t.Fatalf("reading %q gives %v", p, errno)
			}
			if m == 0 {
				break
			}
		}
		if int(pos) != int(n.end)+1 && n.isDir() {
			t.Fatalf("reading %q ends at %d, not behind %d", p, pos, n.end)
		}
	}
}

// FuzzTree builds trees of what are no archives.
func FuzzTree(f *testing.F) {
	seeds, err := filepath.Glob("testdata/*.cpio")
	if err != nil || len(seeds) == 0 {
		f.Fatal("no archives in testdata", err)
	}
	for _, name := range seeds {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, []byte{}, "/a/b")
	}
	f.Add(archive(symlink("x", "y"), symlink("y", "x/../x"), end), archive(hardLink("a", "", 1), hardLink("a/b", "1", 1), end), "x/..")
	f.Fuzz(func(t *testing.T, one, two []byte, path string) {
		s := files(t, one, two)
		checkTree(t, &s.tree)
		s.read(path)
		s.list(path)
		s.Access(atCWD, []byte(path), 7, 0)
		s.Change(atCWD, []byte(path), 0, true)
		if s.Chdir([]byte(path)) == 0 {
			s.list(".")
			s.read("../" + path)
		}
	})
}

// TestArchivesOfOtherPrograms reads archives that GNU cpio has made of a
// folder, in both formats.
func TestArchivesOfOtherPrograms(t *testing.T) {
	for _, name := range []string{"gnu.cpio", "crc.cpio"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		s := files(t, b)
		if d := s.tree.Damage(0); d != 0 {
			t.Errorf("%s is %v", name, d)
		}
		for path, want := range map[string]string{"/": "./ ../ dev/ dir/ one tmp/ two", "/dir/": "./ ../ empty/ file link@", "/dir/file": "contents\n", "/dir/link": "contents\n",
			"/one": "shared\n", "/two": "shared\n", "/dir/empty/": "./ ../"} {
			got := ""
			if strings.HasSuffix(path, "/") {
				got = s.list(path)
			} else {
				got = s.read(path)
			}
			if got != want {
				t.Errorf("%s: %s is %q, want %q", name, path, got, want)
			}
		}
	}
}
