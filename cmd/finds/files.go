//go:build tamago

package main

import (
	"crypto/sha256"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// files says what is at each path, as os and io/fs tell.
func files(paths []string) {
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			say(p, err)
			continue
		}
		switch {
		case info.IsDir():
			list, err := os.ReadDir(p)
			var names []string
			for _, e := range list {
				names = append(names, e.Name())
			}
			say(p, info.Mode(), strings.Join(names, ","), err)
		default:
			text, err := os.ReadFile(p)
			say(p, info.Mode(), info.Size(), info.ModTime().UTC().Format("2006-01-02T15:04:05"), string(text[:min(len(text), 40)]), err)
		}
	}
	wd, err := os.Getwd()
	say("wd", wd, err)
}

// walk hashes names and contents of the whole tree but /dev, with a pread and seeks in
// between, and what a chdir and a relative path give.
func walk(roots []string) {
	h := sha256.New()
	n := 0
	err := filepath.WalkDir(roots[0], func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		n++
		io.WriteString(h, path+"\n")
		if !d.Type().IsRegular() {
			return nil
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		var b [1]byte
		f.ReadAt(b[:], 3)
		size, err := f.Seek(0, io.SeekEnd)
		if err != nil {
			return err
		}
		if _, err := f.Seek(-size, io.SeekCurrent); err != nil {
			return err
		}
		_, err = io.Copy(h, f)
		return err
	})
	say("tree", n, err)
	sum := h.Sum(nil)
	for _, c := range []string{"0123456789abcdef"} {
		text := ""
		for _, v := range sum {
			text += string(c[v>>4]) + string(c[v&15])
		}
		say("hash", text)
	}
	err = os.Chdir(roots[0])
	text, err2 := os.ReadFile("name.txt")
	say("relative", string(text), err, err2)
}
