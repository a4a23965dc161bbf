// Package screentext reads the text on a picture of a screen that package framebuffer has
// drawn.
package screentext

import (
	"strings"

	"gasp/board/framebuffer"
)

// A Picture is a screen.
type Picture interface {
	Size() (width, height int)
	// Pixel is a colour, whatever its format.
	Pixel(x, y int) uint32
}

// Lines returns the rows of text, without the spaces at their ends; a character that is
// none is a NUL. Of two colours in a cell, the one of its lower right corner is the paper.
func Lines(p Picture) []string {
	width, height := p.Size()
	scale := framebuffer.Scale(height)
	w, h := framebuffer.CellWidth*scale, framebuffer.CellHeight*scale
	known := glyphs()
	var lines []string
	for top := 0; top+h <= height && len(lines) < framebuffer.MaxRows; top += h {
		var b strings.Builder
		for left := 0; left+w <= width && left/w < framebuffer.MaxColumns; left += w {
			b.WriteByte(known[cell(p, left, top, scale)])
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
	}
	return lines
}

// dots are the lines of a cell.
type dots [framebuffer.CellHeight]byte

func cell(p Picture, left, top, scale int) (d dots) {
	paper := p.Pixel(left+framebuffer.CellWidth*scale-1, top+framebuffer.CellHeight*scale-1)
	for y := range framebuffer.CellHeight {
		for x := range framebuffer.CellWidth {
			if p.Pixel(left+x*scale, top+y*scale) != paper {
				d[y] |= 0x80 >> x
			}
		}
	}
	return d
}

func glyphs() map[dots]byte {
	known := map[dots]byte{}
	for b := byte(' '); b <= '~'; b++ {
		var d dots
		for y := range d {
			d[y] = framebuffer.GlyphLine(b, y)
		}
		known[d] = b
	}
	return known
}
