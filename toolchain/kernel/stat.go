package kernel

import "unsafe"

// The devices that files are on.
const (
	devTree = 1
	devPipe = 2
)

// Stat fills in struct stat for a node.
func (t *Tree) Stat(i uint32, b *[StatSize]byte) {
	n := t.node(i)
	s := stat{
		dev: devTree, ino: uint64(i) + 1, nlink: nlink(n.nlink), mode: n.mode, uid: n.uid, gid: n.gid,
		rdev: uint64(n.rdev), size: int64(n.size), blksize: 4096, blocks: (int64(n.size) + 511) / 512,
	}
	if n.link != 0 {
		s.ino = maxNodes + uint64(n.link)
	}
	for i := range s.times {
		s.times[i][0] = statTime(n.mtime)
	}
	*b = s.bytes()
}

// StatSize is the size of struct stat.
const StatSize = unsafe.Sizeof(stat{})

func (s *stat) bytes() [StatSize]byte { return *(*[StatSize]byte)(unsafe.Pointer(s)) }

// Readlink writes where the symbolic link i leads to b and returns how many bytes
// that were; EINVAL if it is none.
func (t *Tree) Readlink(i uint32, b []byte) (int, Errno) {
	n := t.node(i)
	if n.kind() != modeSymlink || len(b) == 0 {
		return 0, EINVAL
	}
	return copy(b, t.contents(n)), 0
}

// What access(2) asks for.
const (
	accessExecute = 1
	accessWrite   = 2
	accessAll     = 7
)

// Access tells whether node i may be used so. The program is root: it may read
// everything, and execute what anybody may.
func (t *Tree) Access(i uint32, mode uint64) Errno {
	n := t.node(i)
	switch {
	case mode&^accessAll != 0:
		return EINVAL
	case mode&accessWrite != 0 && n.kind() != modeChar:
		return EROFS
	case mode&accessExecute != 0 && n.mode&modeExecute == 0 && !n.isDir():
		return EACCES
	}
	return 0
}

// Directory positions: 0 is ".", 1 is "..", a child's index+1 is the child.
const (
	direntHeader = 19 // struct linux_dirent64: u64 ino, s64 off, u16 reclen, u8 type
	firstChild   = 2
)

// ReadDir fills b with struct linux_dirent64 of the entries of directory i from
// *pos on, which it moves. It returns how many bytes that were, 0 at the end;
// EINVAL if b is too small for the next one.
func (t *Tree) ReadDir(i uint32, pos *int64, b []byte) (int, Errno) {
	d := t.node(i)
	if !d.isDir() {
		return 0, ENOTDIR
	}
	filled := 0
	for {
		child, name, next := i, ".", int64(1)
		switch p := *pos; {
		case p == 0:
		case p == 1:
			child, name, next = d.parent, "..", max(firstChild, int64(i)+firstChild)
		case p-1 <= int64(i) || p-1 >= int64(d.end):
			return filled, 0
		default:
			child = uint32(p - 1)
			c := t.node(child)
			name, next = t.name(c), int64(c.end)+1
			if c.parent != i {
				return filled, EINVAL // lseek to what is no entry
			}
		}
		size := (direntHeader + len(name) + 1 + 7) &^ 7
		if size > len(b)-filled {
			if filled == 0 {
				return 0, EINVAL
			}
			return filled, 0
		}
		e := b[filled : filled+size]
		clear(e)
		put64(e, uint64(child)+1)
		put64(e[8:], uint64(next))
		e[16], e[17] = byte(size), byte(size>>8)
		e[18] = byte(t.node(child).mode >> 12)
		copy(e[direntHeader:], name)
		filled += size
		*pos = next
	}
}

// name is the last component of the path of n.
func (t *Tree) name(n *Node) string {
	p := t.path(n)
	start := len(p)
	for start > 0 && p[start-1] != '/' {
		start--
	}
	return unsafe.String(unsafe.SliceData(p[start:]), len(p)-start)
}

func put64(b []byte, v uint64) {
	_ = b[7]
	for i := range 8 {
		b[i] = byte(v >> (8 * i))
	}
}
