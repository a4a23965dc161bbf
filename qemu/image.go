package qemu

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const buildTimeout = 10 * time.Minute // the first build compiles the standard library

// ErrBuild is wrapped by BuildImage's errors, which hold what the build has said.
var ErrBuild = errors.New("the image does not build")

// Root returns the folder of the module that the current directory is in.
func Root() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	file := strings.TrimSpace(string(out))
	if err != nil || file == "" || file == os.DevNull {
		return "", fmt.Errorf("qemu: not in a Go module (go env GOMOD: %q, %w)", file, err)
	}
	return filepath.Dir(file), nil
}

// BuildImage builds a main package of this module, "./cmd/image" for example, into the bootable file out, with further
// flags of mkimage.
func BuildImage(ctx context.Context, out, pkg string, flags ...string) error {
	root, err := Root()
	if err != nil {
		return err
	}
	out, err = filepath.Abs(out)
	if err != nil {
		return fmt.Errorf("qemu: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	build := exec.CommandContext(ctx, "go", slices.Concat([]string{"run", "./cmd/mkimage", "-o", out}, flags, []string{pkg})...)
	build.Dir, build.WaitDelay = root, time.Second
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("qemu: %w: %s: %w\n%s", ErrBuild, strings.Join(build.Args, " "), err, bytes.TrimSpace(said))
	}
	return nil
}

// Build builds a main package of this module into the file that machines of the type boot: stem with their suffix.
func (t *MachineType) Build(ctx context.Context, stem, pkg string, flags ...string) (file string, err error) {
	file = stem + "." + t.Suffix
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return "", fmt.Errorf("qemu: %w", err)
	}
	return file, BuildImage(ctx, file, pkg, slices.Concat([]string{"-arch", t.Arch}, flags)...)
}

// Images are files of one program by their suffix.
type Images map[string]string

// For is the file that a machine boots.
func (i Images) For(c Combination) string { return i[c.Suffix()] }

// BuildImages builds a main package for all machines of a list, into files that begin with stem.
func BuildImages(ctx context.Context, machines []Combination, stem, pkg string) (Images, error) {
	images := Images{}
	for _, c := range machines {
		t, err := TypeOf(c.Type)
		if err != nil {
			return nil, err
		}
		if images[t.Suffix] == "" {
			if images[t.Suffix], err = t.Build(ctx, stem, pkg); err != nil {
				return nil, err
			}
		}
	}
	return images, nil
}

// OneImage is the only file there is, for machines that AllBoot it.
func OneImage(machines []Combination, file string) Images {
	images := Images{}
	for _, c := range machines {
		images[c.Suffix()] = file
	}
	return images
}
