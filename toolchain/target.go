package toolchain

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrArch is an architecture that there are no images for.
var ErrArch = errors.New("no such architecture")

// DefaultArch is what images are built for if nothing else is asked for.
const DefaultArch = "amd64"

// A target is an architecture that images are built for.
type target struct {
	arch          string         // GOARCH
	env           []string       // what else of the environment chooses it
	text          string         // address that the code is linked for: the board's boot_*.s has the same layout
	substitutions []substitution // beyond those of all
	// finish makes an image of what was linked; movable says that it may lie anywhere, where the architecture's can.
	finish func(linked []byte, movable bool) ([]byte, error)
}

var targets = []target{
	{"amd64", []string{"GOAMD64=v1"}, amd64Text, amd64Substitutions, bootable},
	{"arm", []string{"GOARM=7"}, "0x80210000", armSubstitutions, checkImage},
	{"arm64", []string{"GOARM64=v8.0"}, arm64Text, arm64Substitutions, placedARM},
}

// findTarget returns the target of an architecture, "" is the default.
func findTarget(arch string) (*target, error) {
	if arch == "" {
		arch = DefaultArch
	}
	var known []string
	for i := range targets {
		if t := &targets[i]; t.arch == arch {
			return t, nil
		}
		known = append(known, targets[i].arch)
	}
	return nil, fmt.Errorf("%w: %q (there are %s)", ErrArch, arch, strings.Join(known, ", "))
}

// environment is what images are built for, with the stock toolchain or, os being
// "tamago", with TamaGo's.
func (t *target) environment(os string) []string {
	return append([]string{"GOOS=" + os, "GOARCH=" + t.arch, "CGO_ENABLED=0"}, t.env...)
}

// all is every substitution of the target.
func (t *target) all() []substitution {
	return slices.Concat(t.substitutions, substitutions)
}
