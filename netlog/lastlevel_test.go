package netlog

import (
	"testing"

	"gasp/netlog/wire"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

func lastFrameOf(t *testing.T, d *fakeDevice) (wire.Headline, wire.Datagram, bool) {
	t.Helper()
	for _, f := range d.frames {
		s, ok := openSent(t, f)
		if !ok {
			continue
		}
		got, err := wire.Decode(s.payload, make([]byte, 2000))
		if err != nil {
			t.Errorf("frame is not understood: %v", err)
		}
		if h, ok := wire.ParseHeadline(got.Text); ok && string(h.Cause) == wire.FailedCause {
			if udp := header.UDP(f[len(f)-len(s.payload)-8:]); s.dest.Addr().Is4() != (udp.Checksum() == 0) || s.station != hostMAC {
				t.Errorf("checksum %#x, to % x", udp.Checksum(), s.station)
			}
			return h, got, true
		}
	}
	return wire.Headline{}, wire.Datagram{}, false
}

func TestLastLevel(t *testing.T) {
	formats := map[string]func(*Target){"extended": nil, "basic": basic,
		"release": func(t *Target) { t.Release = true },
		"by ARP":  unresolved, "IPv6": six, "basic, IPv6 in a VLAN": func(t *Target) { six(t); tagged(t); basic(t) }}
	for name, format := range formats {
		for _, known := range []bool{true, false} {
			l, d, c := readyToDie(t, format)
			if name == "by ARP" {
				d.incoming = [][]byte{arpReply(hostMAC, hostIP.AsSlice())}
				l.Poll()
			}
			for range 5 {
				l.Log(Info, "before")
			}
			d.frames = nil
			c.ns = 5_000_000_000
			n := 0
			d.onTransmit = func(f []byte) {
				if len(f) > plainHeaders+600 {
					n++
					panic(faultPanic{}) // whatever is as long as a headline
				}
			}
			k := &kernel{t: t, l: l}
			cause := fault()
			cause.HasPC = known
			k.step(func() { l.Crash(cause) })
			h, got, ok := lastFrameOf(t, d)
			if !ok || n != headlineTries {
				t.Errorf("%s: %d headlines tried, and %q sent", name, n, d.payloads(t))
				continue
			}
			if string(h.Boot[:]) != bootID || h.Build != "beef" || h.HasPC != known || known && h.PC != 0x401234 || h.Uptime/1e6 != 5 ||
				!h.HasLast || h.Last < 5 || h.Last > 7 || h.Unsent != 0 {
				t.Errorf("%s: headline is %+v", name, h)
			}
			if got.Time/1e6 != 5 || got.Level != 0 || got.Extended && (got.Seq != l.crash.opening.first || got.Seq != h.Last+1) {
				t.Errorf("%s: record is %+v", name, got.Record)
			}
			if name == "release" && string(got.Release) != defaultRelease {
				t.Errorf("release is %q", got.Release)
			}
			k.step(func() { l.Console([]byte("a line\n")) })
			d.onTransmit = nil
			k.step(l.End)
			if name == "extended" {
				m, ok := merge(t, d)
				if !ok || len(m.missing) > 0 || len(m.lines) != 3 {
					t.Errorf("the report goes on with %q, missing %v", m.lines, m.missing)
				}
			}
		}
	}
}

// If taking over faults, the frame is sent all the same; if sending it faults,
// that is the end of it.
func TestFaultsInsideTheLastLevel(t *testing.T) {
	for name, sends := range map[string]bool{"take over": true, "transmit": false} {
		l, d, _ := readyToDie(t, nil)
		d.frames = nil
		d.onTakeOver = func() error { panic(faultPanic{}) }
		tries := 0
		d.onTransmit = func(f []byte) {
			tries++
			if len(f) > plainHeaders+600 || !sends {
				panic(faultPanic{})
			}
		}
		k := &kernel{t: t, l: l}
		k.report(100)
		if _, _, sent := lastFrameOf(t, d); sent != sends || l.final.stage != spent {
			t.Errorf("%s: sent %v, stage %d", name, sent, l.final.stage)
		}
		if most := 60; !sends && tries > most {
			t.Errorf("%s: %d frames tried with a device that always faults, want at most %d", name, tries, most)
		}
		if l.crash.state.Load() != over {
			t.Errorf("%s: the report is not over", name)
		}
	}
}

func TestDeviceThatRefusesEverythingGetsTheLastFrame(t *testing.T) {
	l, d, _ := readyToDie(t, nil)
	d.frames, d.refuse = nil, -1
	taken := 0
	d.onTakeOver = func() error {
		if taken++; taken == 3 { // the report's, the headline's, the last level's
			d.refuse = 0
		}
		return nil
	}
	l.Crash(fault())
	if _, _, ok := lastFrameOf(t, d); !ok {
		t.Errorf("taken over %d times, sent %q", taken, d.payloads(t))
	}
}
