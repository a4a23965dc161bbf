package bootparam

import (
	"errors"
	"net/netip"
	"strconv"

	"gasp/netlog"
)

// Settings is what a board reads from the command line.
type Settings struct {
	Targets  []netlog.Target // netconsole=
	LogLevel int             // loglevel=, 1 to 8; 0 if not given
	Panic    int             // panic=: seconds until the reboot after a crash; 0 stays, less reboots at once
	// gasp.gateway=, once for each IP version
	Gateway, Gateway6 netip.Addr
	PrefixLen         int    // gasp.prefixlen=, bits of the link's IPv4 prefix; 0 if not given
	PrefixLen6        int    // gasp.prefixlen6=, of its IPv6 prefix
	Watchdog          int    // gasp.watchdog=: seconds without progress that are a hang, 0 to 3600; 0 does not watch
	NMI               NMI    // gasp.nmi=
	Drop              bool   // gasp.full=drop
	Serial            bool   // false with console=null
	Hostname          string // hostname=, at most 64 bytes; "" if not given
	FirmwareReset     bool   // reboot=efi: UEFI's ResetSystem goes first
	Heartbeat         int    // gasp.heartbeat=: seconds, 0 to 3600, of a silence at the most; 0 promises none
}

// NMI is what a non-maskable interrupt from outside does.
type NMI int

// What gasp.nmi= takes: crash, report and ignore.
const (
	NMICrash  NMI = iota // a report, and the end
	NMIReport            // a report, and the machine goes on
	NMIIgnore            // nothing
)

// maxHostname is Linux's __NEW_UTS_LEN.
const maxHostname = 64

// defaultWatchdog is gasp.watchdog= if it is not given, in seconds.
const defaultWatchdog = 10

// defaultHeartbeat is gasp.heartbeat= if it is not given, in seconds.
const defaultHeartbeat = 5

// Settings reads l. A parameter that is wrong is left at its default; the errors
// name it, its value and what was expected.
func (l Line) Settings() (Settings, []error) {
	s := Settings{Watchdog: defaultWatchdog, Heartbeat: defaultHeartbeat, Serial: true}
	var errs []error
	number := func(key string, lo, hi int, to *int) {
		v, ok := l.Get(key)
		if !ok {
			return
		}
		n, err := strconv.Atoi(v)
		if err != nil || n < lo || n > hi {
			errs = append(errs, errors.New(key+"="+v+": want a number from "+strconv.Itoa(lo)+" to "+strconv.Itoa(hi)))
			return
		}
		*to = n
	}
	number("loglevel", 0, 15, &s.LogLevel)
	s.LogLevel = min(s.LogLevel, 8)
	number("panic", -1, 86400, &s.Panic)
	number("gasp.prefixlen", 1, 32, &s.PrefixLen)
	number("gasp.prefixlen6", 1, 128, &s.PrefixLen6)
	number("gasp.watchdog", 0, 3600, &s.Watchdog)
	number("gasp.heartbeat", 0, 3600, &s.Heartbeat)
	if v, ok := l.Get("gasp.full"); ok {
		switch v {
		case "wait":
			s.Drop = false
		case "drop":
			s.Drop = true
		default:
			errs = append(errs, errors.New("gasp.full="+v+": want wait or drop"))
		}
	}
	if v, ok := l.Get("gasp.nmi"); ok {
		switch v {
		case "crash":
			s.NMI = NMICrash
		case "report":
			s.NMI = NMIReport
		case "ignore":
			s.NMI = NMIIgnore
		default:
			errs = append(errs, errors.New("gasp.nmi="+v+": want crash, report or ignore"))
		}
	}
	if v, ok := l.Get("reboot"); ok {
		if s.FirmwareReset = v == "efi"; !s.FirmwareReset {
			errs = append(errs, errors.New("reboot="+v+": want efi"))
		}
	}
	for _, v := range l.All("gasp.gateway") {
		switch a, err := netip.ParseAddr(v); {
		case err != nil || a.Zone() != "":
			errs = append(errs, errors.New("gasp.gateway="+v+": want an IP address"))
		case a.Is4():
			s.Gateway = a
		default:
			s.Gateway6 = a
		}
	}
	if v, ok := l.Get("netconsole"); ok {
		targets, wrong := netlog.ParseTargets(v)
		s.Targets, errs = targets, append(errs, wrong...)
	}
	if v, ok := l.Get("hostname"); ok {
		s.Hostname = v[:min(len(v), maxHostname)]
	}
	if v, ok := l.Get("console"); ok && (v == "null" || v == "") {
		s.Serial = false
	}
	return s, errs
}
