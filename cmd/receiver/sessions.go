package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"gasp/internal/source"
	"gasp/netlog/wire"
)

// sessions keeps in a file how far every device was heard, so that a receiver that is started again
// shows nothing twice and asks for what it missed.
type sessions struct {
	path string
	say  func(string)

	mu     sync.Mutex // over what follows
	saved  time.Time
	busy   bool // one is being written
	failed error
	said   bool // that it failed
	writes sync.WaitGroup

	list []source.Session // at the end, if kept
	kept bool
}

const (
	// sessionsName is no host's: those do not begin with a dot.
	sessionsName = ".sessions.json"
	// savePause is the least time between two writes of the file.
	savePause = time.Second
	// maxSessions is the largest file in bytes that is read.
	maxSessions = 64 << 20
	// sessionsMode is that of the logs.
	sessionsMode = 0o640
)

// sessionsFile is what is in the file.
type sessionsFile struct {
	Version  int           `json:"version"`
	Sessions []sessionLine `json:"sessions"`
}

const sessionsVersion = 1

type sessionLine struct {
	Device  string        `json:"device"`
	ID      string        `json:"id"`
	Boot    string        `json:"boot"`
	Upto    uint64        `json:"upto"`
	Missing []source.Span `json:"missing,omitempty"`
}

func newSessions(dir string, say func(string)) *sessions {
	return &sessions{path: filepath.Join(dir, sessionsName), say: say}
}

// load reads the file. One that cannot be read is said, and is as good as none.
func (s *sessions) load() (list []source.Session) {
	list, err := s.read()
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.say(fmt.Sprintf("what was heard of devices before is not known, so it may be shown again: %s: %v", s.path, err))
	}
	return list
}

func (s *sessions) read() (list []source.Session, err error) {
	f, err := os.Open(s.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSessions))
	if err != nil {
		return nil, err
	}
	var file sessionsFile
	if err := json.Unmarshal(b, &file); err != nil {
		return nil, err
	}
	if file.Version != sessionsVersion {
		return nil, fmt.Errorf("version %d is not known", file.Version)
	}
	for _, l := range file.Sessions {
		n := source.Session{Device: l.Device, Upto: l.Upto, Missing: l.Missing}
		id, err := hex.DecodeString(l.ID)
		boot, err2 := hex.DecodeString(l.Boot)
		if err != nil || err2 != nil || len(id) != wire.IDSize || len(boot) != wire.BootSize {
			return nil, fmt.Errorf("%q: id or boot is not right", l.Device)
		}
		copy(n.ID[:], id)
		copy(n.Boot[:], boot)
		list = append(list, n)
	}
	return list, nil
}

// due says whether it is time to save, and says when that failed. What the table handed on has to be
// written before.
func (s *sessions) due(now time.Time) bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed != nil && !s.said {
		s.say(fmt.Sprintf("cannot note how far devices were heard: %v", s.failed))
	}
	s.said = s.failed != nil
	return !s.busy && now.Sub(s.saved) >= savePause
}

// save writes the file in the background, unless it is being written.
func (s *sessions) save(list []source.Session, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.busy {
		s.saved, s.busy = now, true
		s.writes.Go(func() { s.write(list) })
	}
}

// keep remembers what end is to write.
func (s *sessions) keep(list []source.Session) {
	if s != nil {
		s.list, s.kept = list, true
	}
}

// end writes what keep was given.
func (s *sessions) end(messages io.Writer) {
	if s == nil || !s.kept {
		return
	}
	s.writes.Wait()
	if s.write(s.list); s.failed != nil {
		fmt.Fprintln(messages, "receiver: cannot note how far devices were heard:", s.failed)
	}
}

func (s *sessions) write(list []source.Session) {
	file := sessionsFile{Version: sessionsVersion, Sessions: []sessionLine{}}
	for _, n := range list {
		file.Sessions = append(file.Sessions, sessionLine{n.Device, hex.EncodeToString(n.ID[:]), hex.EncodeToString(n.Boot[:]), n.Upto, n.Missing})
	}
	b, err := json.Marshal(&file)
	if err == nil {
		err = replace(s.path, append(b, '\n'))
	}
	s.mu.Lock()
	s.busy, s.failed = false, err
	s.mu.Unlock()
}

// replace writes a file anew, whole or not at all.
func replace(path string, b []byte) error {
	fresh := path + ".new"
	f, err := os.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, sessionsMode)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		os.Remove(fresh)
	}
	return err
}
