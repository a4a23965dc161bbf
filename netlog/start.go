package netlog

import (
	"encoding/hex"
	"errors"
	"net/netip"
	"time"

	"gasp/netlog/wire"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// What Start refuses.
var (
	ErrStarted   = errors.New("netconsole: already started")
	ErrNoDevice  = errors.New("netconsole: no network device")
	ErrNoTarget  = errors.New("netconsole: no target address")
	ErrNoSource  = errors.New("netconsole: no source address: this machine needs one, give it before the /")
	ErrSource    = errors.New("netconsole: source address is not one that a machine can have")
	ErrIPv6      = errors.New("netconsole: IPv6 is not supported yet, use IPv4 addresses")
	ErrSelf      = errors.New("netconsole: target address is the source address")
	ErrPrefixLen = errors.New("netconsole: prefix length: want 1 to 32")
	ErrOffLink   = errors.New("netconsole: target is not on the link and there is no gateway")
	ErrGateway   = errors.New("netconsole: gateway is not another IPv4 address on the link")
	ErrPort      = errors.New("netconsole: port 0 cannot be used")
	ErrRelease   = errors.New("netconsole: release: want at most 64 letters, digits and any of . _ ~ + -, not a number alone")
	ErrBoot      = errors.New("netconsole: boot id: want 16 hexadecimal digits")
	ErrBuild     = errors.New("netconsole: build id: want at most 64 hexadecimal digits")
	ErrSeal      = errors.New("netconsole: sealing takes a random boot id: nothing is sent")
	ErrHeartbeat = errors.New("netconsole: heartbeat: want 0 to an hour")
)

// defaultPrefixLen is the length of the link's prefix if none is given.
const defaultPrefixLen = 24

// releaseSize is room for the longest release and its comma.
const releaseSize = 65

const defaultRelease = "gasp"

// Options is what the netconsole= parameter does not say.
type Options struct {
	Level     int        // records below it go out, as Linux's loglevel=, 1 to 8; 0 means 7, up to Info
	Gateway   netip.Addr // router for targets off the link
	PrefixLen int        // of the link's prefix, in bits; 0 means 24
	Release   string     // what an r in the parameter puts first; empty means "gasp"
	BuildID   string     // image's build id in hexadecimal digits, for the crash report; may be empty
	Boot      string     // this boot's random id, 16 hexadecimal digits, for the crash report; empty means zeros
	// Key, if there is one, seals all that is sent: the target's format does not matter then. BootID is the
	// boot id that goes with it: no other boot of the device may have the same one.
	Key    *wire.Key
	BootID [wire.BootSize]byte
	// Heartbeat is the longest silence of a sender that seals; 0 promises nothing. Tenths of a second count.
	Heartbeat time.Duration
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
	if dev == nil {
		return ErrNoDevice
	}
	r, err := newRoute(t, o)
	if err != nil {
		return err
	}
	release, err := releasePrefix(t, o)
	if err != nil {
		return err
	}
	if err := l.identify(o.Boot, o.BuildID); err != nil {
		return err
	}
	if o.Key != nil && o.BootID == [wire.BootSize]byte{} {
		return ErrSeal
	}
	if o.Heartbeat < 0 || o.Heartbeat > maxHeartbeat {
		return ErrHeartbeat
	}
	s := &l.network
	if !s.state.CompareAndSwap(unstarted, starting) {
		return ErrStarted
	}
	if err := l.Attach(dev); err != nil {
		s.state.Store(unstarted)
		return err
	}
	l.SetLevel(o.Level)
	s.extended = t.Extended
	l.block.Format(t.Extended)
	s.releases = copy(s.release[:], release)
	mac := dev.MAC()
	s.template.build(t.Source, t.Dest, t.SourcePort, t.Port, mac, 0)
	s.neighbor.configure(r, mac)
	s.template.setDestination(r.station)
	how := ""
	if o.Key != nil {
		s.sealed.configure(t, o, l.now())
		s.sealed.sealer = wire.NewSealer(o.Key, &o.BootID)
		id := s.sealed.sealer.ID()
		how = ", sealed by device " + hex.EncodeToString(id[:])
	}
	l.final.build(s, &l.crash, &l.block)
	if l.sealing() {
		l.final.reseal(l)
	}
	l.beginKeep()
	l.say(Info, "netconsole: sending to ", t.Dest.String(), " from ", t.Source.String(), how)
	if dev.Link() {
		s.up.Store(1)
	} else {
		l.say(Warning, sayLinkDown)
	}
	s.state.Store(started)
	l.Poll()
	return nil
}

// SetLevel sets the limit as Linux's loglevel= does: records with a level below
// it go out, 1 to 8; 0 means 7.
func (l *Logger) SetLevel(limit int) {
	l.limit.Store(uint32(max(0, min(limit, int(Debug)+1))))
}

// prefixLen is the length of the link's prefix in bits.
func (o *Options) prefixLen() int {
	if o.PrefixLen == 0 {
		return defaultPrefixLen
	}
	return o.PrefixLen
}

func (o *Options) prefix(t Target) netip.Prefix { return netip.PrefixFrom(t.Source, o.prefixLen()) }

// A route says where frames for the target go.
type route struct {
	source, dest [4]byte
	hop          [4]byte // whose station to ask for
	onLink       bool
	station      [6]byte // broadcast until it is known
	known        bool    // without asking
}

func newRoute(t Target, o Options) (route, error) {
	bits := o.prefixLen()
	switch {
	case !t.Dest.IsValid() || t.Dest.IsUnspecified():
		return route{}, ErrNoTarget
	case !t.Source.IsValid() || t.Source.IsUnspecified():
		return route{}, ErrNoSource
	case !t.Dest.Is4() || !t.Source.Is4():
		return route{}, ErrIPv6
	case t.Source.IsMulticast() || t.Source == limitedBroadcast:
		return route{}, ErrSource
	case t.Source == t.Dest:
		return route{}, ErrSelf
	case bits < 1 || bits > 32:
		return route{}, ErrPrefixLen
	case t.Port == 0 || t.SourcePort == 0:
		return route{}, ErrPort
	}
	prefix := o.prefix(t)
	r := route{source: t.Source.As4(), dest: t.Dest.As4(), onLink: prefix.Contains(t.Dest)}
	r.hop, r.station = r.dest, broadcast
	switch {
	case t.HasMAC:
		r.station, r.known = t.DestMAC, true
	case t.Dest == limitedBroadcast || t.Dest == directedBroadcast(prefix):
		r.known = true
	case t.Dest.IsMulticast():
		mac := header.EthernetAddressFromMulticastIPv4Address(tcpip.AddrFrom4(r.dest))
		copy(r.station[:], mac)
		r.known = true
	case r.onLink:
	case !o.Gateway.IsValid():
		return route{}, ErrOffLink
	case !o.Gateway.Is4() || !prefix.Contains(o.Gateway) || o.Gateway == t.Source:
		return route{}, ErrGateway
	default:
		r.hop = o.Gateway.As4()
	}
	return r, nil
}

var limitedBroadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// directedBroadcast is the prefix's highest address; links of one or two
// addresses have none (RFC 3021).
func directedBroadcast(p netip.Prefix) netip.Addr {
	if p.Bits() > 30 {
		return netip.Addr{}
	}
	a := p.Addr().As4()
	for bit := p.Bits(); bit < 32; bit++ {
		a[bit/8] |= 0x80 >> (bit % 8)
	}
	return netip.AddrFrom4(a)
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
