package main

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gasp/toolchain"
	"gasp/toolchain/cpio"
)

// writeArchive writes what the tests of p may read: as go test has it, all in and below the package's folder, the file
// that marks the root of the standard library, and what the list says. Each lies where it does on this host; the
// folders that it is in are there without an entry.
func writeArchive(path string, p toolchain.TestPackage, list []*expectation) error {
	paths := []string{p.Dir, filepath.Join(p.GOROOT, "src/go.mod"), filepath.Join(p.GOROOT, "VERSION"), filepath.Join(p.GOROOT, "go.env")}
	for _, f := range filesOf(list) {
		paths = append(paths, filepath.Join(p.GOROOT, f))
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	buffer := bufio.NewWriter(f)
	to := cpio.NewWriter(buffer)
	for i, path := range paths {
		in := func(folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }
		if !slices.ContainsFunc(paths[:i], in) {
			err = errors.Join(err, addPath(to, path))
		}
	}
	return errors.Join(err, to.Close(), buffer.Flush(), f.Close())
}

// addPath adds a folder with all below it, or a file.
func addPath(to *cpio.Writer, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	at := strings.TrimPrefix(path, "/")
	if info.IsDir() {
		return to.AddTree(path, at)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return to.Add(at, info.Mode(), info.ModTime(), info.Size(), f)
}
