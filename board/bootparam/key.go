package bootparam

import (
	"errors"
	"strings"

	"gasp/netlog/wire"
)

// KeyParameter is the command line's parameter for the device key. Nobody but the machine gets to see it.
const KeyParameter = "gasp.key"

// ErrKeyFile reports a key file that is none.
var ErrKeyFile = errors.New("want one line of id, name and key, or the key alone")

// WithoutKey is the command line as others may see it.
func (l Line) WithoutKey() Line {
	var words Line
	for _, w := range l {
		if k, _, _ := strings.Cut(w, "="); dashes(k) != KeyParameter {
			words = append(words, w)
		}
	}
	return words
}

// ParseKeyFile reads a file with one device key: 64 hexadecimal digits, or a line of the log host's key file:
// id, name and key. Empty lines and those that begin with # do not count. The errors, ErrKeyFile and
// wire.ErrKey, do not repeat what was read.
func ParseKeyFile(text string) (key wire.Key, err error) {
	found := false
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if found || len(fields) != 1 && len(fields) != 3 {
			return wire.Key{}, ErrKeyFile
		}
		if key, err = wire.ParseKey(fields[len(fields)-1]); err != nil {
			return wire.Key{}, err
		}
		found = true
	}
	if !found {
		return wire.Key{}, ErrKeyFile
	}
	return key, nil
}
