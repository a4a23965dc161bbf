package framebuffer

// A row is the text of a line on the screen.
type row [MaxColumns]byte

// Console shows the last lines of a text, and of a crash report the first ones. The
// zero value shows nothing. Its methods are for one caller at a time.
type Console struct {
	screen        Screen
	scale         int
	columns, rows int

	text  [MaxRows]row // a ring: top is the first one on the screen
	shown [MaxRows]row // what the screen has, 0 where that is not known
	red   [MaxRows]bool
	top   int
	y, x  int // where the next character goes; y counts from the top

	next int // row to be looked at by Draw
	page bool
	full bool // of a page, which is not scrolled

	pens [2]pen
}

// A pen is the colours of a row: of characters, and behind them.
type pen struct{ ink, paper uint32 }

// Open makes the console show on a screen, from now on. ErrScreen if that is too small, or cannot be.
func (c *Console) Open(s Screen) error {
	if !s.fits() {
		return ErrScreen
	}
	scale := Scale(s.Height)
	columns, rows := s.Width/(CellWidth*scale), s.Height/(CellHeight*scale)
	if columns < leastColumns || rows < leastRows {
		return ErrScreen
	}
	c.screen, c.scale = s, scale
	c.columns, c.rows = min(columns, MaxColumns), min(rows, MaxRows)
	c.pens = [2]pen{{s.colour(0xd0, 0xd0, 0xd0), s.colour(0, 0, 0)}, {s.colour(0xff, 0xff, 0xff), s.colour(0xb0, 0, 0)}}
	c.blank()
	for y := range s.Height {
		line := s.Pixels[y*s.Stride:][:s.Width]
		for x := range line {
			line[x] = c.pens[0].paper
		}
	}
	return nil
}

// Opened tells whether it has a screen.
func (c *Console) Opened() bool { return c.scale != 0 }

// blank makes the text empty.
func (c *Console) blank() {
	for i := range c.text {
		clearRow(&c.text[i])
		c.red[i] = false
	}
	c.top, c.x, c.y = 0, 0, 0
}

func clearRow(r *row) {
	for i := range r {
		r[i] = ' '
	}
}

// Crash begins a page: what is written from now on begins at the top of the screen, its
// first line in red, and what does not fit is left out. A second call does nothing.
func (c *Console) Crash() {
	if c.page || !c.Opened() {
		return
	}
	c.blank()
	c.page = true
	c.red[0] = true
}

// Write appends to the text. It draws nothing.
func (c *Console) Write(p []byte) {
	if !c.Opened() {
		return
	}
	const tab = 8
	for _, b := range p {
		if c.full {
			return
		}
		switch {
		case b == '\n':
			c.newline()
		case b == '\r':
		case b == '\t':
			for next := (c.x/tab + 1) * tab; c.x < min(next, c.columns-1); {
				c.put(' ')
			}
		case b < first || b > last:
			c.put('?')
		default:
			c.put(b)
		}
	}
}

func (c *Console) put(b byte) {
	if c.x >= c.columns {
		continued := c.red[c.at(c.y)]
		if c.newline(); c.full {
			return
		}
		c.red[c.at(c.y)] = continued
	}
	if c.full {
		return
	}
	c.text[c.at(c.y)][min(c.x, MaxColumns-1)] = b
	c.x++
}

// at is the place in the ring of row y of the screen.
func (c *Console) at(y int) int { return (c.top + y) % c.rows }

func (c *Console) newline() {
	c.x = 0
	switch {
	case c.y < c.rows-1:
		c.y++
	case c.page:
		c.full = true
		return
	default:
		c.top = c.at(1)
	}
	clearRow(&c.text[c.at(c.y)])
	c.red[c.at(c.y)] = false
}
