package toolchain

import (
	"fmt"
	"strings"
)

const (

	// tags: the board brings its own entry code and RAM start (TamaGo's tags), and
	// the tag that TamaGo's toolchain sets by itself.
	tags = "linkcpuinit,linkramstart"

	cmdlineVariable = "gasp/board/machine.defaultCmdline"
)

// command is a run of go build, or of go test -c.
type command struct {
	options   Options
	target    *target
	key       string      // digits to bake in, "" for none
	toolchain goToolchain // stock Go only
	overlay   string      // likewise
	board     string      // likewise: its packages
	linked    string      // output
	test      bool
}

// build returns the program, its arguments, and what to add to the environment.
func (c *command) build() (name string, args, env []string, err error) {
	ldflags := "-T " + c.target.text + " -R 0x1000 -E " + formatOf(c.options.Output).entry()
	if !c.options.Debug {
		ldflags += " -w"
	}
	if c.options.Cmdline != "" {
		x, err := quote(cmdlineVariable + "=" + c.options.Cmdline)
		if err != nil {
			return "", nil, nil, err
		}
		ldflags += " -X " + x
	}
	if c.board != "" {
		x, err := quote(boardVariable + "=" + c.board)
		if err != nil {
			return "", nil, nil, err
		}
		ldflags += " -X " + x
	}
	buildTags := c.buildTags()
	args = []string{"build", "-trimpath", "-o", c.linked}
	if c.test {
		args = append([]string{"test", "-c", "-vet=off"}, args[1:]...)
	}
	if c.options.TamaGo != "" {
		args = append(args, "-tags", buildTags, "-ldflags", ldflags, c.options.Package)
		// GOROOT may be set for another go.
		env = append(c.target.environment("tamago"), "GOOSPKG=github.com/usbarmory/tamago", "GOTOOLCHAIN=local", "GOROOT=")
		return c.options.TamaGo, args, env, nil
	}
	args = append(args, "-tags", "tamago,"+buildTags, "-overlay", c.overlay, "-ldflags", ldflags, c.options.Package)
	env = append(c.target.environment("linux"), c.toolchain.env...)
	return "go", args, env, nil
}

func (c *command) buildTags() string {
	if c.options.Tags == "" {
		return tags
	}
	return tags + "," + c.options.Tags
}

// quote protects a word from the splitting of -ldflags, which knows quotes but no
// escapes.
func quote(s string) (string, error) {
	for _, q := range []string{"'", `"`} {
		if !strings.Contains(s, q) {
			return q + s + q, nil
		}
	}
	return "", fmt.Errorf("-cmdline %s: cannot hold both kinds of quotes", s)
}
