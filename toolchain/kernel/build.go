package kernel

// builder makes the nodes of a tree.
type builder struct {
	tree  *Tree
	nodes []Node // never beyond its capacity
}

func (b *builder) add(n Node) {
	if len(b.nodes) < cap(b.nodes) {
		i := len(b.nodes)
		n.order = uint32(i)
		b.nodes = b.nodes[:i+1]
		b.nodes[i] = n
	}
}

// addArchive adds the entries of archive i that can be.
func (b *builder) addArchive(i int) {
	archive := b.tree.archives[i]
	r := archiveReader{b: archive}
	var e archiveEntry
	var damage, ended Damage
	for {
		var ok bool
		if ok, ended = r.next(&e); !ok {
			break
		}
		n := Node{
			archive: uint32(i),
			data:    uint32(e.data),
			size:    e.field[fieldSizeOfFile],
			mode:    e.field[fieldMode] & (modeType | modePermissions),
			uid:     e.field[fieldUID],
			gid:     e.field[fieldGID],
			nlink:   max(1, e.field[fieldNlink]),
			mtime:   e.field[fieldMtime],
			section: uint32(i)<<24 | r.section&(1<<24-1),
			dev:     e.field[fieldDevMajor]<<16 | e.field[fieldDevMinor]&0xffff,
			ino:     e.field[fieldIno],
		}
		from, to := trim(archive, e.name, e.nameEnd)
		n.name, n.length = uint32(from), uint32(to-from)
		if !validPath(archive[from:to]) || !b.validKind(&n, &e) || !b.validSum(&n, &e) {
			damage = BadEntry
			continue
		}
		b.add(n)
	}
	if ended == 0 {
		ended = damage
	}
	b.tree.damage[i] = ended
}

// validKind tells whether n can be in a tree: a directory, a regular file, a
// symbolic link that leads somewhere, or a device that there is.
func (b *builder) validKind(n *Node, e *archiveEntry) bool {
	switch n.kind() {
	case modeDir:
		n.size = 0
		return true
	case modeRegular:
		return n.length > 0
	case modeSymlink:
		target := b.tree.contents(n)
		for i, c := range target {
			if c == 0 {
				target, n.size = target[:i], uint32(i)
				break
			}
		}
		return n.length > 0 && len(target) > 0 && len(target) <= maxPath
	case modeChar:
		n.size = 0
		n.rdev = device(e.field[fieldRdevMajor], e.field[fieldRdevMinor])
		return n.length > 0 && deviceKind(n.rdev) != 0
	}
	return false
}

// validSum tells whether n is what its checksum says. Only files have one.
func (b *builder) validSum(n *Node, e *archiveEntry) bool {
	return !e.checksum || n.kind() != modeRegular || sum(b.tree.contents(n)) == e.field[fieldCheck]
}

// trim leaves out what a path may begin and end with: "/", "./".
func trim(b []byte, from, to int) (int, int) {
	for {
		switch {
		case from < to && b[from] == '/':
			from++
		case from < to && b[from] == '.' && (from+1 == to || b[from+1] == '/'):
			from++
		case from < to && b[to-1] == '/':
			to--
		case from+1 < to && b[to-1] == '.' && b[to-2] == '/':
			to--
		default:
			return from, to
		}
	}
}

// validPath tells whether all components have a name of their own.
func validPath(p []byte) bool {
	for start := 0; start < len(p); {
		end := start
		for end < len(p) && p[end] != '/' {
			end++
		}
		name := p[start:end]
		if len(name) == 0 || len(name) > maxName || string(name) == "." || string(name) == ".." || end == len(p)-1 {
			return false
		}
		start = end + 1
	}
	return len(p) <= maxPath
}

// joinLinks gives all hard links to a file its contents, which one of them has.
func (b *builder) joinLinks() {
	links := false
	for i := range b.nodes {
		links = links || b.isLink(&b.nodes[i])
	}
	if !links {
		return
	}
	heapsort(b.nodes, b.byInode)
	group := uint32(0)
	for start := 0; start < len(b.nodes); {
		end := start + 1
		first := &b.nodes[start]
		if !b.isLink(first) {
			start = end
			continue
		}
		group++
		holder := first
		for ; end < len(b.nodes) && b.isLink(&b.nodes[end]) && sameFile(first, &b.nodes[end]); end++ {
			if b.nodes[end].size != 0 {
				holder = &b.nodes[end]
			}
		}
		for i := start; i < end; i++ {
			n := &b.nodes[i]
			n.link = group
			if n.size == 0 { // by offset in the same archive
				n.data, n.size = holder.data, holder.size
			}
		}
		start = end
	}
}

func (b *builder) isLink(n *Node) bool { return n.kind() == modeRegular && n.nlink > 1 }

func sameFile(m, n *Node) bool { return m.section == n.section && m.dev == n.dev && m.ino == n.ino }

// byInode has what is no hard link last.
func (b *builder) byInode(m, n *Node) bool {
	switch {
	case b.isLink(m) != b.isLink(n):
		return b.isLink(m)
	case m.section != n.section:
		return m.section < n.section
	case m.dev != n.dev:
		return m.dev < n.dev
	case m.ino != n.ino:
		return m.ino < n.ino
	}
	return m.order < n.order
}

// sort sorts by path, and of one path by age.
func (b *builder) sort() {
	for i := 1; i < len(b.nodes); i++ {
		if b.byPath(&b.nodes[i], &b.nodes[i-1]) {
			heapsort(b.nodes, b.byPath)
			return
		}
	}
}

func (b *builder) byPath(m, n *Node) bool {
	if c := comparePaths(b.tree.path(m), b.tree.path(n)); c != 0 {
		return c < 0
	}
	return m.order < n.order
}

// dropReplaced keeps the last of several nodes with the same path. The root stays
// a directory, whatever a later archive says of it.
func (b *builder) dropReplaced() {
	kept := 0
	for i := range b.nodes {
		n := b.nodes[i]
		if kept > 0 && comparePaths(b.tree.path(&b.nodes[kept-1]), b.tree.path(&n)) == 0 {
			kept--
		}
		b.nodes[kept] = n
		kept++
	}
	b.nodes = b.nodes[:kept]
}

// missing counts the directories that are in a path, but have no node. With into
// it appends them there, up to its capacity.
func (b *builder) missing(into *[]Node) (n int) {
	nodes := b.nodes
	for i := 1; i < len(nodes); i++ {
		p, before := b.tree.path(&nodes[i]), b.tree.path(&nodes[i-1])
		common := 0
		for common < len(p) && common < len(before) && p[common] == before[common] {
			common++
		}
		for s := range p {
			if p[s] != '/' || s <= common && (len(before) == s || before[s] == '/') {
				continue // there: all between a directory and p lies in it
			}
			n++
			if into != nil && len(*into) < cap(*into) {
				d := Node{archive: nodes[i].archive, name: nodes[i].name, length: uint32(s), mode: modeDir | 0o755, nlink: 2, order: nodes[i].order}
				*into = (*into)[:len(*into)+1]
				(*into)[len(*into)-1] = d
			}
		}
	}
	return n
}

// comparePaths orders by component: all below a directory follows it at once.
func comparePaths(p, q []byte) int {
	for i := 0; i < len(p) && i < len(q); i++ {
		if p[i] != q[i] {
			switch {
			case p[i] == '/':
				return -1
			case q[i] == '/':
				return 1
			}
			return int(p[i]) - int(q[i])
		}
	}
	return len(p) - len(q)
}

// heapsort needs no memory, and no luck (Knuth, The Art of Computer Programming
// volume 3, 5.2.3).
func heapsort(nodes []Node, less func(m, n *Node) bool) {
	down := func(root, end int) {
		for {
			child := 2*root + 1
			if child >= end {
				return
			}
			if child+1 < end && less(&nodes[child], &nodes[child+1]) {
				child++
			}
			if !less(&nodes[root], &nodes[child]) {
				return
			}
			nodes[root], nodes[child] = nodes[child], nodes[root]
			root = child
		}
	}
	for i := len(nodes)/2 - 1; i >= 0; i-- {
		down(i, len(nodes))
	}
	for end := len(nodes) - 1; end > 0; end-- {
		nodes[0], nodes[end] = nodes[end], nodes[0]
		down(0, end)
	}
}
