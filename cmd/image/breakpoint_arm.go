//go:build tamago

package main

// functionAlign is what functions begin at a multiple of (cmd/link/internal/arm).
const functionAlign = 4
