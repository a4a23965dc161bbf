package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// The kit that runs Linux is a folder. Its scripts measure, and print a line of JSON, an object, for each run.
const (
	linuxReady  = "build/ready" // is there if it is set up
	scriptGrace = 10 * time.Second
)

// errScript is wrapped by errors about a script that failed or printed nothing of use.
var errScript = errors.New("no figure of Linux")

type peers struct{ dir string }

// there says that Linux is to be measured.
func (p peers) there() bool { return p.dir != "" }

// row is what a script prints about a run.
type row map[string]any

// number gives a field that is one.
func (r row) number(field string) (float64, bool) {
	v, ok := r[field].(float64)
	return v, ok
}

// measure runs a script and gives the values of a field in the rows that have it.
func (p peers) measure(ctx context.Context, field, script string, args ...string) (samples, error) {
	rows, err := p.rows(ctx, script, args...)
	if err != nil {
		return nil, err
	}
	var values samples
	for _, r := range rows {
		if v, ok := r.number(field); ok {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return nil, fmt.Errorf("%w: %s %s: no %s in %v", errScript, script, strings.Join(args, " "), field, rows)
	}
	return values, nil
}

// rows runs a script and gives what it prints.
func (p peers) rows(ctx context.Context, script string, args ...string) (rows []row, err error) {
	c := exec.CommandContext(ctx, filepath.Join(p.dir, script), args...)
	var out, said bytes.Buffer
	c.Stdout, c.Stderr = &out, &said
	// It stops its QEMU when it is asked to end.
	c.Cancel, c.WaitDelay = func() error { return c.Process.Signal(syscall.SIGTERM) }, scriptGrace
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("%w: %v: %w: %s", errScript, c, err, lastLine(said.Bytes()))
	}
	for in := bufio.NewScanner(&out); in.Scan(); {
		var r row
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("%w: %v printed %q: %w", errScript, c, in.Text(), err)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func lastLine(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return lines[len(lines)-1]
}
