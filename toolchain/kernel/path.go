package kernel

// maxLinks is how many symbolic links a path may lead through (include/linux/namei.h,
// MAXSYMLINKS).
const maxLinks = 40

// Lookup finds the node that a path leads to from the directory dir, through
// symbolic links; one at the end of the path is followed only if follow is set,
// or something comes after it (path_resolution(7)).
func (t *Tree) Lookup(dir uint32, path []byte, follow bool) (uint32, Errno) {
	n, missing, errno := t.lookup(dir, path, follow)
	if missing {
		return 0, ENOENT
	}
	return n, errno
}

// lookup tells of a path whose last component alone is missing that it could be
// made.
func (t *Tree) lookup(dir uint32, path []byte, follow bool) (n uint32, missing bool, errno Errno) {
	var room [2][maxPath + 1]byte // of the path behind a link, and of the one before
	switch {
	case len(path) == 0:
		return 0, false, ENOENT
	case len(path) > maxPath:
		return 0, false, ENAMETOOLONG
	}
	at, rest, links := dir, path, 0
	if rest[0] == '/' {
		at = 0
	}
	for {
		slash := false
		for len(rest) > 0 && rest[0] == '/' {
			rest, slash = rest[1:], true
		}
		if slash && !t.node(at).isDir() {
			return 0, false, ENOTDIR
		}
		if len(rest) == 0 {
			return at, false, 0
		}
		end := 0
		for end < len(rest) && rest[end] != '/' {
			end++
		}
		name := rest[:end]
		rest = rest[end:]
		d := t.node(at)
		switch {
		case !d.isDir():
			return 0, false, ENOTDIR
		case len(name) > maxName:
			return 0, false, ENAMETOOLONG
		case string(name) == ".":
			continue
		case string(name) == "..":
			at = d.parent
			continue
		}
		child, ok := t.child(at, name)
		if !ok {
			return 0, onlySlashes(rest), ENOENT
		}
		n := t.node(child)
		if n.kind() != modeSymlink || len(rest) == 0 && !follow {
			at = child
			continue
		}
		if links++; links > maxLinks {
			return 0, false, ELOOP
		}
		target := t.contents(n)
		if len(target)+len(rest) > maxPath {
			return 0, false, ENAMETOOLONG
		}
		to := &room[links%2] // rest may lie in the other one
		m := copy(to[:], target)
		m += copy(to[m:], rest)
		rest = to[:m]
		if rest[0] == '/' {
			at = 0
		}
	}
}

func onlySlashes(p []byte) bool {
	for _, c := range p {
		if c != '/' {
			return false
		}
	}
	return true
}

// child finds a name in the directory at.
func (t *Tree) child(at uint32, name []byte) (uint32, bool) {
	d := t.node(at)
	skip := int(d.length)
	if skip > 0 {
		skip++ // the slash
	}
	lo, hi := at+1, d.end
	for lo < hi {
		mid := lo + (hi-lo)/2
		switch c := comparePaths(t.path(t.node(mid))[skip:], name); {
		case c == 0:
			return mid, true
		case c < 0:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return 0, false
}

// Path writes the absolute path of a node to b, with a NUL behind it, and returns
// its length with the NUL; ERANGE if b is too small.
func (t *Tree) Path(i uint32, b []byte) (int, Errno) {
	p := t.path(t.node(i))
	if len(b) < len(p)+2 {
		return 0, ERANGE
	}
	b[0] = '/'
	n := 1 + copy(b[1:], p)
	b[n] = 0
	return n + 1, 0
}
