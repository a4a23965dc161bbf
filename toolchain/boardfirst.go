package toolchain

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

const (
	// boardPackages is where boards lie.
	boardPackages = "gasp/board/"
	// boardVariable tells the runtime which packages the boards of an image are made
	// of (_goroot/runtime/gasp_init.go).
	boardVariable = "runtime.gaspBoardPackages"
)

// findBoard lists the packages that the program's boards are made of, as the runtime
// wants them. ErrNotImage if there are none.
func (c *command) findBoard(ctx context.Context) error {
	list := exec.CommandContext(ctx, "go", "list", "-deps", "-tags", "tamago,"+c.buildTags(), "-overlay", c.overlay,
		"-f", "{{.ImportPath}}{{range .Deps}} {{.}}{{end}}", c.options.Package)
	list.Dir = c.options.Dir
	list.Env = slices.Concat(os.Environ(), c.target.environment("linux"), c.toolchain.env)
	list.Stderr = c.options.Stderr
	out, err := list.Output()
	if err != nil {
		return fmt.Errorf("go list %s: %w", c.options.Package, err)
	}
	c.board = boardOf(string(out))
	if strings.TrimSpace(c.board) == "" { // the linker would say so in twenty lines that nobody understands
		return fmt.Errorf("%s: %w", c.options.Package, ErrNotImage)
	}
	return nil
}

// boardOf takes lines of a package and what it imports, directly or not.
func boardOf(lines string) string {
	var all []string
	for line := range strings.Lines(lines) {
		if strings.HasPrefix(line, boardPackages) {
			all = append(all, strings.Fields(line)...)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	for i, path := range all {
		all[i] = linkerPath(path)
	}
	return " " + strings.Join(all, " ") + " "
}

// linkerPath is a package's path in the names of its functions (cmd/internal/objabi,
// PathToPrefix).
func linkerPath(path string) string {
	i := strings.LastIndexByte(path, '/') + 1
	return path[:i] + strings.ReplaceAll(path[i:], ".", "%2e")
}
