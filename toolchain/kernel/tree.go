package kernel

// MaxArchives is how many archives make a tree, the kernel's own included.
const MaxArchives = 8

// maxNodes bounds the index of a tree.
const maxNodes = 1 << 20

// Modes of a file (include/uapi/linux/stat.h).
const (
	modeType    = 0o170000
	modeSymlink = 0o120000
	modeRegular = 0o100000
	modeDir     = 0o040000
	modeChar    = 0o020000
	modePipe    = 0o010000

	modePermissions = 0o7777
	modeExecute     = 0o111
)

// Node is a file of a tree. It holds no pointer: the index may lie anywhere.
type Node struct {
	archive  uint32 // that holds name and data
	name     uint32 // offset of the path, without / at either end
	length   uint32 // of the path
	data     uint32 // offset
	size     uint32
	mode     uint32
	uid, gid uint32
	nlink    uint32
	mtime    uint32 // s since 1970
	rdev     uint32 // of a device: major<<8 | minor
	parent   uint32 // index of the directory
	end      uint32 // index behind the last node below this one
	order    uint32 // later ones replace earlier ones
	section  uint32 // of the archives: hard links have the same section, device and inode
	dev, ino uint32
	link     uint32 // number of a group of hard links; 0: none
}

// Tree is a file tree made of archives: read-only, and an index over it, sorted
// by path so that all below a directory follows it. Node 0 is the root.
type Tree struct {
	archives [MaxArchives][]byte
	nodes    []Node
	damage   [MaxArchives]Damage
}

// A Reserve gives room for n nodes, or nil; a Release takes it back.
type (
	Reserve func(n int) []Node
	Release func([]Node)
)

// Build makes t the tree of the given archives, of which at most MaxArchives-1
// count: what a later one holds replaces what an earlier one does. What is
// damaged is left out; Damage tells. It returns false if not even the root and
// the devices have room.
func (t *Tree) Build(archives [][]byte, reserve Reserve, release Release) bool {
	t.archives[0] = deviceArchive()
	n := copy(t.archives[1:], archives)
	count := 1 + len(deviceNodes)
	for i, a := range t.archives[:1+n] {
		if uint64(len(a)) >= 1<<32 {
			t.archives[i], t.damage[i] = nil, TooLarge
		}
		count += t.count(t.archives[i])
	}
	var first []Node
	if count <= maxNodes {
		first = reserve(count)
	}
	if len(first) < count {
		for i := range t.archives[1 : 1+n] {
			t.archives[1+i], t.damage[1+i] = nil, TooLarge
		}
		n, count = 0, 1+len(deviceNodes)
		if first = reserve(count); len(first) < count {
			return false
		}
	}
	b := builder{tree: t, nodes: first[:0:count]}
	b.add(Node{mode: modeDir | 0o755, nlink: 2})
	b.addDevices()
	for i := 1; i <= n; i++ {
		b.addArchive(i)
	}
	b.joinLinks()
	b.sort()
	b.dropReplaced()
	missing := b.missing(nil)
	var all []Node
	if len(b.nodes)+missing <= maxNodes {
		all = reserve(len(b.nodes) + missing)
	}
	if all == nil {
		// Without the directories that no archive names, what is in them cannot
		// be reached; the rest can.
		t.damage[min(n, 1)] = TooLarge
		t.nodes = b.nodes
	} else {
		all = all[:copy(all, b.nodes):cap(all)]
		b.nodes = all
		b.missing(&b.nodes)
		release(first)
		b.sort()
		t.nodes = b.nodes
	}
	t.connect()
	return true
}

// Damage tells what was found wrong with archive i of Build.
func (t *Tree) Damage(i int) Damage {
	if i < 0 || i+1 >= MaxArchives {
		return 0
	}
	return t.damage[i+1]
}

// count is how many nodes an archive makes at most.
func (t *Tree) count(archive []byte) (n int) {
	r := archiveReader{b: archive}
	var e archiveEntry
	for ok, _ := r.next(&e); ok; ok, _ = r.next(&e) {
		n++
	}
	return n
}

// connect sets parent and end of all nodes.
func (t *Tree) connect() {
	for i := range t.nodes {
		n := &t.nodes[i]
		n.end = uint32(i) + 1
		if i == 0 {
			continue
		}
		p := uint32(i) - 1
		for p != 0 && !t.below(n, &t.nodes[p]) {
			p = t.nodes[p].parent
		}
		n.parent = p
	}
	for i := len(t.nodes) - 1; i > 0; i-- {
		p := &t.nodes[t.nodes[i].parent]
		p.end = max(p.end, t.nodes[i].end)
	}
}

// below tells whether n lies below d.
func (t *Tree) below(n, d *Node) bool {
	p, q := t.path(n), t.path(d)
	return len(p) > len(q) && p[len(q)] == '/' && string(p[:len(q)]) == string(q)
}

func (t *Tree) path(n *Node) []byte { return t.archives[n.archive][n.name:][:n.length] }

// contents is what a file holds, and where a symbolic link leads.
func (t *Tree) contents(n *Node) []byte { return t.archives[n.archive][n.data:][:n.size] }

// node returns node i, or the root.
func (t *Tree) node(i uint32) *Node {
	if uint64(i) >= uint64(len(t.nodes)) {
		i = 0
	}
	return &t.nodes[i]
}

func (n *Node) kind() uint32 { return n.mode & modeType }
func (n *Node) isDir() bool  { return n.kind() == modeDir }
