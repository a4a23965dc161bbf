package netlog

import (
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

// follow puts a plan in force. The caller holds the sender, or is the crash path.
func (l *Logger) follow(p *plan) {
	s := &l.network
	s.more.Store(uint32(within(p.targets-1, MaxTargets-1)))
	for i := range s.destinations() {
		s.to(i).follow(&p.to[i], p.told)
	}
	// What was begun for the targets before is begun anew for these.
	s.forget()
	s.told = p.told
	s.express.Store(0)
	s.sealed.begin(p)
}

// allowExpress lets records go out by the shortest way, if there is one.
func (l *Logger) allowExpress() {
	if l.network.destinations() == 1 && !l.sealing() {
		l.network.express.Store(1)
	}
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

// finishPlan puts the plan in force that the machine died over.
func (l *Logger) finishPlan() {
	if s := &l.network; s.planned.Load() != 0 {
		l.follow(&s.plan)
	}
}
