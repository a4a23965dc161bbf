//go:build !race

package netlog

// copyText copies as much of src as dst holds, and returns how much.
func copyText(dst, src []byte) int { return copy(dst, src) }
