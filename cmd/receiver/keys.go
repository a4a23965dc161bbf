package main

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"gasp/internal/keys"
	"gasp/internal/source"
)

// sealing is what the receiver has to do with devices that seal what they send.
type sealing struct {
	path     string // of the keys, empty for none
	sessions *sessions
	say      func(string)
}

// newSealing reads the keys, and what is known of their devices from an earlier run, into the table's
// options. Without a file of keys there is nothing to do.
func newSealing(o *options, say func(string), send func(via int, to netip.AddrPort, datagram []byte) error, table *source.Options) (*sealing, error) {
	table.OneWay, table.SealedOnly = o.oneWay, o.sealedOnly
	s := &sealing{path: o.keys, say: say}
	if o.keys == "" {
		return s, nil
	}
	list, warning, err := keys.Load(o.keys)
	if err != nil {
		return nil, err
	}
	if warning != "" {
		say(warning)
	}
	say(source.Count(len(list), "device key"))
	s.sessions = newSessions(o.dir, say)
	table.Keys, table.Resume = list, s.sessions.load()
	// An answer that cannot be sent is like one that is lost: the device asks again.
	table.Answer = func(via int, to netip.AddrPort, datagram []byte) { send(via, to, datagram) }
	return s, nil
}

// reload reads the keys anew. If that fails, the old ones stay.
func (s *sealing) reload(table *source.Table, now time.Time) {
	if s.path == "" {
		return
	}
	list, warning, err := keys.Load(s.path)
	if err != nil {
		s.say(fmt.Sprint("the keys stay as they are: ", err))
		return
	}
	if warning != "" {
		s.say(warning)
	}
	table.SetKeys(list, now)
	s.say(source.Count(len(list), "device key"))
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
