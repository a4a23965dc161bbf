package keys

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

const (
	// fileMode keeps the keys from all but their owner.
	fileMode = 0o600
	// unfinished is put behind a file's name while it is written anew; who finds it waits for nobody,
	// but does not write either.
	unfinished = ".new"
)

// Append adds keys to the file at path, which it makes if there is none: whole, or not at all. It
// refuses a name that is there already.
func Append(path string, more []Key) (err error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	fresh := path + unfinished
	f, err := os.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("another keygen is writing %s; if there is none, it was interrupted: remove %s", path, fresh)
	}
	if err != nil {
		return fmt.Errorf("cannot write the keys: %w", err)
	}
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(fresh)
		}
	}()
	text, err := extended(path, f, more)
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		return fmt.Errorf("cannot write the keys: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("cannot write the keys: %w", err)
	}
	if err := os.Rename(fresh, path); err != nil {
		return fmt.Errorf("cannot write the keys: %w", err)
	}
	return nil
}

// extended returns the text of the file at path with more keys behind it, and gives f its owner.
func extended(path string, f *os.File, more []Key) (text []byte, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("cannot read the keys: %w", err)
	default:
		if _, _, err := Load(path); err != nil {
			return nil, err
		}
		if text, err = os.ReadFile(path); err != nil {
			return nil, fmt.Errorf("cannot read the keys: %w", err)
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); ok && (int(stat.Uid) != os.Geteuid() || int(stat.Gid) != os.Getegid()) {
			if err := f.Chown(int(stat.Uid), int(stat.Gid)); err != nil {
				return nil, fmt.Errorf("cannot write the keys: %w", err)
			}
		}
	}
	if n := len(text); n > 0 && text[n-1] != '\n' {
		text = append(text, '\n')
	}
	text = slices.Clip(text)
	for i := range more {
		text = more[i].AppendLine(text)
	}
	if _, err := Parse(text); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return text, nil
}
