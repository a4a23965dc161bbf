package disk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func someFiles() []File {
	return []File{
		{"EFI/BOOT/BOOTX64.EFI", bytes.Repeat([]byte("x86 "), 700_001)},
		{"EFI/BOOT/BOOTAA64.EFI", []byte("arm64")},
		{"EFI/BOOT/gasp.txt", []byte("panic=-1\n")},
		{"EFI/empty", nil},
		{"readme.TXT", bytes.Repeat([]byte{7}, sector)},
	}
}

// A reader reads a FAT32 file system, as the specification says and not as the package does it.
type reader struct {
	b    []byte
	fat  int
	data int
}

func (r reader) chain(cluster uint32) (out []byte) {
	for cluster < 0x0ffffff8 {
		out = append(out, r.b[r.data+int(cluster-2)*512:][:512]...)
		cluster = binary.LittleEndian.Uint32(r.b[r.fat+4*int(cluster):]) & 0x0fffffff
	}
	return out
}

func (r reader) files(cluster, parent uint32, prefix string, found map[string][]byte, t *testing.T) {
	le := binary.LittleEndian
	for e := r.chain(cluster); len(e) >= 32 && e[0] != 0; e = e[32:] {
		first, size := uint32(le.Uint16(e[20:]))<<16|uint32(le.Uint16(e[26:])), le.Uint32(e[28:])
		base, extension := strings.TrimSpace(string(e[:8])), strings.TrimSpace(string(e[8:11]))
		if e[12]&0x08 != 0 {
			base = strings.ToLower(base)
		}
		if e[12]&0x10 != 0 {
			extension = strings.ToLower(extension)
		}
		name := strings.TrimSuffix(base+"."+extension, ".")
		switch {
		case e[11] == 0x08:
		case base == ".":
			if first != cluster {
				t.Errorf("%s: . is cluster %d, want %d", prefix, first, cluster)
			}
		case base == "..":
			if first != parent {
				t.Errorf("%s: .. is cluster %d, want %d", prefix, first, parent)
			}
		case e[11] == 0x10:
			own := cluster
			if prefix == "" {
				own = 0
			}
			r.files(first, own, prefix+name+"/", found, t)
		case size == 0:
			found[prefix+name] = nil
		default:
			found[prefix+name] = r.chain(first)[:size]
		}
	}
}

func TestWhatIsOnTheDisk(t *testing.T) {
	disk, err := Image(someFiles())
	if err != nil {
		t.Fatal(err)
	}
	le := binary.LittleEndian
	last := uint64(len(disk)/512 - 1)
	for _, at := range []uint64{1, last} {
		h := bytes.Clone(disk[at*512:][:92])
		sum := le.Uint32(h[16:])
		copy(h[16:20], make([]byte, 4))
		list := disk[le.Uint64(h[72:])*512:][:128*128]
		if string(h[:8]) != "EFI PART" || crc32.ChecksumIEEE(h) != sum || crc32.ChecksumIEEE(list) != le.Uint32(h[88:]) || le.Uint64(h[24:]) != at || le.Uint64(h[32:]) != last+1-at {
			t.Errorf("sector %d holds no header of a partition table: %x", at, h)
		}
	}
	entry := disk[2*512:]
	first, end := le.Uint64(entry[32:]), le.Uint64(entry[40:])
	if disk[450] != 0xee || disk[510] != 0x55 || first%2048 != 0 || end >= last-32 {
		t.Fatalf("the partition is %d to %d of %d", first, end, last)
	}
	p := disk[first*512 : (end+1)*512]
	tableSectors := int(le.Uint32(p[36:]))
	r := reader{p, 32 * 512, (32 + 2*tableSectors) * 512}
	clusters := (len(p) - r.data) / 512
	if clusters < 65525 || tableSectors*128 < clusters+2 || int(le.Uint32(p[32:]))*512 != len(p) || le.Uint32(p[28:]) != uint32(first) {
		t.Errorf("%d clusters in tables of %d sectors are no FAT32", clusters, tableSectors)
	}
	if size := tableSectors * 512; !bytes.Equal(p[r.fat:][:size], p[r.fat+size:][:size]) || !bytes.Equal(p[:1024], p[6*512:][:1024]) {
		t.Error("the copies differ")
	}
	found := map[string][]byte{}
	r.files(le.Uint32(p[44:]), 0, "", found, t)
	for _, f := range someFiles() {
		if got, ok := found[f.Path]; !ok || !bytes.Equal(got, f.Data) {
			t.Errorf("%s has %d bytes (there: %v), want %d", f.Path, len(got), ok, len(f.Data))
		}
		delete(found, f.Path)
	}
	for name := range found {
		t.Errorf("there is %s too", name)
	}
}

func TestEqualFilesMakeEqualDisks(t *testing.T) {
	a, err := Image(someFiles())
	if err != nil {
		t.Fatal(err)
	}
	b, _ := Image(someFiles())
	if !bytes.Equal(a, b) {
		t.Error("two disks of the same files differ")
	}
	other := someFiles()
	other[1].Data = []byte("arm65")
	c, _ := Image(other)
	if bytes.Equal(a[512:1024], c[512:1024]) {
		t.Error("disks of different files have the same identifier")
	}
}

func TestFilesThatAreNoneOfADisk(t *testing.T) {
	for _, path := range []string{"", "/EFI", "EFI//a", "toolongname", "a.html", "a.b.c", "mIxed", "ü", "a b", ".txt"} {
		if _, err := Image([]File{{path, nil}}); !errors.Is(err, ErrName) {
			t.Errorf("%q: %v, want ErrName", path, err)
		}
	}
	if _, err := Image([]File{{"A", nil}, {"a", nil}}); err == nil {
		t.Error("a name is there twice")
	}
}

func TestFoldersOfSeveralClusters(t *testing.T) {
	var files []File
	for i := range 100 {
		files = append(files, File{fmt.Sprintf("A/B/F%d", i), []byte{byte(i)}})
	}
	disk, err := Image(files)
	if err != nil {
		t.Fatal(err)
	}
	p := disk[mib:]
	r := reader{p, 32 * 512, (32 + 2*int(binary.LittleEndian.Uint32(p[36:]))) * 512}
	found := map[string][]byte{}
	r.files(binary.LittleEndian.Uint32(p[44:]), 0, "", found, t)
	if len(found) != len(files) {
		t.Errorf("%d files, want %d", len(found), len(files))
	}
}

// TestOthersReadIt asks the tools of dosfstools, mtools and gdisk, as far as they are there.
func TestOthersReadIt(t *testing.T) {
	disk, err := Image(someFiles())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	whole, part := filepath.Join(dir, "disk"), filepath.Join(dir, "partition")
	if err := errors.Join(os.WriteFile(whole, disk, 0o600), os.WriteFile(part, disk[mib:len(disk)-mib], 0o600)); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, tt := range []struct{ command, want string }{
		{"sgdisk -v " + whole, "No problems found"},
		{"fsck.vfat -n " + part, "8 files"}, // folders count
		{"mtype -i " + part + " ::/EFI/BOOT/gasp.txt", "panic=-1"},
	} {
		words := strings.Fields(tt.command)
		if _, err := exec.LookPath(words[0]); err != nil {
			continue
		}
		asked++
		out, err := exec.Command(words[0], words[1:]...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), tt.want) {
			t.Errorf("%s: %v\n%s", tt.command, err, out)
		}
	}
	if asked == 0 {
		t.Skip("neither sgdisk nor fsck.vfat nor mtype is installed")
	}
}
