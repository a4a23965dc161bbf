package netlog

import (
	"net/netip"
	"slices"

	"gasp/netlog/wire"
)

// check says what is wrong with a configuration of a device with this address, and else where the targets are.
func check(targets []Target, o *Options, mac [6]byte) (routes []route, err error) {
	switch {
	case len(targets) == 0:
		return nil, ErrNoTarget
	case len(targets) > MaxTargets:
		return nil, ErrTargets
	case o.Heartbeat < 0 || o.Heartbeat > maxHeartbeat:
		return nil, ErrHeartbeat
	}
	for i, t := range targets {
		r, err := newRoute(t, *o, mac)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(targets[:i], func(u Target) bool { return u.Dest == t.Dest && u.Port == t.Port && u.VLAN == t.VLAN }) {
			return nil, ErrTwice
		}
		if _, err := releasePrefix(t, *o); err != nil {
			return nil, err
		}
		routes = append(routes, r)
	}
	return routes, nil
}

// Usable tells those targets that Start would take of a device with this address, and what is wrong with the
// others: a board goes on with those that are right.
func Usable(targets []Target, o Options, mac [6]byte) (usable []Target, errs []error) {
	for _, t := range targets {
		if _, err := check(append(usable[:len(usable):len(usable)], t), &o, mac); err != nil {
			errs = append(errs, &wrongTarget{t.Dest, err})
			continue
		}
		usable = append(usable, t)
	}
	return usable, errs
}

// A wrongTarget says which target an error is of.
type wrongTarget struct {
	dest netip.Addr
	err  error
}

func (e *wrongTarget) Error() string { return e.err.Error() + " (target " + e.dest.String() + ")" }

func (e *wrongTarget) Unwrap() error { return e.err }

// make makes the plan of targets that were checked. Those of the same format stand together, so that a message is
// made once for each.
func (p *plan) make(targets []Target, routes []route, o *Options, mac [6]byte, boot [bootDigits]byte, block *wire.Block) {
	order := make([]int, len(targets))
	for i := range order {
		order[i] = i
	}
	kind := func(i int) int {
		if t := targets[i]; t.Extended == targets[0].Extended && t.Release == targets[0].Release {
			return -1 // the first stays the first
		} else if !t.Extended {
			return 0
		} else if !t.Release {
			return 1
		}
		return 2
	}
	slices.SortStableFunc(order, func(i, j int) int { return kind(i) - kind(j) })
	p.targets = len(targets)
	p.heartbeat = o.Heartbeat
	for i, from := range order {
		d, t, r := &p.to[i], targets[from], &routes[from]
		d.template.build(r.source, t.Dest, t.SourcePort, t.Port, mac, t.VLAN)
		d.template.setDestination(r.station)
		d.way.build(r, mac)
		d.group = r.group
		d.format = format{extended: t.Extended}
		release, _ := releasePrefix(t, *o)
		d.format.releases = copy(d.format.release[:], release)
		d.final.build(&d.template, &d.format, boot, block)
	}
}

// sayTargets makes a record of where records go from now on.
func (l *Logger) sayTargets(targets []Target, routes []route, how string) {
	text := "netconsole: sending to "
	for i, t := range targets {
		if i > 0 {
			text += ", "
		}
		text += t.Dest.String() + " from " + routes[i].source.String() + vlanSaid(t.VLAN)
	}
	l.store(Info, []byte(text+how), false)
}
