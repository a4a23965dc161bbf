//go:build tamago

package main

import (
	_ "gasp/board/all"
	_ "gasp/netstack"
)

// prepare has nothing to do: the board and the stack are there.
func prepare() error { return nil }
