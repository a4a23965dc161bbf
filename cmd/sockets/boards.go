//go:build tamago

package main

import (
	_ "gasp/board/microvm"
	_ "gasp/board/pc"
	_ "gasp/netstack"
)
