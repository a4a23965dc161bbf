// Package keys holds the file with the keys of devices: who may speak to the log host under which
// name. What a key is never gets into an error, nor out of a Key by printing it.
package keys

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"gasp/netlog/wire"
)

// MaxName is the longest name of a device, in bytes.
const MaxName = 64

// What is wrong with a name.
var (
	ErrName    = errors.New("want letters, digits, '.', '-' and '_', a letter or digit first, at most 64 bytes")
	ErrAddress = errors.New("it is an IP address, and those are the names of senders without a key")
	ErrVarious = errors.New("it stands for senders that are too many to tell apart")
)

// various is what such senders are called (package source).
const various = "various"

// Key is a device's key and the name that it gives the device.
type Key struct {
	Name   string
	Secret wire.Key
}

// Generate makes a key out of 32 bytes of random.
func Generate(random io.Reader, name string) (k Key, err error) {
	if err := CheckName(name); err != nil {
		return Key{}, err
	}
	k.Name = name
	if _, err := io.ReadFull(random, k.Secret[:]); err != nil {
		return Key{}, fmt.Errorf("cannot make a key for %s: %w", name, err)
	}
	return k, nil
}

// CheckName says what is wrong with the name of a device.
func CheckName(name string) error {
	if name == "" || len(name) > MaxName {
		return fmt.Errorf("name %q: %w", name[:min(len(name), MaxName)], ErrName)
	}
	for i := range len(name) {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && (i == 0 || c != '.' && c != '-' && c != '_') {
			return fmt.Errorf("name %q: %w", name, ErrName)
		}
	}
	if strings.EqualFold(name, various) {
		return fmt.Errorf("name %q: %w", name, ErrVarious)
	}
	// An address with a zone is a folder's name with _ in place of : and of the % before the zone.
	for i := range len(name) + 1 {
		if i < len(name) && name[i] != '_' {
			continue
		}
		if _, err := netip.ParseAddr(strings.ReplaceAll(name[:i], "_", ":")); err == nil {
			return fmt.Errorf("name %q: %w", name, ErrAddress)
		}
	}
	return nil
}

// AppendLine appends the key as a line of the file: "<id> <name> <key>\n", id and key in hexadecimal.
func (k *Key) AppendLine(dst []byte) []byte {
	id := k.Secret.ID()
	dst = hex.AppendEncode(dst, id[:])
	dst = append(append(append(dst, ' '), k.Name...), ' ')
	dst = hex.AppendEncode(dst, k.Secret[:])
	return append(dst, '\n')
}

// Format writes the name, whatever the verb: a key is not for printing.
func (k Key) Format(f fmt.State, _ rune) { io.WriteString(f, "key of "+k.Name) }

// MarshalText refuses, so that no encoder writes a key.
func (k Key) MarshalText() ([]byte, error) {
	return nil, fmt.Errorf("the key of %s is not for printing", k.Name)
}
