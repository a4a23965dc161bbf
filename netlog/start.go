package netlog

import (
	"encoding/hex"
	"errors"
	"net/netip"
	"time"

	"gasp/netlog/wire"
)

// What Start refuses.
var (
	ErrStarted   = errors.New("netconsole: already started")
	ErrNoDevice  = errors.New("netconsole: no network device")
	ErrDevice    = errors.New("netconsole: no such network device")
	ErrVLAN      = errors.New("netconsole: VLAN: want 1 to 4094, or 0 for none")
	ErrTargets   = errors.New("netconsole: more than 4 targets")
	ErrTwice     = errors.New("netconsole: two targets are the same")
	ErrNoTarget  = errors.New("netconsole: no target address")
	ErrNoSource  = errors.New("netconsole: no source address: this machine needs one, give it before the /")
	ErrSource    = errors.New("netconsole: source address is not one that a machine can have")
	ErrVersion   = errors.New("netconsole: source and target address are not of the same IP version")
	ErrSelf      = errors.New("netconsole: target address is the source address")
	ErrPrefixLen = errors.New("netconsole: prefix length: want 1 to 32, for IPv6 1 to 128")
	ErrOffLink   = errors.New("netconsole: target is not on the link and there is no gateway")
	ErrScope     = errors.New("netconsole: a target beyond a gateway cannot be reached from a link-local source address")
	ErrGateway   = errors.New("netconsole: gateway is not another address on the link, of the target's IP version")
	ErrPort      = errors.New("netconsole: port 0 cannot be used")
	ErrRelease   = errors.New("netconsole: release: want at most 64 letters, digits and any of . _ ~ + -, not a number alone")
	ErrBoot      = errors.New("netconsole: boot id: want 16 hexadecimal digits")
	ErrBuild     = errors.New("netconsole: build id: want at most 64 hexadecimal digits")
	ErrSeal      = errors.New("netconsole: sealing takes a random boot id: nothing is sent")
	ErrHeartbeat = errors.New("netconsole: heartbeat: want 0 to an hour")
)

// releaseSize is room for the longest release and its comma.
const releaseSize = 65

const defaultRelease = "gasp"

// Options is what the netconsole= parameter does not say.
type Options struct {
	Level      int        // records below it go out, as Linux's loglevel=, 1 to 8; 0 means 7, up to Info
	Gateway    netip.Addr // IPv4 router for targets off the link
	PrefixLen  int        // of the link's IPv4 prefix, in bits; 0 means 24
	Gateway6   netip.Addr // IPv6 router for targets off the link, mostly by its link-local address
	PrefixLen6 int        // of the link's IPv6 prefix, in bits; 0 means 64
	Release    string     // what an r in the parameter puts first; empty means "gasp"
	BuildID    string     // image's build id in hexadecimal digits, for the crash report; may be empty
	Boot       string     // this boot's random id, 16 hexadecimal digits, for the crash report; empty means zeros
	// Key, if there is one, seals all that is sent: the target's format does not matter then. BootID is the
	// boot id that goes with it: no other boot of the device may have the same one.
	Key    *wire.Key
	BootID [wire.BootSize]byte
	// Heartbeat is the longest silence of a sender that seals; 0 promises nothing. Tenths of a second count.
	Heartbeat time.Duration
	// Drop makes goroutines that log never wait: what the ring has no room for is lost, and counted. Otherwise they wait,
	// within bounds, before anything is overwritten that was not sent.
	Drop bool
}

// maxHeartbeat is the longest heartbeat.
const maxHeartbeat = time.Hour

// Start connects the logger to a device and a target. What was logged before
// goes out as soon as the link is up and the target's station is known; until
// then, and whenever the link is down, records are kept. With the link up, a
// target on it gets those that the ring has no room for any more by broadcast,
// as Linux's netconsole without a target MAC sends all. Whatever keeps records
// from going out is itself a record.
func (l *Logger) Start(dev Device, t Target, o Options) error {
	return l.StartAll(dev, []Target{t}, o)
}

// StartAll is Start for up to MaxTargets targets: every record goes to all of them. Those whose station is not known are
// waited for while it is asked for three times, three seconds; then they miss what the others get.
func (l *Logger) StartAll(dev Device, targets []Target, o Options) error {
	if dev == nil {
		return ErrNoDevice
	}
	mac := dev.MAC()
	routes, err := check(targets, &o, mac)
	if err != nil {
		return err
	}
	if err := checkIDs(o.Boot, o.BuildID); err != nil {
		return err
	}
	if o.Key != nil && o.BootID == [wire.BootSize]byte{} {
		return ErrSeal
	}
	s := &l.network
	if !s.state.CompareAndSwap(unstarted, starting) {
		return ErrStarted
	}
	if err := l.Attach(dev); err != nil {
		s.state.Store(unstarted)
		return err
	}
	l.identify(o.Boot, o.BuildID)
	l.SetLevel(o.Level)
	l.hasty.Store(0)
	if o.Drop {
		l.hasty.Store(1)
	}
	l.block.Format(targets[0].Extended)
	s.plan.make(targets, routes, &o, mac, l.crash.bootID(), &l.block)
	s.plan.now = l.now()
	how := ""
	if o.Key != nil {
		s.sealed.sealer = wire.NewSealer(o.Key, &o.BootID)
		id := s.sealed.sealer.ID()
		how = ", sealed by device " + hex.EncodeToString(id[:])
		l.final.sealed.build(l.crash.bootID(), &l.block)
		l.final.reseal(l)
	}
	l.follow(&s.plan)
	l.beginKeep()
	l.sayTargets(targets, routes, how)
	if dev.Link() {
		s.up.Store(1)
	} else {
		l.say(Warning, sayLinkDown)
	}
	s.given.Store(newGiven(targets, &o))
	s.state.Store(started)
	l.allowExpress()
	l.Poll()
	return nil
}

// SetLevel sets the limit as Linux's loglevel= does: records with a level below
// it go out, 1 to 8; 0 means 7.
func (l *Logger) SetLevel(limit int) {
	l.limit.Store(uint32(max(0, min(limit, int(Debug)+1))))
}

// releasePrefix is what stands before an extended header if the target asks
// for it. A number alone would pass for the header's first field.
func releasePrefix(t Target, o Options) (string, error) {
	if !t.Release {
		return "", nil
	}
	release := o.Release
	if release == "" {
		release = defaultRelease
	}
	number := true
	for i := range len(release) {
		c := release[i]
		digit := '0' <= c && c <= '9'
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !digit && !letter && c != '.' && c != '_' && c != '~' && c != '+' && c != '-' {
			return "", ErrRelease
		}
		number = number && digit
	}
	if number || len(release) >= releaseSize {
		return "", ErrRelease
	}
	return release + ",", nil
}
