package keys

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"gasp/netlog/wire"
)

const (
	// MaxKeys is how many devices a file may name.
	MaxKeys = 64 << 10
	// maxFile is the largest file in bytes: as many lines as there may be, and comments.
	maxFile = 32 << 20
)

// What is wrong with a file, or with a line of it.
var (
	ErrFields  = errors.New("want <id> <name> <key>")
	ErrID      = errors.New("the id is not that of the key: make lines with receiver keygen, and copy them whole")
	ErrTwice   = errors.New("a name, or a key, may stand in the file once")
	ErrTooMany = errors.New("more than 65536 devices")
	ErrLarge   = errors.New("the file is larger than 32 MiB")
	ErrRegular = errors.New("it is not a regular file")
)

// Load reads a file of keys. The warning, if there is one, says that others can read it too.
func Load(path string) (list []Key, warning string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, "", fmt.Errorf("cannot read the keys: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, "", fmt.Errorf("cannot read the keys: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, "", fmt.Errorf("cannot read the keys in %s: %w", path, ErrRegular)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, "", fmt.Errorf("cannot read the keys: %w", err)
	}
	if list, err = Parse(b); err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	const others = 0o077
	if mode := info.Mode().Perm(); mode&others != 0 {
		warning = fmt.Sprintf("the keys in %s can be read by others (mode %#o): chmod 600 %s", path, mode, path)
	}
	return list, warning, nil
}

// Parse reads the text of a file: a line a device, "<id> <name> <key>" with blanks between, empty
// lines, and comments behind a #. An error names the line, and nothing of a key.
func Parse(b []byte) (list []Key, err error) {
	if len(b) > maxFile {
		return nil, ErrLarge
	}
	seen := make(map[string]int) // names and ids, and their lines
	for number := 1; len(b) > 0; number++ {
		line, rest, _ := bytes.Cut(b, []byte{'\n'})
		b = rest
		line, _, _ = bytes.Cut(line, []byte{'#'})
		fields := strings.Fields(string(line))
		if len(fields) == 0 {
			continue
		}
		k, err := parse(fields)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if len(list) == MaxKeys {
			return nil, fmt.Errorf("line %d: %w", number, ErrTooMany)
		}
		id := k.Secret.ID()
		// A name has no blank, an id here has one in front.
		for _, what := range []string{strings.ToLower(k.Name), " " + string(id[:])} {
			if before := seen[what]; before != 0 {
				return nil, fmt.Errorf("line %d: %s: the same as line %d: %w", number, k.Name, before, ErrTwice)
			}
			seen[what] = number
		}
		list = append(list, k)
	}
	return list, nil
}

// parse reads one line. A field that is in the wrong place can be a key, so no error repeats one but
// that of a name between an id and a key.
func parse(fields []string) (k Key, err error) {
	if len(fields) != 3 || len(fields[0]) != hex.EncodedLen(wire.IDSize) {
		return k, ErrFields
	}
	id, err := hex.DecodeString(fields[0])
	if err != nil {
		return k, ErrFields
	}
	if k.Secret, err = wire.ParseKey(fields[2]); err != nil {
		return k, err
	}
	if len(fields[1]) == hex.EncodedLen(wire.KeySize) {
		if _, err := hex.DecodeString(fields[1]); err == nil {
			return k, ErrFields // a key where the name should be
		}
	}
	if err := CheckName(fields[1]); err != nil {
		return k, err
	}
	k.Name = fields[1]
	if got := k.Secret.ID(); !bytes.Equal(got[:], id) {
		return k, fmt.Errorf("%s: %w", k.Name, ErrID)
	}
	return k, nil
}
