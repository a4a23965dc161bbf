package kernel

import (
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// vector reads what the runtime would find.
func vector(a *Arguments) (args, env []string) {
	read := func(p uintptr) string {
		i := p - uintptr(unsafe.Pointer(&a.text))
		s, _, _ := strings.Cut(string(a.text[i:]), "\x00")
		return s
	}
	for _, p := range a.Vector[:a.Count] {
		args = append(args, read(p))
	}
	for _, p := range a.Vector[a.Count+1:] {
		if p == 0 {
			break
		}
		env = append(env, read(p))
	}
	return args, env
}

func TestCommandLineBecomesArgumentsAndEnvironment(t *testing.T) {
	for _, tt := range []struct {
		line, args, env string // separated by |
	}{
		{"", "", ""},
		{"serve quickly", "serve|quickly", ""},
		{"netconsole=@10.0.2.15/,6666@10.0.2.2/ loglevel=8 panic=-1 console=null hostname=h maxcpus=2 nosmp mem=64M reboot=efi", "", ""},
		{"gasp.crash=nil gasp.flag virtio_mmio.device=512@0xfeb00e00:12", "", ""},
		{"TZ=Europe/Vienna GOGC=50 a.b=c", "", "TZ=Europe/Vienna|GOGC=50"},
		{"with=a.dot.in.the.value", "", "with=a.dot.in.the.value"},
		{"x -- -test.v -test.run=A|B panic=1 --", "x|-test.v|-test.run=A|B|panic=1|--", ""},
		{`say="two words" "and three more" end`, "and three more|end", "say=two words"},
		{`"whole word=1 2"`, "", "whole word=1 2"},
		{`mid=a"b c"d`, "", `mid=a"b c"d`},
		{`open="never closed `, "", "open=never closed "},
		{`empty="" bare=`, "", "empty=|bare="},
		{"a=1 b=2 a=3", "", "b=2|a=3"},
		{"=x ==", "=x", "=="},
		{`"" end`, "|end", ""},
		{"\t\n\v\f\r x\ty ", "x|y", ""},
	} {
		var a Arguments
		a.Fill(tt.line, 0)
		args, env := vector(&a)
		if args[0] != "gasp" {
			t.Errorf("%q: the program is called %q", tt.line, args[0])
		}
		args = args[1:]
		if len(env) < 2 || env[0] != "HOME=/" || env[1] != "GOTRACEBACK=all" {
			t.Fatalf("%q: the environment %q lacks what is always there", tt.line, env)
		}
		env = env[2:]
		if got := strings.Join(args, "|"); got != tt.args {
			t.Errorf("%q gives the arguments %q, want %q", tt.line, got, tt.args)
		}
		if got := strings.Join(env, "|"); got != tt.env {
			t.Errorf("%q gives the environment %q, want %q", tt.line, got, tt.env)
		}
	}
}

func TestCommandLineReplacesDefaults(t *testing.T) {
	var a Arguments
	a.Fill("GOTRACEBACK=none HOME=/root HOMER=x", 0)
	if _, env := vector(&a); !slices.Equal(env, []string{"GOTRACEBACK=none", "HOME=/root", "HOMER=x"}) {
		t.Errorf("the environment is %q", env)
	}
}

func TestLongCommandLineIsCut(t *testing.T) {
	for _, line := range []string{strings.Repeat("a ", 10000), strings.Repeat("a=b ", 10000), strings.Repeat("x", 10000)} {
		var a Arguments
		a.Fill(line, 5)
		args, env := vector(&a)
		n := 0
		for _, s := range append(args[1:], env...) {
			n += len(s) + 1
		}
		if n > MaxLine+40 || len(args)+len(env) < 3 {
			t.Errorf("%.8q... gives %d words of %d bytes", line, len(args)+len(env), n)
		}
		aux := a.Vector[a.used:]
		if want := []uintptr{6, 4096, 16, 5, 0, 0}; !slices.Equal(aux[:6], want) {
			t.Errorf("%.8q...: the auxiliary vector is %d, want %d", line, aux[:6], want)
		}
	}
}

func FuzzArguments(f *testing.F) {
	f.Add(`a=1 "b c" -- d`)
	f.Fuzz(func(t *testing.T, line string) {
		var a Arguments
		a.Fill(strings.ReplaceAll(line, "\x00", ""), 0)
		vector(&a)
	})
}
