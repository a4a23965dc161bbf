//go:build tamago

package main

import "gasp/board/x86"

func mapRegisters(addr, size uint64) bool { return x86.Window(addr, size) != nil }
