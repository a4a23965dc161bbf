package runtime

import (
	"internal/stringslite"
	"unsafe"
)

// gaspBoardPackages is set by the linker: what the boards are made of, as import
// paths between spaces (toolchain/boardfirst.go).
var gaspBoardPackages string

// gaspBoardFirst puts the init tasks of the board before those of the program, so
// that what an init function says, or dies of, gets out. The linker has them in the
// order of their imports, else by name; what the board imports is the board's, so that
// the order stays right.
func gaspBoardFirst(tasks []*initTask) []*initTask {
	if gaspBoardPackages == "" {
		return tasks
	}
	ordered := make([]*initTask, 0, len(tasks))
	for _, board := range [...]bool{true, false} {
		for _, t := range tasks {
			if t.ofBoard() == board {
				ordered = append(ordered, t)
			}
		}
	}
	return ordered
}

func (t *initTask) ofBoard() bool {
	first := *(*uintptr)(add(unsafe.Pointer(t), unsafe.Sizeof(*t)))
	f := findfunc(first)
	return f.valid() && stringslite.Index(gaspBoardPackages, " "+funcpkgpath(f)+" ") >= 0
}
