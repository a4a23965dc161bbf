package framebuffer

// Draw brings up to rows rows of the screen up to date, of those that are not, and tells
// whether all are. It is to be called again until then, in pieces that take no longer
// than there is time: a row of 1,920 pixels is 108 KB.
func (c *Console) Draw(rows int) (done bool) {
	if !c.Opened() {
		return true
	}
	for range c.rows {
		y := c.next % c.rows
		if !c.upToDate(y) {
			if rows == 0 {
				return false
			}
			rows--
			c.drawRow(y)
		}
		c.next = y + 1
	}
	return true
}

// redBit marks a character that is shown in a red row. It is none of ASCII's.
const redBit = 0x80

func (c *Console) upToDate(y int) bool {
	want, have := &c.text[c.at(y)], &c.shown[y]
	mark := c.mark(y)
	for x := range c.columns {
		if have[x] != want[x]|mark {
			return false
		}
	}
	return true
}

func (c *Console) mark(y int) byte {
	if c.red[c.at(y)] {
		return redBit
	}
	return 0
}

// drawRow draws the characters that have changed, line by line of pixels, so that what is
// written lies together.
func (c *Console) drawRow(y int) {
	want, have := &c.text[c.at(y)], &c.shown[y]
	mark := c.mark(y)
	p := c.pens[0]
	if mark != 0 {
		p = c.pens[1]
	}
	s := &c.screen
	for line := range CellHeight {
		for again := range c.scale {
			start := ((y*CellHeight+line)*c.scale + again) * s.Stride
			for x := range c.columns {
				if b := want[x]; b|mark != have[x] {
					cell := s.Pixels[start+x*CellWidth*c.scale:][:CellWidth*c.scale]
					c.drawLine(cell, GlyphLine(b, line), p)
				}
			}
		}
	}
	for x := range c.columns {
		have[x] = want[x] | mark
	}
}

// drawLine draws a line of pixels of one character.
func (c *Console) drawLine(cell []uint32, dots byte, p pen) {
	if c.scale == 1 {
		for i := range cell {
			pixel := p.paper
			if dots&(0x80>>i) != 0 {
				pixel = p.ink
			}
			cell[i] = pixel
		}
		return
	}
	for i := range cell {
		pixel := p.paper
		if dots&(0x80>>(i/c.scale)) != 0 {
			pixel = p.ink
		}
		cell[i] = pixel
	}
}

// GlyphLine is a line of pixels of a character, the leftmost one in bit 7.
func GlyphLine(b byte, line int) byte {
	if b < first || b > last || line >= glyphHeight {
		return 0
	}
	return glyphs[int(b-first)*glyphHeight+line]
}
