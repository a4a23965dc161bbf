// Package stub starts an image from UEFI firmware (UEFI Specification 2.10): it asks the
// firmware for what the board needs (package uefi), says goodbye to it, and puts the image
// where it is linked for.
//
// It is ordinary Go under extraordinary conditions, and so must be written with care:
//
//   - It runs at another address than the image is linked for. Code finds functions,
//     variables and string constants relative to itself, so these work; a pointer that the
//     linker has put into data (a table of strings, a function value, an interface) does not.
//   - There is no runtime yet: no allocation, no goroutine, no panic. entry_*.s gives it a g
//     that has all stack there is.
//   - Package variables are those of the copy that the firmware has loaded. The image starts
//     with what the linker put into them; only what is handed over is taken along (place.go).
//
// The linker takes the package in only if the image's entry point is efientry (toolchain).
package stub
