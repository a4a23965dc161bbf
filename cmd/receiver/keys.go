package main

import (
	"fmt"
	"strings"

	"gasp/internal/keys"
	"gasp/internal/source"
)

// sealing is what the receiver has to do with devices that seal what they send.
type sealing struct {
	path     string // of the keys, empty for none
	sessions *sessions
	say      func(string)
	about    string // the keys
}

// newSealing reads the keys, and what is known of their devices from an earlier run, into the table's
// options. Without a file of keys there is nothing to do.
func newSealing(o *options, say func(string), table *source.Options) (s sealing, err error) {
	table.OneWay, table.SealedOnly = o.oneWay, o.sealedOnly
	s = sealing{path: o.keys, say: say}
	if o.keys == "" {
		return s, nil
	}
	if table.Keys, s.about, err = s.load(); err != nil {
		return s, err
	}
	if !o.noStore {
		s.sessions = newSessions(o.dir, say)
		table.Resume = s.sessions.load()
	}
	return s, nil
}

// load reads the keys, and returns what there is to say about them.
func (s *sealing) load() (list []keys.Key, about string, err error) {
	list, warning, err := keys.Load(s.path)
	if err != nil {
		return nil, "", err
	}
	about = source.Count(len(list), "device key")
	if warning != "" {
		about += "; " + warning
	}
	return list, about, nil
}

// reload reads the keys anew and hands them to use. If that fails, the old ones stay.
func (s *sealing) reload(use func([]keys.Key)) {
	if s.path == "" {
		return
	}
	list, about, err := s.load()
	if err != nil {
		s.say(fmt.Sprint("the keys stay as they are: ", err))
		return
	}
	use(list)
	s.say(about)
}

// refusals says which datagrams were refused for what has to do with keys, empty for none.
func refusals(s *source.Stats) string {
	var list []string
	for cause := range source.Unsealed + 1 {
		if n := s.Rejected[cause]; n > 0 {
			list = append(list, fmt.Sprint(n, " ", cause))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "datagrams refused: " + strings.Join(list, ", ")
}
