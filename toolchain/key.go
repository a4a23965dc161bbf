package toolchain

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Errors of a key that cannot be baked in. They do not repeat what was read.
var (
	ErrKeyFile  = errors.New("want one line of id, name and key, or the key alone, 64 hexadecimal digits")
	ErrKeyPlace = errors.New("the image has no place for a key: no board was linked in (import gasp/board/all or one board)")
)

const (
	keySize    = 32
	maxKeyFile = 4096
	// keyPlace is what the board has in the place of a key (board/machine/key.go).
	keyPlace = "gasp device key: mkimage -key writes sixty-four digits over this"
)

// readKey reads the digits of the key in a file: as the board reads them.
func readKey(file string) (digits string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxKeyFile {
		return "", fmt.Errorf("%s: %w", file, ErrKeyFile)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		key, err := hex.DecodeString(fields[len(fields)-1])
		if digits != "" || len(fields) != 1 && len(fields) != 3 || err != nil || len(key) != keySize {
			return "", fmt.Errorf("%s: %w", file, ErrKeyFile)
		}
		digits = hex.EncodeToString(key)
	}
	if digits == "" {
		return "", fmt.Errorf("%s: %w", file, ErrKeyFile)
	}
	return digits, nil
}

// bakeKey puts the digits of a key into an image. They are put in behind the build: so they are in no argument
// of a command, and in no cache.
func bakeKey(image []byte, digits string) ([]byte, error) {
	if len(digits) != len(keyPlace) || bytes.Count(image, []byte(keyPlace)) != 1 {
		return nil, ErrKeyPlace
	}
	return bytes.Replace(image, []byte(keyPlace), []byte(digits), 1), nil
}
