// Package arm64 is what the boards with a 64-bit ARM processor share: the image's first instructions, translation tables,
// clock and timer, the names of registers and exceptions. It is empty in images for other architectures.
package arm64
