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
