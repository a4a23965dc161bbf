package netlog

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func TestParseTarget(t *testing.T) {
	ip := netip.MustParseAddr
	mac := [6]byte{0, 0x13, 0x32, 0x20, 0xAB, 0xcd}
	for s, want := range map[string]Target{
		"@/,@10.0.0.2/":  {SourcePort: 6665, Port: 6666, Dest: ip("10.0.0.2")},
		"@/,@10.0.0.2":   {SourcePort: 6665, Port: 6666, Dest: ip("10.0.0.2")},
		"+@/,@10.0.0.2/": {Extended: true, SourcePort: 6665, Port: 6666, Dest: ip("10.0.0.2")},
		"4444@10.0.0.1/eth1,9353@10.0.0.2/00:13:32:20:ab:CD": {SourcePort: 4444, Source: ip("10.0.0.1"), Device: "eth1",
			Port: 9353, Dest: ip("10.0.0.2"), DestMAC: mac, HasMAC: true},
		"+r@10.0.0.1/,1@10.0.0.2/": {Extended: true, Release: true, SourcePort: 6665, Source: ip("10.0.0.1"), Port: 1, Dest: ip("10.0.0.2")},
		"@fd00::1/eth0,@fd00::2/":  {SourcePort: 6665, Source: ip("fd00::1"), Device: "eth0", Port: 6666, Dest: ip("fd00::2")},
		"@/,@::ffff:10.0.0.2/":     {SourcePort: 6665, Port: 6666, Dest: ip("10.0.0.2")},
	} {
		if got, err := ParseTarget(s); err != nil || got != want {
			t.Errorf("%q reads as %+v, %v; want %+v", s, got, err, want)
		}
	}
}

func TestParseTargetNamesWhatIsWrong(t *testing.T) {
	for s, want := range map[string]string{
		"":                               "netconsole: value",
		"10.0.0.2":                       "netconsole: value",
		"r@/,@10.0.0.2/":                 "netconsole: format",
		"x,@10.0.0.2/":                   `netconsole: source "x"`,
		"@eth0,@10.0.0.2/":               `netconsole: source "eth0"`,
		"66666@/,@10.0.0.2/":             `netconsole: source port "66666": want a number from 1 to 65535`,
		"0@/,@10.0.0.2/":                 `netconsole: source port "0"`,
		"-1@/,@10.0.0.2/":                `netconsole: source port "-1"`,
		"@10.0.0/,@10.0.0.2/":            `netconsole: source address "10.0.0"`,
		"@0.0.0.0/,@10.0.0.2/":           `netconsole: source address "0.0.0.0"`,
		"@/averyverylongname,@10.0.0.2/": `netconsole: device "averyverylongname"`,
		"@/,10.0.0.2":                    `netconsole: target "10.0.0.2"`,
		"@/,x@10.0.0.2/":                 `netconsole: target port "x"`,
		"@/,@/":                          `netconsole: target address ""`,
		"@/,@host/":                      `netconsole: target address "host"`,
		"@fd00::1/,@10.0.0.2/":           `netconsole: target address "10.0.0.2": want the same IP version`,
		"@/,@10.0.0.2/00:11:22:33:44":    `netconsole: target MAC "00:11:22:33:44"`,
		"@/,@10.0.0.2/00:11:22:33:44:5g": `netconsole: target MAC`,
		"@/,@10.0.0.2/00-11-22-33-44-55": `netconsole: target MAC`,
		"@/,@10.0.0.2/00:00:00:00:00:00": `netconsole: target MAC`,
		"@/,@10.0.0.2/\x00\x1b[31m":      `netconsole: target MAC "\x00\x1b[31m"`,
	} {
		got, err := ParseTarget(s)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: error is %v, want %s...", s, err, want)
		}
		if got != (Target{}) {
			t.Errorf("%q: an error comes with the target %+v", s, got)
		}
	}
}

func FuzzParseTarget(f *testing.F) {
	f.Add("+r4444@10.0.0.1/eth1,9353@10.0.0.2/00:13:32:20:ab:CD")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseTarget(s)
		if err == nil && (!got.Dest.IsValid() || got.Port == 0 || got.SourcePort == 0) {
			t.Errorf("%q reads as %+v without an error", s, got)
		}
	})
}

func TestStartRefuses(t *testing.T) {
	ip := netip.MustParseAddr
	for want, change := range map[error]func(*Target, *Options){
		ErrNoTarget:  func(t *Target, _ *Options) { t.Dest = netip.Addr{} },
		ErrNoSource:  func(t *Target, _ *Options) { t.Source = netip.Addr{} },
		ErrSource:    func(t *Target, _ *Options) { t.Source = ip("224.0.0.1") },
		ErrIPv6:      func(t *Target, _ *Options) { t.Source, t.Dest = ip("fd00::1"), ip("fd00::2") },
		ErrSelf:      func(t *Target, _ *Options) { t.Dest = t.Source },
		ErrPrefixLen: func(_ *Target, o *Options) { o.PrefixLen = 33 },
		ErrOffLink:   func(t *Target, _ *Options) { t.Dest, t.HasMAC = ip("192.0.2.1"), false },
		ErrGateway: func(t *Target, o *Options) {
			t.Dest, t.HasMAC, o.Gateway = ip("192.0.2.1"), false, ip("10.0.3.1")
		},
		ErrPort:    func(t *Target, _ *Options) { t.Port = 0 },
		ErrRelease: func(t *Target, o *Options) { t.Release, o.Release = true, "1;2" },
		ErrBoot:    func(_ *Target, o *Options) { o.Boot = "123" },
		ErrBuild:   func(_ *Target, o *Options) { o.BuildID = "not hex" },
	} {
		l, to, o := New(2), target(), Options{}
		change(&to, &o)
		if err := l.Start(new(fakeDevice), to, o); !errors.Is(err, want) {
			t.Errorf("Start says %v, want %v", err, want)
		}
		if l.Stats().Started {
			t.Errorf("started in spite of %v", want)
		}
		if err := l.Start(new(fakeDevice), target(), Options{}); err != nil {
			t.Errorf("after %v a right Start fails with %v", want, err)
		}
	}
	if err := New(2).Start(nil, target(), Options{}); !errors.Is(err, ErrNoDevice) {
		t.Errorf("Start without a device says %v", err)
	}
	l, d, _ := machineUp(t, 2, nil)
	if err := l.Start(d, target(), Options{}); !errors.Is(err, ErrStarted) {
		t.Errorf("second Start says %v", err)
	}
}

func TestTargetsThatNeedNoARP(t *testing.T) {
	for dest, want := range map[string][6]byte{
		"255.255.255.255": broadcast,
		"10.0.2.255":      broadcast,
		"239.1.2.3":       {1, 0, 0x5e, 1, 2, 3},
	} {
		l, d, _ := machineUp(t, 2, func(t *Target) { t.Dest, t.HasMAC = netip.MustParseAddr(dest), false })
		l.Log(Info, "x")
		if len(d.frames) != 1 || [6]byte(d.frames[0][:6]) != want {
			t.Errorf("to %s: sent % x", dest, d.frames)
		}
	}
}

func TestParseLevel(t *testing.T) {
	for l := Emerg; l <= Debug; l++ {
		for _, s := range []string{l.String(), string('0' + rune(l))} {
			if got, err := ParseLevel(s); err != nil || got != l {
				t.Errorf("%q reads as %v, %v", s, got, err)
			}
		}
	}
	for _, s := range []string{"", "8", "-1", "loud", "12"} {
		if _, err := ParseLevel(s); !errors.Is(err, ErrLevel) {
			t.Errorf("%q: error is %v", s, err)
		}
	}
}
