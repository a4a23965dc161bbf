package bootparam

import (
	"math"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want Line
	}{
		{"", nil},
		{"  \t\n", nil},
		{"a b=c", Line{"a", "b=c"}},
		{` x="two words"  y `, Line{"x=two words", "y"}},
		{`"quoted key=1" z`, Line{"quoted key=1", "z"}},
		{`open="never closed `, Line{"open=never closed "}},
		{`empty=""`, Line{"empty="}},
		{`panic=1 -- panic=2 loglevel=3`, Line{"panic=1"}},
	} {
		if got := Split(tt.in); !slices.Equal(got, tt.want) {
			t.Errorf("Split(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestProgramGetsWhatTheMachineDoesNotKnow(t *testing.T) {
	args, env := Program(`netconsole=x gasp.y=1 serve A="two words" -- -v B=1 panic=1`)
	if want := []string{"serve", "-v", "B=1", "panic=1"}; !slices.Equal(args, want) {
		t.Errorf("the arguments are %q, want %q", args, want)
	}
	if want := []string{"A=two words"}; !slices.Equal(env, want) {
		t.Errorf("the environment is %q, want %q", env, want)
	}
}

func TestHostnameIsCut(t *testing.T) {
	for _, n := range []int{0, 5, 64, 65} {
		s, errs := Split("hostname=" + strings.Repeat("h", n)).Settings()
		if len(errs) != 0 || s.Hostname != strings.Repeat("h", min(n, 64)) {
			t.Errorf("of %d letters %d are taken, %v", n, len(s.Hostname), errs)
		}
	}
}

func TestGetTakesTheLastAndDashesAsUnderscores(t *testing.T) {
	l := Split("a=1 virtio_mmio.device=x a=2 flag virtio-mmio.device=y")
	if v, ok := l.Get("a"); v != "2" || !ok {
		t.Errorf("a is %q, %v; want the last value, 2", v, ok)
	}
	if v, ok := l.Get("flag"); v != "" || !ok {
		t.Errorf("flag is %q, %v; want it present and empty", v, ok)
	}
	if _, ok := l.Get("b"); ok {
		t.Error("b is there though nobody gave it")
	}
	if got := l.All("virtio_mmio.device"); !slices.Equal(got, []string{"x", "y"}) {
		t.Errorf("virtio_mmio.device is %q, want both values", got)
	}
}

func TestSettings(t *testing.T) {
	s, errs := Split("netconsole=+6665@10.0.2.15/eth0,7777@10.0.2.2/ loglevel=8 panic=-1 gasp.gateway=10.0.2.1 gasp.prefixlen=16 gasp.watchdog=0 gasp.nmi=report console=null reboot=efi").Settings()
	if len(errs) != 0 {
		t.Fatalf("errors: %v", errs)
	}
	if len(s.Targets) != 1 || !s.Targets[0].Extended || s.Targets[0].Port != 7777 || s.Targets[0].Dest != netip.MustParseAddr("10.0.2.2") {
		t.Errorf("targets are %+v", s.Targets)
	}
	if s.LogLevel != 8 || s.Panic != -1 || s.Gateway != netip.MustParseAddr("10.0.2.1") || s.PrefixLen != 16 || s.Watchdog != 0 || s.NMI != NMIReport || s.Serial || !s.FirmwareReset {
		t.Errorf("settings are %+v", s)
	}
	if s, errs := Split("").Settings(); len(errs) != 0 || !reflect.DeepEqual(s, Settings{Watchdog: 10, Heartbeat: 5, Serial: true}) {
		t.Errorf("an empty command line gives %+v, %v", s, errs)
	}
}

func TestSeveralTargets(t *testing.T) {
	s, errs := Split(`netconsole="@10.0.2.15/,@10.0.2.2/;@10.0.2.15/,@wrong/;+@fd00::f/eth0.42,@fd00::2/"`).Settings()
	if len(s.Targets) != 2 || s.Targets[0].Extended || !s.Targets[1].Extended || s.Targets[1].VLAN != 42 ||
		len(errs) != 1 || !strings.Contains(errs[0].Error(), `"wrong"`) {
		t.Errorf("targets are %+v, %v", s.Targets, errs)
	}
}

func TestEachVersionHasItsGateway(t *testing.T) {
	s, errs := Split("gasp.gateway=10.0.2.1 gasp.gateway=fe80::1 gasp.gateway=10.0.2.2 gasp.prefixlen6=48").Settings()
	if len(errs) != 0 || s.Gateway != netip.MustParseAddr("10.0.2.2") || s.Gateway6 != netip.MustParseAddr("fe80::1") || s.PrefixLen != 0 || s.PrefixLen6 != 48 {
		t.Errorf("settings are %+v, %v", s, errs)
	}
}

func TestFull(t *testing.T) {
	for line, want := range map[string]bool{"": false, "gasp.full=wait": false, "gasp.full=drop": true} {
		if s, errs := Split(line).Settings(); len(errs) != 0 || s.Drop != want {
			t.Errorf("%q gives %v, %v; want %v", line, s.Drop, errs, want)
		}
	}
	if _, errs := Split("gasp.full=never").Settings(); len(errs) != 1 || errs[0].Error() != "gasp.full=never: want wait or drop" {
		t.Errorf("gasp.full=never gives %v", errs)
	}
}

func TestNMI(t *testing.T) {
	for line, want := range map[string]NMI{"": NMICrash, "gasp.nmi=crash": NMICrash, "gasp.nmi=report": NMIReport, "gasp.nmi=ignore": NMIIgnore} {
		if s, errs := Split(line).Settings(); len(errs) != 0 || s.NMI != want {
			t.Errorf("%q gives %v, %v; want %v", line, s.NMI, errs, want)
		}
	}
}

func TestSettingsNameWhatIsWrong(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"loglevel=loud", "loglevel=loud: want a number from 0 to 15"},
		{"panic=forever", "panic=forever: want a number from -1 to 86400"},
		{"gasp.gateway=router", "gasp.gateway=router: want an IP address"},
		{"gasp.gateway=fe80::1%eth0", "gasp.gateway=fe80::1%eth0: want an IP address"},
		{"gasp.prefixlen=33", "gasp.prefixlen=33: want a number from 1 to 32"},
		{"gasp.prefixlen6=129", "gasp.prefixlen6=129: want a number from 1 to 128"},
		{"gasp.watchdog=3601", "gasp.watchdog=3601: want a number from 0 to 3600"},
		{"gasp.watchdog=-1", "gasp.watchdog=-1: want a number from 0 to 3600"},
		{"gasp.watchdog=", "gasp.watchdog=: want a number from 0 to 3600"},
		{"reboot=cold", "reboot=cold: want efi"},
		{"gasp.nmi=panic", "gasp.nmi=panic: want crash, report or ignore"},
		{"gasp.nmi", "gasp.nmi=: want crash, report or ignore"},
		{"netconsole=@10.0.2.15/,6666@10.0.2/", "10.0.2"},
		{"netconsole=@10.0.2.15/,99999@10.0.2.2/", "99999"},
		{"netconsole=@10.0.2.15/,6666@10.0.2.2/zz:00:00:00:00:00", "zz"},
	} {
		s, errs := Split(tt.line).Settings()
		if len(errs) != 1 || !strings.Contains(errs[0].Error(), tt.want) {
			t.Errorf("%s: %v, want one error with %q", tt.line, errs, tt.want)
		}
		if len(s.Targets) != 0 || s.LogLevel != 0 || s.Panic != 0 || s.Watchdog != 10 || s.NMI != NMICrash {
			t.Errorf("%s: a wrong value was taken: %+v", tt.line, s)
		}
	}
}

func TestMaxCPUs(t *testing.T) {
	for line, want := range map[string]int{
		"": math.MaxInt, "maxcpus=4": 4, "maxcpus=1": 1, "maxcpus=0": 1, "nosmp": 1, "maxcpus=4 nosmp": 1,
		"maxcpus=": math.MaxInt, "maxcpus=-1": math.MaxInt, "maxcpus=x": math.MaxInt, "maxcpus=99999999999999999999": math.MaxInt,
	} {
		if got := Split(line).MaxCPUs(); got != want {
			t.Errorf("%q: %d processors at the most, want %d", line, got, want)
		}
	}
}
