package toolchain

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"gasp/toolchain/cpio"
)

// ErrFilesTamaGo says that there is no file tree without the kernel under the
// runtime.
var ErrFilesTamaGo = errors.New("with TamaGo's toolchain an image has no files")

// The board embeds this file, which is empty.
const (
	filesPackage = "gasp/board/machine"
	filesName    = "files.cpio"
)

// bakeArchive lays an archive over the empty one that the board embeds.
func (c *command) bakeArchive(ctx context.Context, archive string) error {
	list := exec.CommandContext(ctx, "go", "list", "-tags", "tamago", "-f", "{{.Dir}}", filesPackage)
	list.Dir = c.options.Dir
	list.Env = append(append(os.Environ(), "GOOS=linux", "GOARCH=amd64"), c.toolchain.env...)
	out, err := list.Output()
	if err != nil {
		return fmt.Errorf("go list %s: %w", filesPackage, err)
	}
	return addToOverlay(c.overlay, filepath.Join(strings.TrimSpace(string(out)), filesName), archive)
}

// WriteArchive writes what is in the folder dir as a cpio archive, for -initrd: all of it, or nothing.
func WriteArchive(file, dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is no folder", dir)
	}
	var archive bytes.Buffer
	w := cpio.NewWriter(&archive)
	if err := errors.Join(w.AddTree(dir, ""), w.Close()); err != nil {
		return err
	}
	return writeWhole(file, archive.Bytes(), 0o666)
}

// addToOverlay makes the overlay replace one more file.
func addToOverlay(overlay, file, by string) error {
	text, err := os.ReadFile(overlay)
	if err != nil {
		return err
	}
	var o struct{ Replace map[string]string }
	if err := json.Unmarshal(text, &o); err != nil {
		return err
	}
	o.Replace[file] = by
	if text, err = json.MarshalIndent(o, "", "\t"); err != nil {
		return err
	}
	return os.WriteFile(overlay, text, 0o644)
}
