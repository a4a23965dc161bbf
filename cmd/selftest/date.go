//go:build !arm

package main

// noDate: a machine of this architecture may have no clock that knows the date, and start in 1970.
const noDate = false
