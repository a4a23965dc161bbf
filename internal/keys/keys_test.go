package keys

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gasp/netlog/wire"
)

func key(t testing.TB, name string) Key {
	t.Helper()
	var seed [32]byte
	copy(seed[:], name)
	k, err := Generate(rand.NewChaCha8(seed), name)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func line(t testing.TB, name string) string {
	k := key(t, name)
	return string(k.AppendLine(nil))
}

func TestFileSaysWhatWasWritten(t *testing.T) {
	a, b := key(t, "rack-1.node_7"), key(t, "9")
	text := "# keys\n\n" + string(a.AppendLine(nil)) + "\t" + strings.TrimSuffix(string(b.AppendLine(nil)), "\n") + "  # the ninth\r\n"
	list, err := Parse([]byte(text))
	if err != nil || len(list) != 2 || list[0] != a || list[1] != b {
		t.Errorf("read %v, %v", list, err)
	}
}

func TestBadLines(t *testing.T) {
	good := line(t, "good")
	id, secret := good[:16], good[len(good)-65:len(good)-1]
	other := line(t, "other")
	for name, tt := range map[string]struct {
		text string
		err  error
		line int
	}{
		"a field less":          {"\n" + id + " " + secret, ErrFields, 2},
		"a field more":          {good[:len(good)-1] + " x", ErrFields, 1},
		"id and key exchanged":  {secret + " good " + id, ErrFields, 1},
		"key and name":          {id + " " + secret + " good", wire.ErrKey, 1},
		"key in the name":       {id + " " + secret + " " + secret, ErrFields, 1},
		"a short id":            {id[1:] + " good " + secret, ErrFields, 1},
		"an id not in hex":      {"g" + id[1:] + " good " + secret, ErrFields, 1},
		"the id of another":     {other[:16] + " good " + secret, ErrID, 1},
		"a short key":           {id + " good " + secret[1:], wire.ErrKey, 1},
		"a key not in hex":      {id + " good z" + secret[1:], wire.ErrKey, 1},
		"an address":            {id + " 10.0.0.1 " + secret, ErrAddress, 1},
		"a folder's address":    {id + " fe80__1 " + secret, ErrAddress, 1},
		"with a zone":           {id + " fe80__1_eth0 " + secret, ErrAddress, 1},
		"a name that is taken":  {id + " Various " + secret, ErrVarious, 1},
		"a leading dot":         {id + " .good " + secret, ErrName, 1},
		"a slash":               {id + " a/b " + secret, ErrName, 1},
		"a long name":           {id + " " + strings.Repeat("x", 65) + " " + secret, ErrName, 1},
		"not ASCII":             {id + " gütig " + secret, ErrName, 1},
		"twice":                 {good + "#\n" + good, ErrTwice, 3},
		"a key under two names": {good + id + " better " + secret, ErrTwice, 2},
		"another case":          {good + strings.Replace(other, "other", "GOOD", 1), ErrTwice, 2},
	} {
		list, err := Parse([]byte(tt.text))
		if list != nil || !errors.Is(err, tt.err) || !strings.Contains(err.Error(), fmt.Sprintf("line %d: ", tt.line)) {
			t.Errorf("%s: %v, want line %d, %v", name, err, tt.line, tt.err)
		}
		for _, s := range []string{secret, other[len(other)-65:]} {
			if strings.Contains(strings.ToLower(err.Error()), s[8:24]) {
				t.Errorf("%s: the error tells a key", name)
			}
		}
	}
}

func TestTooManyKeys(t *testing.T) {
	var text []byte
	k := Key{}
	for i := range MaxKeys + 1 {
		k.Name = fmt.Sprint("d", i)
		k.Secret[0], k.Secret[1], k.Secret[2] = byte(i), byte(i>>8), byte(i>>16)
		text = k.AppendLine(text)
	}
	if _, err := Parse(text); !errors.Is(err, ErrTooMany) {
		t.Error(err)
	}
	last := bytes.LastIndexByte(text[:len(text)-1], '\n') + 1
	if list, err := Parse(text[:last]); err != nil || len(list) != MaxKeys {
		t.Errorf("%d keys, %v", len(list), err)
	}
	if _, err := Parse(make([]byte, maxFile+1)); !errors.Is(err, ErrLarge) {
		t.Error(err)
	}
}

func TestKeyIsNotPrinted(t *testing.T) {
	k := key(t, "shy")
	secret := string(k.AppendLine(nil))[len("0123456789abcdef shy "):][:64]
	marshalled, _ := json.Marshal(k)
	for _, s := range []string{fmt.Sprint(k), fmt.Sprintf("%v %+v %#v %x %s", k, k, &k, k, []Key{k}), string(marshalled)} {
		if strings.Contains(s, secret[:16]) || strings.Contains(s, fmt.Sprint(k.Secret[0], k.Secret[1])) || strings.Contains(s, fmt.Sprintf("0x%x, ", k.Secret[1])) {
			t.Errorf("printed as %q", s)
		}
	}
}

func TestAppend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	a, b := key(t, "a"), key(t, "b")
	for _, k := range []Key{a, b} {
		if err := Append(path, []Key{k}); err != nil {
			t.Fatal(err)
		}
	}
	list, warning, err := Load(path)
	if err != nil || warning != "" || len(list) != 2 || list[0] != a || list[1] != b {
		t.Errorf("loaded %v, %q, %v", list, warning, err)
	}
	before, _ := os.ReadFile(path)
	again := key(t, "A")
	for _, more := range [][]Key{{a}, {again}, {key(t, "c"), key(t, "C")}} {
		if err := Append(path, more); !errors.Is(err, ErrTwice) {
			t.Errorf("adding %v: %v", more, err)
		}
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("what was refused changed the file")
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	left, _ := os.ReadDir(filepath.Dir(path))
	if len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	os.WriteFile(path+unfinished, nil, 0o600)
	if err := Append(path, []Key{key(t, "d")}); err == nil || !strings.Contains(err.Error(), "remove "+path+unfinished) {
		t.Errorf("beside another keygen: %v", err)
	}
}

func TestAppendToABrokenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	os.WriteFile(path, []byte("nonsense"), 0o600)
	if err := Append(path, []Key{key(t, "a")}); !errors.Is(err, ErrFields) || !strings.Contains(err.Error(), path+": line 1: ") {
		t.Error(err)
	}
	os.WriteFile(path, []byte("# no newline"), 0o640)
	if err := Append(path, []Key{key(t, "a")}); err != nil {
		t.Error(err)
	}
	if b, _ := os.ReadFile(path); string(b) != "# no newline\n"+line(t, "a") {
		t.Errorf("written: %q", b)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "keys")
	os.WriteFile(path, []byte(line(t, "a")), 0o600)
	os.Chmod(path, 0o644)
	if _, warning, err := Load(path); err != nil || !strings.Contains(warning, "chmod 600 "+path) {
		t.Errorf("%q, %v", warning, err)
	}
	if _, _, err := Load(dir); !errors.Is(err, ErrRegular) {
		t.Error(err)
	}
	if _, _, err := Load(path + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// files are the named cases of FuzzParse, which are in testdata/fuzz too. GASP_CORPUS=1 writes them there.
func files(t testing.TB) map[string]string {
	a, b := line(t, "a"), line(t, "b")
	return map[string]string{
		"two":           "# comment\n" + a + "\n" + b,
		"no-newline":    a + strings.TrimSuffix(b, "\n"),
		"twice":         a + a,
		"blanks":        "\t" + strings.ReplaceAll(a, " ", " \t ") + "\r\n#" + b,
		"wrong-id":      b[:16] + a[16:],
		"cut":           a[:40],
		"an-address":    strings.Replace(a, " a ", " 10.0.0.1 ", 1),
		"fields-turned": strings.Join([]string{"a", a[:16], a[19:]}, " "),
	}
}

func TestFuzzCorpusIsThere(t *testing.T) {
	dir := filepath.Join("testdata", "fuzz", "FuzzParse")
	for name, s := range files(t) {
		want := "go test fuzz v1\n[]byte(" + strconv.Quote(s) + ")\n"
		path := filepath.Join(dir, name)
		if os.Getenv("GASP_CORPUS") != "" {
			os.MkdirAll(dir, 0o755)
			os.WriteFile(path, []byte(want), 0o644)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s: %v, or not what it is", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range files(f) {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := Parse(b)
		if err != nil {
			return
		}
		var text []byte
		for i := range list {
			text = list[i].AppendLine(text)
		}
		again, err := Parse(text)
		if err != nil || len(again) != len(list) {
			t.Fatalf("%q was read, what is written of it is not: %v", b, err)
		}
	})
}
