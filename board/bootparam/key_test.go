package bootparam

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"gasp/netlog/wire"
)

const keyDigits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

func TestParseKeyFile(t *testing.T) {
	want, _ := wire.ParseKey(keyDigits)
	for _, text := range []string{keyDigits, keyDigits + "\n", "\n# a comment\n 0011223344556677 rack7 " + keyDigits + " \r\n\n"} {
		if got, err := ParseKeyFile(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]error{
		"": ErrKeyFile, "# " + keyDigits: ErrKeyFile, "rack7 " + keyDigits: ErrKeyFile, keyDigits + "\n" + keyDigits: ErrKeyFile,
		"a b c " + keyDigits: ErrKeyFile, keyDigits[1:]: wire.ErrKey, "a b " + keyDigits + "0": wire.ErrKey, "key": wire.ErrKey,
	} {
		key, err := ParseKeyFile(text)
		if !errors.Is(err, want) || key != (wire.Key{}) || strings.Contains(err.Error(), "0102") {
			t.Errorf("%q: %v, %v; want %v", text, key, err, want)
		}
	}
}

func TestKeyIsTakenOutOfTheLine(t *testing.T) {
	l := Split(`panic=1 gasp.key=` + keyDigits + ` "gasp.key=x y" gasp.key gasp.keys=2 serve`)
	if got, want := l.WithoutKey(), (Line{"panic=1", "gasp.keys=2", "serve"}); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	args, env := Program(`gasp.key=` + keyDigits + ` a B=1`)
	if strings.Contains(strings.Join(append(args, env...), " "), "0102") {
		t.Errorf("the program gets %q and %q", args, env)
	}
}

func TestHeartbeat(t *testing.T) {
	for line, want := range map[string]int{"": 5, "gasp.heartbeat=0": 0, "gasp.heartbeat=3600": 3600} {
		if s, errs := Split(line).Settings(); len(errs) != 0 || s.Heartbeat != want {
			t.Errorf("%q: %d, %v; want %d", line, s.Heartbeat, errs, want)
		}
	}
	if s, errs := Split("gasp.heartbeat=3601").Settings(); len(errs) != 1 || s.Heartbeat != 5 {
		t.Errorf("%d, %v", s.Heartbeat, errs)
	}
}
