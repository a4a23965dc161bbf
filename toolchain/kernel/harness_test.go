package kernel

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// An item is an entry of an archive under test.
type item struct {
	name  string
	mode  uint32
	data  string
	ino   uint32
	nlink uint32
	rdev  uint32 // major<<8 | minor
	magic string // 070701 unless given
	check uint32
}

func dir(name string) item           { return item{name: name, mode: modeDir | 0o755} }
func regular(name, data string) item { return item{name: name, mode: modeRegular | 0o644, data: data} }
func symlink(name, target string) item {
	return item{name: name, mode: modeSymlink | 0o777, data: target}
}

func hardLink(name, data string, ino uint32) item {
	return item{name: name, mode: modeRegular | 0o644, data: data, ino: ino, nlink: 2}
}

// end is the entry that ends an archive.
var end = item{name: trailer}

// archive writes items as newc, without an end of its own.
func archive(items ...item) []byte {
	var b bytes.Buffer
	pad := func() { b.Write(make([]byte, -b.Len()&3)) }
	for _, i := range items {
		magic := i.magic
		if magic == "" {
			magic = "070701"
		}
		fmt.Fprintf(&b, "%s%08x%08x%08x%08X%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\x00", magic, i.ino, i.mode, 0, 0,
			max(1, i.nlink), 1_000_000_000, len(i.data), 0, 0, i.rdev>>8, i.rdev&0xff, len(i.name)+1, i.check, i.name)
		pad()
		b.WriteString(i.data)
		pad()
	}
	return b.Bytes()
}

func reserve(n int) []Node { return make([]Node, n) }

// files makes the files of a program out of archives.
func files(t testing.TB, archives ...[]byte) *Files {
	t.Helper()
	s := &Files{}
	if !s.tree.Build(archives, reserve, func([]Node) {}) {
		t.Fatal("there is no tree")
	}
	s.Start()
	return s
}

// read is a whole file, or the error of opening it.
func (s *Files) read(path string) string {
	fd, errno := s.Open(atCWD, []byte(path), 0)
	if errno != 0 {
		return errno.name()
	}
	defer s.Close(uint64(fd))
	var all []byte
	for b := make([]byte, 3); ; {
		n, errno := s.Read(uint64(fd), b)
		if errno != 0 {
			return errno.name()
		}
		if n == 0 {
			return string(all)
		}
		all = append(all, b[:n]...)
	}
}

// list is the names in a directory with their types, in order, or an error.
func (s *Files) list(path string) string {
	fd, errno := s.Open(atCWD, []byte(path), O_DIRECTORY)
	if errno != 0 {
		return errno.name()
	}
	defer s.Close(uint64(fd))
	var names []string
	for b := make([]byte, 80); ; {
		n, errno := s.ReadDir(uint64(fd), b)
		if errno != 0 {
			return errno.name()
		}
		if n == 0 {
			return strings.Join(names, " ")
		}
		for e := b[:n]; len(e) > 0; {
			size := int(e[16]) | int(e[17])<<8
			name, _, _ := strings.Cut(string(e[direntHeader:size]), "\x00")
			names = append(names, name+map[byte]string{4: "/", 10: "@", 2: "%", 8: ""}[e[18]])
			e = e[size:]
		}
	}
}

const atCWD = 1<<64 - 100

func (e Errno) name() string {
	for name, v := range map[string]Errno{"ok": 0, "EPERM": EPERM, "ENOENT": ENOENT, "EBADF": EBADF, "EAGAIN": EAGAIN, "EEXIST": EEXIST,
		"ENOTDIR": ENOTDIR, "EISDIR": EISDIR, "EINVAL": EINVAL, "ENFILE": ENFILE, "EMFILE": EMFILE, "ENOTTY": ENOTTY, "ESPIPE": ESPIPE,
		"EROFS": EROFS, "EPIPE": EPIPE, "ERANGE": ERANGE, "ENAMETOOLONG": ENAMETOOLONG, "ELOOP": ELOOP, "EACCES": EACCES, "ENXIO": ENXIO} {
		if v == e {
			return name
		}
	}
	return fmt.Sprint(uint16(e))
}
