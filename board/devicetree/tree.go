// Package devicetree reads the flattened device tree that a loader hands over: what machine it is.
//
// Source: Devicetree Specification 0.4 (DT), chapters 2, 3 and 5. Nothing in a tree is believed: offsets,
// sizes, depths and counts are bounded here. Nothing is allocated, so that a tree can be read
// before there is a heap.
package devicetree

import (
	"bytes"
	"encoding/binary"
	"errors"
)

var (
	// ErrNoTree says that this is no device tree.
	ErrNoTree = errors.New("devicetree: no tree here")
	// ErrDamaged says that the header points outside of the tree.
	ErrDamaged = errors.New("devicetree: a damaged header")
	// ErrVersion says that the tree cannot be read by who knows version 17.
	ErrVersion = errors.New("devicetree: a version that is not known")
)

// The header (DT 5.2): big-endian words.
const (
	magic   = 0xd00dfeed
	version = 17 // the last there is, since 2007

	headerTotal       = 4
	headerStructs     = 8
	headerStrings     = 12
	headerReserved    = 16
	headerCompatible  = 24
	headerStringsSize = 32
	headerStructsSize = 36

	// HeaderSize is the size of a header in bytes: what Size wants to see.
	HeaderSize = 40
	// MaxSize is how large a tree may be; Linux's limit for arm64 (Documentation/arch/arm64/booting.rst).
	MaxSize = 2 << 20
)

// Size returns the size in bytes of the tree that begins with head. Errors: ErrNoTree, and ErrDamaged for one
// that is larger than MaxSize.
func Size(head []byte) (int, error) {
	if len(head) < HeaderSize || word(head) != magic {
		return 0, ErrNoTree
	}
	n := word(head[headerTotal:])
	if n < HeaderSize || n > MaxSize {
		return 0, ErrDamaged
	}
	return int(n), nil
}

// A Tree is a device tree in the memory where it was found. The zero value is an empty one.
type Tree struct {
	structs, strings, reserved []byte
}

// Parse checks the header of the tree at the start of b. Errors: ErrNoTree, ErrDamaged, ErrVersion.
func Parse(b []byte) (t Tree, err error) {
	n, err := Size(b)
	if err != nil {
		return t, err
	}
	if n > len(b) {
		return t, ErrDamaged
	}
	b = b[:n]
	if word(b[headerCompatible:]) > version {
		return t, ErrVersion
	}
	var ok, ok2, ok3 bool
	t.structs, ok = part(b, word(b[headerStructs:]), word(b[headerStructsSize:]))
	t.strings, ok2 = part(b, word(b[headerStrings:]), word(b[headerStringsSize:]))
	reserved := word(b[headerReserved:])
	t.reserved, ok3 = part(b, reserved, uint32(n)-min(reserved, uint32(n)))
	if !ok || !ok2 || !ok3 {
		return Tree{}, ErrDamaged
	}
	return t, nil
}

func part(b []byte, off, n uint32) ([]byte, bool) {
	if uint64(off)+uint64(n) > uint64(len(b)) {
		return nil, false
	}
	return b[off:][:n], true
}

func word(b []byte) uint32 { return binary.BigEndian.Uint32(b) }

// Tokens (DT 5.4.1).
const (
	beginNode = 1
	endNode   = 2
	property  = 3
	nop       = 4

	tokenSize = 4
	// maxDepth is how far below the root nodes are looked at; the deepest of Linux's trees have half of that.
	maxDepth = 16
)

// A Node is a node of a tree: its place, and those of the nodes above it.
type Node struct {
	tree  *Tree
	at    [maxDepth]int32 // offsets behind the token, of the root and so on
	depth int
}

// Root is the root; ok is false if there is none.
func (t *Tree) Root() (n Node, ok bool) {
	n.tree = t
	for at := 0; ; at += tokenSize {
		switch t.token(at) {
		case nop:
		case beginNode:
			n.at[0] = int32(at + tokenSize)
			return n, true
		default:
			return n, false
		}
	}
}

// Next is the node that comes behind n in the tree: its first child, or else the next one that is no child. ok is
// false behind the last one, and where the tree is damaged. Nodes that lie too deep are left out.
func (n Node) Next() (next Node, ok bool) {
	at, ok := n.body()
	for deep := 0; ok; {
		switch n.tree.token(at) {
		case nop:
			at += tokenSize
		case property:
			_, _, at, ok = n.tree.property(at)
		case beginNode:
			at += tokenSize
			if deep == 0 && n.depth+1 < maxDepth {
				n.depth++
				n.at[n.depth] = int32(at)
				return n, true
			}
			deep++
			_, at, ok = n.tree.name(at)
		case endNode:
			at += tokenSize
			switch {
			case deep > 0:
				deep--
			case n.depth == 0:
				return n, false
			default:
				n.depth--
			}
		default:
			return n, false
		}
	}
	return n, false
}

// Parent is the node above n; ok is false for the root.
func (n Node) Parent() (Node, bool) {
	if n.depth == 0 {
		return n, false
	}
	n.depth--
	return n, true
}

// Name is the node's name with its unit address: "pl011@9000000"; empty for the root.
func (n Node) Name() string {
	name, _, _ := n.tree.name(int(n.at[n.depth]))
	return str(name)
}

// body is the offset of the first token behind the node's name.
func (n *Node) body() (int, bool) {
	if n.tree == nil {
		return 0, false
	}
	_, at, ok := n.tree.name(int(n.at[n.depth]))
	return at, ok
}

// token is the token at an offset, 0 for none.
func (t *Tree) token(at int) uint32 {
	if at < 0 || at > len(t.structs)-tokenSize {
		return 0
	}
	return word(t.structs[at:])
}

// name is the name at an offset, without its NUL, and the offset of the token behind it.
func (t *Tree) name(at int) (name []byte, next int, ok bool) {
	if at < 0 || at > len(t.structs) {
		return nil, 0, false
	}
	n := bytes.IndexByte(t.structs[at:], 0)
	if n < 0 {
		return nil, 0, false
	}
	return t.structs[at : at+n], (at + n + tokenSize) &^ (tokenSize - 1), true
}
