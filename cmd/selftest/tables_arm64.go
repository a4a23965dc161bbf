//go:build tamago

package main

import "gasp/board/arm64"

func mapRegisters(addr, size uint64) bool {
	arm64.MapDevice(addr, size)
	return true
}
