package netlog

import (
	"errors"
	"slices"
)

// What Reconfigure refuses beside what Start does.
var (
	ErrNotStarted = errors.New("netconsole: not started")
	ErrIdentity   = errors.New("netconsole: key and ids are those of Start, leave them out")
)

// A given is a configuration as it was given.
type given struct {
	targets []Target
	options Options
}

func newGiven(targets []Target, o *Options) *given {
	g := &given{targets: slices.Clone(targets), options: *o}
	g.options.Key, g.options.BootID, g.options.Boot, g.options.BuildID = nil, [len(o.BootID)]byte{}, "", ""
	return g
}

// Configuration is what Start or Reconfigure was given last, without the key and the ids: something to change and
// to give to Reconfigure. Before Start there is none.
func (l *Logger) Configuration() ([]Target, Options) {
	g := l.network.given.Load()
	if g == nil {
		return nil, Options{}
	}
	return slices.Clone(g.targets), g.options
}

// Reconfigure sends to other targets from now on, or in another way, from a goroutine. Records that wait go to the new
// ones; nobody is known there yet, and new log hosts of a sender that seals have not answered. The key, the count of
// sealed datagrams and the ids stay: options must not have any. The errors are those of Start, ErrNotStarted,
// ErrIdentity, ErrDying and, if another context did not let go of the device within a second, ErrBusy; then nothing
// has changed. A crash at any moment of it is reported to the targets of before or to the new ones.
func (l *Logger) Reconfigure(targets []Target, o Options) error {
	s := &l.network
	switch {
	case s.state.Load() != started:
		return ErrNotStarted
	case l.crash.dying():
		return ErrDying
	}
	if o.Key != nil || o.BootID != [len(o.BootID)]byte{} || o.Boot != "" || o.BuildID != "" {
		return ErrIdentity
	}
	mac := l.device.MAC()
	routes, err := check(targets, &o, mac)
	if err != nil {
		return err
	}
	if err := l.take(); err != nil {
		return err
	}
	p := &s.plan
	p.make(targets, routes, &o, mac, l.crash.bootID(), &l.block)
	p.now = l.now()
	p.told = s.lossesTold()
	s.planned.Store(1)
	l.follow(p)
	s.planned.Store(0)
	l.allowExpress()
	l.SetLevel(o.Level)
	l.setDrop(o.Drop)
	s.given.Store(newGiven(targets, &o))
	s.busy.Store(0)
	l.sayTargets(targets, routes, "")
	l.Poll()
	return nil
}

// lossesTold is how many lost records need not be told to new targets: the old ones were told of them.
func (s *sender) lossesTold() uint64 {
	switch {
	case s.more.Load() > 0 || s.extended:
		return s.lost.Load()
	case s.note:
		return s.noted // what is being told is told anew
	}
	return s.told
}
