package devicetree

import (
	"bytes"
	"unsafe"
)

const propertyHeader = 3 * tokenSize // token, length, offset of the name (DT 5.4.1)

// property reads the property at an offset.
func (t *Tree) property(at int) (name, value []byte, next int, ok bool) {
	if at < 0 || at > len(t.structs)-propertyHeader {
		return nil, nil, 0, false
	}
	n, where := word(t.structs[at+4:]), word(t.structs[at+8:])
	at += propertyHeader
	if uint64(n) > uint64(len(t.structs)-at) || uint64(where) >= uint64(len(t.strings)) {
		return nil, nil, 0, false
	}
	name = t.strings[where:]
	end := bytes.IndexByte(name, 0)
	if end < 0 {
		return nil, nil, 0, false
	}
	return name[:end], t.structs[at : at+int(n)], (at + int(n) + tokenSize - 1) &^ (tokenSize - 1), true
}

// Property returns the value of a property, which may be empty; ok is false if the node has none of this name.
func (n Node) Property(name string) (value []byte, ok bool) {
	at, ok := n.body()
	for ok {
		switch n.tree.token(at) {
		case nop:
			at += tokenSize
		case property:
			var key []byte
			if key, value, at, ok = n.tree.property(at); ok && string(key) == name {
				return value, true
			}
		default: // properties come before children
			return nil, false
		}
	}
	return nil, false
}

// Uint32 is the value of a property of one cell.
func (n Node) Uint32(name string) (v uint32, ok bool) {
	b, _ := n.Property(name)
	if len(b) != tokenSize {
		return 0, false
	}
	return word(b), true
}

// Uint64 is the value of a property of one cell or two.
func (n Node) Uint64(name string) (v uint64, ok bool) {
	b, _ := n.Property(name)
	if len(b) != tokenSize && len(b) != 2*tokenSize {
		return 0, false
	}
	return cells(b, len(b)/tokenSize), true
}

// String is the value of a property of text, or its first string if it is a list. It shares the tree's memory.
func (n Node) String(name string) string {
	b, _ := n.Property(name)
	if end := bytes.IndexByte(b, 0); end >= 0 {
		return str(b[:end])
	}
	return ""
}

// Compatible tells whether the node's list of what it is has this model (DT 2.3.1).
func (n Node) Compatible(model string) bool {
	list, _ := n.Property("compatible")
	for {
		end := bytes.IndexByte(list, 0)
		if end < 0 {
			return false
		}
		if string(list[:end]) == model {
			return true
		}
		list = list[end+1:]
	}
}

// Enabled tells whether the device is there to be used (DT 2.3.4).
func (n Node) Enabled() bool {
	if _, ok := n.Property("status"); !ok {
		return true
	}
	s := n.String("status")
	return s == "okay" || s == "ok"
}

// Find is the first enabled node that is compatible with the model.
func (t *Tree) Find(model string) (Node, bool) {
	n, ok := t.Root()
	for ; ok; n, ok = n.Next() {
		if n.Compatible(model) && n.Enabled() {
			return n, true
		}
	}
	return Node{}, false
}

// Path is the node of a path of names: "/chosen". A name may lack its unit address. An
// alias (DT 3.3) is no path.
func (t *Tree) Path(path string) (Node, bool) {
	n, ok := t.Root()
	for ok && path != "" {
		var name string
		name, path = cut(path)
		if name != "" {
			n, ok = n.child(name)
		}
	}
	return n, ok
}

func cut(path string) (name, rest string) {
	for i := range len(path) {
		if path[i] == '/' {
			return path[:i], path[i+1:]
		}
	}
	return path, ""
}

func (n Node) child(name string) (Node, bool) {
	want := n.depth + 1
	c, ok := n.Next()
	for ; ok && c.depth >= want; c, ok = c.Next() {
		found := c.Name()
		if c.depth == want && len(found) >= len(name) && found[:len(name)] == name && (len(found) == len(name) || found[len(name)] == '@') {
			return c, true
		}
	}
	return Node{}, false
}

// Console is the node of the machine's console, as /chosen names it (DT 3.6): by path or by alias.
func (t *Tree) Console() (Node, bool) {
	chosen, ok := t.Path("/chosen")
	if !ok {
		return Node{}, false
	}
	path := chosen.String("stdout-path")
	for i := range len(path) {
		if path[i] == ':' { // the line's settings follow
			path = path[:i]
			break
		}
	}
	if path == "" {
		return Node{}, false
	}
	if path[0] != '/' {
		aliases, ok := t.Path("/aliases")
		if !ok {
			return Node{}, false
		}
		if path = aliases.String(path); path == "" || path[0] != '/' {
			return Node{}, false
		}
	}
	return t.Path(path)
}

// cells is the value of the first n cells of b, its last two at the most.
func cells(b []byte, n int) (v uint64) {
	for i := range n {
		v = v<<32 | uint64(word(b[i*tokenSize:]))
	}
	return v
}

func str(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
