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
		"+r@10.0.0.1/,1@10.0.0.2/":       {Extended: true, Release: true, SourcePort: 6665, Source: ip("10.0.0.1"), Port: 1, Dest: ip("10.0.0.2")},
		"@fd00::1/eth0,@fd00::2/":        {SourcePort: 6665, Source: ip("fd00::1"), Device: "eth0", Port: 6666, Dest: ip("fd00::2")},
		"@/eth0.42,@fe80::2/":            {SourcePort: 6665, Device: "eth0", VLAN: 42, Port: 6666, Dest: ip("fe80::2")},
		"@/eth0.0007,@10.0.0.2/":         {SourcePort: 6665, Device: "eth0", VLAN: 7, Port: 6666, Dest: ip("10.0.0.2")},
		"@/a.b,@10.0.0.2/":               {SourcePort: 6665, Device: "a.b", Port: 6666, Dest: ip("10.0.0.2")},
		"@/eth0.,@10.0.0.2/":             {SourcePort: 6665, Device: "eth0.", Port: 6666, Dest: ip("10.0.0.2")},
		"@/00:13:32:20:AB:cd,@10.0.0.2/": {SourcePort: 6665, DeviceMAC: mac, HasDeviceMAC: true, Port: 6666, Dest: ip("10.0.0.2")},
		"@/,@::ffff:10.0.0.2/":           {SourcePort: 6665, Port: 6666, Dest: ip("10.0.0.2")},
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
		"@/eth0.4095,@10.0.0.2/":         `netconsole: device "eth0.4095": want a VLAN from 1 to 4094`,
		"@/eth0.0,@10.0.0.2/":            `netconsole: device "eth0.0": want a VLAN`,
		"@/eth0.99999999,@10.0.0.2/":     `netconsole: device "eth0.99999999": want a VLAN`,
		"@/00:13:32:20:ab,@10.0.0.2/":    `netconsole: device "00:13:32:20:ab": want six bytes`,
		"@/00:00:00:00:00:00,@10.0.0.2/": `netconsole: device "00:00:00:00:00:00"`,
		"@fe80::1%eth0/,@fe80::2/":       `netconsole: source address "fe80::1%eth0"`,
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
		ErrNoTarget: func(t *Target, _ *Options) { t.Dest = netip.Addr{} },
		ErrNoSource: func(t *Target, _ *Options) { t.Source = netip.Addr{} },
		ErrSource:   func(t *Target, _ *Options) { t.Source = ip("224.0.0.1") },
		ErrVersion:  func(t *Target, _ *Options) { t.Source = ip("fd00::1") },
		ErrDevice:   func(t *Target, _ *Options) { t.Device = "eth1" },
		ErrVLAN:     func(t *Target, _ *Options) { t.VLAN = 4095 },
		ErrScope: func(t *Target, o *Options) {
			t.Source, t.Dest, t.HasMAC, o.Gateway6 = ip("fe80::f"), ip("2001:db8::1"), false, ip("fe80::1")
		},
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

func TestStartRefusesOverIPv6(t *testing.T) {
	ip := netip.MustParseAddr
	far := ip("2001:db8::1")
	for name, tt := range map[string]struct {
		source, dest, gateway netip.Addr
		bits                  int
		want                  error
	}{
		"on the link":               {ourIP6, hostIP6, netip.Addr{}, 0, nil},
		"not on a longer one":       {ourIP6, hostIP6, netip.Addr{}, 120, ErrOffLink},
		"no gateway":                {ourIP6, far, netip.Addr{}, 0, ErrOffLink},
		"its gateway":               {ourIP6, far, ip("fd00::1"), 0, nil},
		"a link-local gateway":      {ourIP6, far, ip("fe80::1"), 0, nil},
		"a gateway off the link":    {ourIP6, far, ip("fd01::1"), 0, ErrGateway},
		"a gateway of IPv4":         {ourIP6, far, ip("10.0.2.1"), 0, ErrGateway},
		"a group as gateway":        {ourIP6, far, ip("ff02::2"), 0, ErrGateway},
		"itself as gateway":         {ourIP6, far, ourIP6, 0, ErrGateway},
		"a zone":                    {ourIP6, far, ip("fe80::1%eth0"), 0, ErrGateway},
		"a prefix that is too long": {ourIP6, hostIP6, netip.Addr{}, 129, ErrPrefixLen},
		"a negative prefix":         {ourIP6, hostIP6, netip.Addr{}, -1, ErrPrefixLen},
		"a group as source":         {ip("ff02::1"), hostIP6, netip.Addr{}, 0, ErrSource},
		"itself as source":          {ip("::1"), hostIP6, netip.Addr{}, 0, ErrSource},
		"a target that is itself":   {ourIP6, ourIP6, netip.Addr{}, 0, ErrSelf},
		"no source":                 {netip.Addr{}, hostIP6, netip.Addr{}, 0, ErrNoSource},
		"no source on the link":     {netip.Addr{}, ip("fe80::2"), netip.Addr{}, 0, nil},
		"a link-local source":       {ip("fe80::f"), ip("fe80::2"), netip.Addr{}, 0, nil},
		"a group beyond":            {ip("fe80::f"), ip("ff0e::2"), netip.Addr{}, 0, nil},
	} {
		to := target()
		to.Source, to.Dest, to.HasMAC = tt.source, tt.dest, false
		if err := New(2).Start(new(fakeDevice), to, Options{Gateway6: tt.gateway, PrefixLen6: tt.bits}); !errors.Is(err, tt.want) {
			t.Errorf("%s: Start says %v, want %v", name, err, tt.want)
		}
	}
}

func TestDeviceIsNamedOrItsAddressGiven(t *testing.T) {
	for line, want := range map[string]string{
		"@10.0.2.15/,@10.0.2.2/":                  "",
		"@10.0.2.15/eth0,@10.0.2.2/":              "",
		"@10.0.2.15/eth0.7,@10.0.2.2/":            "",
		"@10.0.2.15/52:54:00:12:34:56,@10.0.2.2/": "",
		"@10.0.2.15/eth1,@10.0.2.2/":              `netconsole: no device "eth1": this machine has eth0, 52:54:00:12:34:56`,
		"@10.0.2.15/eth1.7,@10.0.2.2/":            `netconsole: no device "eth1": this machine has eth0, 52:54:00:12:34:56`,
		"@10.0.2.15/52:54:00:12:34:57,@10.0.2.2/": `netconsole: no device "52:54:00:12:34:57": this machine has eth0, 52:54:00:12:34:56`,
		"@10.0.2.15/eth\x01,@10.0.2.2/":           `netconsole: no device "eth\x01": this machine has eth0, 52:54:00:12:34:56`,
	} {
		to, err := ParseTarget(line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
		got := ""
		if err := New(2).Start(new(fakeDevice), to, Options{}); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: Start says %q, want %q", line, got, want)
		}
	}
}

func TestParseTargets(t *testing.T) {
	one := "@10.0.0.1/,@10.0.0.2/"
	for line, want := range map[string]struct{ right, wrong int }{
		one:                               {1, 0},
		one + ";+@fd00::1/,@fd00::2/":     {2, 0},
		one + ";":                         {1, 1}, // as for Linux
		";;" + one:                        {1, 2},
		"":                                {0, 1},
		one + ";" + "x" + ";" + one:       {2, 1},
		strings.Repeat(one+";", 3) + one:  {4, 0},
		strings.Repeat(one+";", 99) + one: {4, 1},
	} {
		if targets, errs := ParseTargets(line); len(targets) != want.right || len(errs) != want.wrong {
			t.Errorf("%.60q: %d targets, errors %v", line, len(targets), errs)
		}
	}
}

func TestUsableLeavesOutWhatIsWrong(t *testing.T) {
	far, wrong := target(), target()
	far.Dest, far.HasMAC = netip.MustParseAddr("192.0.2.1"), false
	wrong.Device = "eth9"
	usable, errs := Usable([]Target{far, target(), target(), wrong, fourTargets()[2]}, Options{}, ourMAC)
	if len(usable) != 2 || usable[0] != target() || usable[1] != fourTargets()[2] {
		t.Errorf("usable are %+v", usable)
	}
	if len(errs) != 3 || !errors.Is(errs[0], ErrOffLink) || !errors.Is(errs[1], ErrTwice) || !errors.Is(errs[2], ErrDevice) ||
		!strings.HasSuffix(errs[0].Error(), "(target 192.0.2.1)") {
		t.Errorf("errors are %v", errs)
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
