// Package fwcfg reads files of QEMU's firmware configuration device (QEMU docs/specs/fw_cfg). Nothing that the
// device says is believed.
package fwcfg

import (
	"encoding/binary"
	"errors"
)

// Device is the device's two registers.
type Device interface {
	// Select begins item key at its first byte.
	Select(key uint16)
	// Next is the next byte of the item.
	Next() byte
}

var (
	// ErrNoDevice says that there is no such device.
	ErrNoDevice = errors.New("no firmware configuration device")
	// ErrNoFile says that it has no file of this name.
	ErrNoFile = errors.New("the firmware configuration device has no such file")
	// ErrTooLong says that a file is larger than the buffer.
	ErrTooLong = errors.New("the file of the firmware configuration device is too long")
)

const (
	keySignature = 0x0000
	keyDirectory = 0x0019
	firstFile    = 0x0020

	signature = "QEMU"

	// An entry of the directory: size, key, two bytes reserved, name with its NUL; big-endian.
	entrySize   = 64
	entryKey    = 4
	entryName   = 8
	maxNameSize = entrySize - entryName

	// maxFiles bounds the directory; QEMU's has 32 places unless it is told otherwise.
	maxFiles = 1024
)

// Read copies the file of this name to buf and returns its size. Errors: ErrNoDevice, ErrNoFile, ErrTooLong.
func Read(d Device, name string, buf []byte) (n int, err error) {
	var head [4]byte
	d.Select(keySignature)
	read(d, head[:])
	if string(head[:]) != signature {
		return 0, ErrNoDevice
	}
	d.Select(keyDirectory)
	read(d, head[:])
	for range min(binary.BigEndian.Uint32(head[:]), maxFiles) {
		var entry [entrySize]byte
		read(d, entry[:])
		key := binary.BigEndian.Uint16(entry[entryKey:])
		if !isName(entry[entryName:], name) || key < firstFile {
			continue
		}
		size := binary.BigEndian.Uint32(entry[:])
		if uint64(size) > uint64(len(buf)) {
			return 0, ErrTooLong
		}
		d.Select(key)
		read(d, buf[:size])
		return int(size), nil
	}
	return 0, ErrNoFile
}

// isName says whether field holds name and a NUL.
func isName(field []byte, name string) bool {
	return len(name) < maxNameSize && string(field[:len(name)]) == name && field[len(name)] == 0
}

func read(d Device, b []byte) {
	for i := range b {
		b[i] = d.Next()
	}
}
