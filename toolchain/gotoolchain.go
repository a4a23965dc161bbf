package toolchain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// GoVersion is the release that the overlay is written for and tested with.
const GoVersion = "go1.26.8"

// goSeries is what the substitutions may also fit.
const goSeries = "go1.26"

type goToolchain struct {
	root    string
	version string
	env     []string // makes the go command use it
}

// selectGo finds the toolchain to build with: GoVersion, by way of Go's own
// toolchain switching if the go command at hand is another release.
func selectGo(ctx context.Context, dir string) (goToolchain, error) {
	t, err := goEnv(ctx, dir, nil)
	if err == nil && t.version == GoVersion {
		return t, nil
	}
	switched, switchErr := goEnv(ctx, dir, []string{"GOTOOLCHAIN=" + GoVersion})
	if switchErr == nil {
		return switched, nil
	}
	if err != nil {
		return goToolchain{}, err
	}
	if strings.HasPrefix(t.version, goSeries+".") || t.version == goSeries {
		return t, nil // the substitutions are checked one by one
	}
	return goToolchain{}, fmt.Errorf("images are built with %s; the go command here is %s and cannot switch: %w", GoVersion, t.version, switchErr)
}

func goEnv(ctx context.Context, dir string, env []string) (goToolchain, error) {
	cmd := exec.CommandContext(ctx, "go", "env", "GOROOT", "GOVERSION")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = errors.New(strings.TrimSpace(string(exit.Stderr)))
		}
		return goToolchain{}, fmt.Errorf("go env: %w", err)
	}
	root, version, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return goToolchain{root: root, version: version, env: env}, nil
}
