//go:build tamago

package netstack

// Default is the machine's stack, nil if it has none: no device, or gasp.ip=off.
func Default() *Stack { return machine }
