package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// wantColour decides about colours; auto means on a terminal that has them, unless NO_COLOR is set
// (no-color.org).
func wantColour(when string, out *os.File) bool {
	if when != "auto" {
		return when == "always"
	}
	if os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	_, err := unix.IoctlGetTermios(int(out.Fd()), unix.TCGETS)
	return err == nil
}
