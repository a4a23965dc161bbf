package hostlog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The names in a host's folder: log, log-20261123T120000.123456Z, log-20261123T120000.123456Z.zst. The
// time is that of the rotation, so that the names sort by it.
const (
	current    = "log"
	olderStart = "log-"
	olderTime  = "20060102T150405.000000Z"
	compressed = ".zst"
	unfinished = ".part"
)

// rotatePause is how long a log that could not be rotated is left alone.
const rotatePause = time.Minute

// rotate makes an open log an older one.
func (s *Logs) rotate(l *log) {
	l.file.Close()
	path := l.file.Path()
	dir := filepath.Dir(path)
	name, err := nextName(dir, s.now())
	if err == nil {
		err = s.rename(path, filepath.Join(dir, name))
	}
	if err != nil {
		s.options.Say(fmt.Sprintf("%s cannot be rotated: %v", path, err))
		l.notBefore = s.now().Add(rotatePause)
		return
	}
	l.begun = s.now()
	s.keeper.look(dir)
}

// nextName is the name of an older log that sorts behind those that there are, whatever the clock did.
func nextName(dir string, now time.Time) (string, error) {
	names, err := older(dir)
	if err != nil {
		return "", err
	}
	now = now.UTC().Truncate(time.Microsecond)
	if len(names) > 0 {
		if newest, _ := olderAt(names[len(names)-1]); !now.After(newest) {
			now = newest.Add(time.Microsecond)
		}
	}
	return olderStart + now.Format(olderTime), nil
}

// older returns the names of a host's older logs, the oldest first.
func older(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if _, ok := olderAt(e.Name()); ok {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// olderAt reads when an older log was rotated from its name.
func olderAt(name string) (at time.Time, ok bool) {
	text, ok := strings.CutPrefix(strings.TrimSuffix(name, compressed), olderStart)
	if !ok || len(text) != len(olderTime) {
		return at, false
	}
	at, err := time.Parse(olderTime, text)
	return at, err == nil
}
