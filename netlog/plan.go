package netlog

import (
	"slices"
	"time"

	"gasp/netlog/wire"
)

// A plan is a configuration of the sender, complete before any of it is in force. Putting it in force twice does no
// harm: if the machine dies meanwhile, the crash path does so.
type plan struct {
	targets   int
	to        [MaxTargets]planned
	now       int64
	told      uint64 // of the losses
	heartbeat time.Duration
}

// A planned is a destination of a plan.
type planned struct {
	template template
	format   format
	group    bool
	way      way
	final    prebuilt
}

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

// follow puts a plan in force. The caller holds the sender, or is the crash path.
func (l *Logger) follow(p *plan) {
	s := &l.network
	s.more.Store(uint32(within(p.targets-1, MaxTargets-1)))
	for i := range s.destinations() {
		s.to(i).follow(&p.to[i], p.told)
	}
	// What was begun for the targets before is begun anew for these.
	s.turn, s.made, s.length, s.done, s.note = 0, 0, 0, 0, false
	s.told = p.told
	s.sealed.begin(p)
}

func (d *destination) follow(p *planned, told uint64) {
	id := d.template.id
	d.template, d.format, d.group, d.final = p.template, p.format, p.group, p.final
	d.template.id = id
	d.neighbor.way = p.way
	d.neighbor.begin()
	d.answers.begin()
	d.missed.Store(0)
	d.noted, d.mute, d.late = told, false, false
}

// begin makes the sender one whose log hosts have not answered yet.
func (z *sealed) begin(p *plan) {
	z.heartbeat = p.heartbeat
	z.started.Store(p.now)
	z.length, z.upto, z.only, z.turn = 0, 0, 0, 0
	z.probe.hello, z.probe.next, z.probe.pause = 0, 0, 0
	z.probe.alone.Store(0)
}

// begin makes the log host one that has not answered yet.
func (a *answers) begin() {
	a.torn = true
	a.newest, a.proof, a.run, a.from = wire.Answer{}, [wire.BootSize]byte{}, 0, 0
	a.torn = false
	a.acked.Store(0)
	a.proven.Store(0)
	a.heard.Store(0)
	a.moved.Store(0)
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
