// Package framebuffer is a console on a screen that is nothing but memory, as firmware
// leaves it. It remembers what it shows and never reads that memory, which is slow; it
// allocates nothing, so that a machine that crashes can use it.
package framebuffer

//go:generate go run genfont.go

import (
	"errors"
	"math/bits"
)

// ErrScreen means that what is said of a screen does not fit together.
var ErrScreen = errors.New("framebuffer: not a possible screen")

// A Screen is where pixel x of line y is Pixels[y*Stride+x].
type Screen struct {
	Pixels        []uint32
	Width, Height int // pixels that are seen
	Stride        int // pixels from one line to the next
	// Masks of the colours in a pixel.
	Red, Green, Blue uint32
}

// A cell is what a character takes on the screen, in pixels before they are scaled.
const (
	CellWidth  = 7
	CellHeight = 14

	glyphWidth  = 6
	glyphHeight = 13

	first, last = ' ', '~' // that have a glyph
)

// Bounds of a console, in characters. A larger screen has larger ones (Scale).
const (
	MaxColumns = 240
	MaxRows    = 80

	leastColumns = 20
	leastRows    = 4
)

// Scale is how many pixels of the screen wide and high one of a character is: 1 up to 1,120 lines.
func Scale(height int) int { return max(1, (height+CellHeight*MaxRows-1)/(CellHeight*MaxRows)) }

// fits checks a screen.
func (s *Screen) fits() bool {
	const most = 1 << 15
	return s.Width > 0 && s.Height > 0 && s.Width <= s.Stride && s.Stride <= most && s.Height <= most &&
		len(s.Pixels) >= (s.Height-1)*s.Stride+s.Width && s.Red&s.Green|s.Green&s.Blue|s.Red&s.Blue == 0
}

// colour is a pixel of this red, green and blue, up to 255 each.
func (s *Screen) colour(red, green, blue uint32) uint32 {
	return channel(s.Red, red) | channel(s.Green, green) | channel(s.Blue, blue)
}

// channel puts v, of 8 bits, into a mask of adjacent bits.
func channel(mask, v uint32) uint32 {
	width := bits.OnesCount32(mask)
	if width < 8 {
		v >>= 8 - width
	} else {
		v <<= width - 8
	}
	return v << bits.TrailingZeros32(mask) & mask
}
