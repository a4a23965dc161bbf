//go:build tamago && arm64

package arm64

import "gasp/board/arm64/paging"

// firmwareStack is for functions of firmware: 8 KiB are the least (UEFI 2.10, 8.1).
var firmwareStack [32 << 10]byte

// MapFirmware maps memory that functions of firmware run in, with all rights, or registers of theirs, where they are. It fails if there is no room for tables. It is for a machine that goes down.
func MapFirmware(start, size uint64, registers bool) error {
	r := paging.All
	if registers {
		r = paging.Device
	}
	masks := openTables()
	err := tables.Set(start, start+size, r)
	closeTables(masks)
	return err
}

// CallFirmware calls a function of firmware (AAPCS64) on a stack of its own, with all interrupts masked, and returns what it returns, if it does.
func CallFirmware(function, a, b, c, d uint64) uint64 {
	masks := MaskAll()
	v := callFirmware(function, a, b, c, d)
	RestoreMasks(masks)
	return v
}

// firmware_arm64.s
func callFirmware(function, a, b, c, d uint64) uint64
