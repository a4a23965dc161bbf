//go:build tamago

package main

import (
	_ "gasp/board/all"
)
