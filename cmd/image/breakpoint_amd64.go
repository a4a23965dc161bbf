//go:build tamago

package main

// functionAlign is what functions begin at a multiple of (cmd/internal/obj/x86).
const functionAlign = 32
