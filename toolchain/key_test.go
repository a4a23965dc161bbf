package toolchain

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const digits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

func TestReadKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	for text, ok := range map[string]bool{
		digits: true,
		"\n# rack\n 0011 rack7 " + strings.ToUpper(digits) + "\r\n": true,
		"":                                   false,
		"# " + digits:                        false,
		"rack7 " + digits:                    false,
		digits + "\n" + digits:               false,
		digits[1:]:                           false,
		digits + "00":                        false,
		strings.Repeat("#\n", 4096) + digits: false,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readKey(file)
		if ok && (err != nil || got != digits) {
			t.Errorf("%.80q: %q, %v", text, got, err)
		}
		if !ok && (!errors.Is(err, ErrKeyFile) || !strings.Contains(err.Error(), file) || strings.Contains(err.Error(), "0102") || got != "") {
			t.Errorf("%.80q: %q, %v", text, got, err)
		}
	}
	if _, err := readKey(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestBakeKey(t *testing.T) {
	image, err := bakeKey([]byte("before"+keyPlace+"behind"), digits)
	if err != nil || string(image) != "before"+digits+"behind" {
		t.Errorf("%q, %v", image, err)
	}
	for _, image := range []string{"", "no board", keyPlace + keyPlace} {
		if _, err := bakeKey([]byte(image), digits); !errors.Is(err, ErrKeyPlace) {
			t.Errorf("%q: %v", image, err)
		}
	}
	board, err := os.ReadFile("../board/machine/key.go")
	if err != nil || strings.Count(string(board), keyPlace) != 1 {
		t.Errorf("the board has another place for a key, %v", err)
	}
}
