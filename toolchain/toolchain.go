// Package toolchain builds a main package that imports a board into an image that
// boots on the bare machine. It does so with the unmodified Go toolchain: go
// build -overlay puts a small kernel under the runtime of Linux, in place of the
// system calls (overlay.go), the linker puts the image where RAM is, and the ELF
// file becomes what the loaders of its architecture take (target.go).
//
// The same sources build with TamaGo's own distribution of Go, which needs none
// of that.
package toolchain

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Options says what to build.
type Options struct {
	Arch    string   // GOARCH of the machine; "" is DefaultArch
	Package string   // main package, as go build takes it
	Output  string   // path of the image; its ending says what it becomes (format.go)
	ELF     string   // path of the image as an ELF file with symbols, for who reads crash reports; "" for none
	Board   string   // board whose memory an image for the boot ROM sets up (package imx); "" for all other images
	EFI     []string // UEFI applications of other architectures, for a disk image
	Dir     string   // where to run go build; "" is the current directory
	Cmdline string   // command line of a machine whose loader gives none
	Tags    string   // further build tags, separated by commas
	Files   string   // folder whose files the machine finds; "" for none
	Archive string   // likewise for BuildTest, but a cpio archive
	Key     string   // file with the device key; "" for none
	Debug   bool     // keep DWARF
	Show    bool     // write the go command that builds to Stderr
	TamaGo  string   // path of TamaGo's go; "" builds with the stock toolchain
	Stderr  io.Writer
}

// Build builds an image. It writes nothing but Output, a temporary folder that
// it removes, and Go's own caches. An image with a key is for its owner only to
// read.
func Build(ctx context.Context, o Options) error {
	t, err := findTarget(o.Arch)
	if err != nil {
		return err
	}
	key := ""
	if o.Key != "" {
		if key, err = readKey(o.Key); err != nil {
			return err
		}
	}
	if err := formatOf(o.Output).check(o); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "gasp-mkimage-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)

	c := command{options: o, target: t, key: key, linked: filepath.Join(tmp, "linked")}
	if o.TamaGo == "" {
		if c.toolchain, err = selectGo(ctx, o.Dir); err != nil {
			return err
		}
		if c.overlay, err = WriteOverlay(t.arch, c.toolchain.root, c.toolchain.version, filepath.Join(tmp, "overlay")); err != nil {
			return err
		}
		if err := c.findBoard(ctx); err != nil {
			return err
		}
		if o.Files != "" {
			archive := filepath.Join(tmp, "files.cpio")
			if err := WriteArchive(archive, o.Files); err != nil {
				return err
			}
			if err := c.bakeArchive(ctx, archive); err != nil {
				return err
			}
		}
	} else if o.Files != "" {
		return ErrFilesTamaGo
	}
	return c.image(ctx)
}

// image runs the command and makes an image of what it linked.
func (c *command) image(ctx context.Context) error {
	name, args, env, err := c.build()
	if err != nil {
		return err
	}
	if err := run(ctx, c.options, name, args, env); err != nil {
		return err
	}
	image, err := os.ReadFile(c.linked)
	if err != nil {
		return err
	}
	if image, err = c.target.finish(image, c.options.TamaGo == ""); err != nil {
		return fmt.Errorf("%s: %w", c.options.Package, err)
	}
	mode := os.FileMode(0o755)
	if c.key != "" {
		mode = 0o700
		if image, err = bakeKey(image, c.key); err != nil {
			return fmt.Errorf("%s: %w", c.options.Package, err)
		}
	}
	if c.options.ELF != "" {
		if err := writeWhole(c.options.ELF, image, mode); err != nil {
			return err
		}
	}
	if image, err = formatOf(c.options.Output).file(image, c.options); err != nil {
		return fmt.Errorf("%s: %w", c.options.Package, err)
	}
	return writeWhole(c.options.Output, image, mode)
}

// writeWhole replaces the file at path, so that there is never half of one. A device or a pipe is written to, and stays what it is.
func writeWhole(path string, data []byte, mode os.FileMode) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return os.WriteFile(path, data, mode)
	}
	part := filepath.Join(filepath.Dir(path), ".mkimage-"+rand.Text())
	defer os.Remove(part)
	if err := os.WriteFile(part, data, mode); err != nil {
		return err
	}
	return os.Rename(part, path)
}

// run runs the go command. What it has to say of the program it says on o.Stderr itself, so that the error names no more than
// what did not work: the whole command fills a screen, and holds o.Cmdline, which may have a key in it.
func run(ctx context.Context, o Options, name string, args, env []string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = o.Dir
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout = o.Stderr
	cmd.Stderr = o.Stderr
	if o.Show {
		fmt.Fprintln(o.Stderr, strings.Join(env, " "), cmd)
	}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s %s: %w", name, args[0], o.Package, err)
	}
	return nil
}
