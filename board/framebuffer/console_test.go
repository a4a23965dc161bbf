package framebuffer

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/font/basicfont"
)

// newConsole has a screen of so many characters, with a margin that must stay as it is.
func newConsole(t *testing.T, columns, rows int) (*Console, *Screen) {
	t.Helper()
	s := Screen{Width: columns*CellWidth + 3, Height: rows*CellHeight + 5, Stride: columns*CellWidth + 40, Red: 0xff, Green: 0xff00, Blue: 0xff0000}
	s.Pixels = make([]uint32, s.Stride*s.Height)
	for i := range s.Pixels {
		s.Pixels[i] = 0xdeadbeef
	}
	c := &Console{}
	if err := c.Open(s); err != nil {
		t.Fatal(err)
	}
	return c, &s
}

// text is what a console remembers, for what its pixels show see internal/screentext.
func text(c *Console) (lines []string) {
	for y := range c.rows {
		lines = append(lines, strings.TrimRight(string(c.text[c.at(y)][:c.columns]), " "))
	}
	return lines
}

func TestText(t *testing.T) {
	for _, tt := range []struct {
		name, write string
		want        []string
	}{
		{"nothing", "", []string{"", "", "", ""}},
		{"a line", "one\n", []string{"one", "", "", ""}},
		{"lines", "one\r\ntwo\n\nfour", []string{"one", "two", "", "four"}},
		{"more than there is room for", "1\n2\n3\n4\n5\n6\n", []string{"4", "5", "6", ""}},
		{"a long line", "abcdefghijklmnopqrstuvwxyz0123456789\nnext", []string{"abcdefghijklmnopqrst", "uvwxyz0123456789", "next", ""}},
		{"a line as long as the screen is wide", "abcdefghijklmnopqrst\nnext", []string{"abcdefghijklmnopqrst", "next", "", ""}},
		{"tabs", "\ta\tb", []string{"        a       b", "", "", ""}},
		{"a tab at the end", "abcdefghijklmnopqrs\tx", []string{"abcdefghijklmnopqrsx", "", "", ""}},
		{"what is no character", "a\x00\xffb\x1b", []string{"a??b?", "", "", ""}},
	} {
		c, _ := newConsole(t, 20, 4)
		c.Write([]byte(tt.write))
		if got := text(c); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestACrashIsAPage(t *testing.T) {
	c, s := newConsole(t, 20, 4)
	c.Write([]byte("before\nbefore\n"))
	c.Draw(MaxRows)
	c.Crash()
	c.Write([]byte("gasp: crash, with a headline\n"))
	c.Crash()
	c.Write([]byte("at\nlast\nleft out\nthis too, and it is long enough for two lines"))
	if want := []string{"gasp: crash, with a", "headline", "at", "last"}; !slices.Equal(text(c), want) {
		t.Errorf("%q, want %q", text(c), want)
	}
	if !c.Draw(MaxRows) {
		t.Error("not all is drawn")
	}
	red := func(y int) bool { return s.Pixels[(y*CellHeight+CellHeight-1)*s.Stride] == 0xb0 }
	if !red(0) || !red(1) || red(2) || red(3) {
		t.Errorf("red are %v %v %v %v, want the headline's rows", red(0), red(1), red(2), red(3))
	}
}

// TestDrawInPieces: whatever is written in between, in the end the screen is as one that
// was drawn at once, and nothing outside the rows and columns has changed.
func TestDrawInPieces(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		a, as := newConsole(t, 20+r.IntN(9), 4+r.IntN(9))
		b, bs := newConsole(t, a.columns, a.rows)
		for range r.IntN(60) {
			p := make([]byte, r.IntN(50))
			for i := range p {
				if p[i] = byte(' ' + r.IntN(95)); r.IntN(20) == 0 {
					p[i] = '\n'
				}
			}
			if r.IntN(50) == 0 {
				a.Crash()
				b.Crash()
			}
			a.Write(p)
			b.Write(p)
			a.Draw(r.IntN(3))
		}
		for n := 0; !a.Draw(1); n++ {
			if n > a.rows {
				t.Fatal("it never ends")
			}
		}
		b.Draw(MaxRows)
		if !slices.Equal(as.Pixels, bs.Pixels) {
			t.Fatal("the screens differ")
		}
		for i, p := range as.Pixels {
			x, y := i%as.Stride, i/as.Stride
			if x >= as.Width && p != 0xdeadbeef {
				t.Fatalf("pixel %d of line %d, behind the line's end, is %#x", x, y, p)
			}
		}
	}
}

func TestWhatIsShownIsNotDrawnAgain(t *testing.T) {
	c, s := newConsole(t, 20, 4)
	c.Write([]byte("one\n"))
	if c.Draw(2) || !c.Draw(2) || !c.Draw(0) {
		t.Error("four rows are not two and two")
	}
	for i := range s.Pixels {
		s.Pixels[i] = 1
	}
	if !c.Draw(MaxRows) {
		t.Error("there is something to draw")
	}
	c.Write([]byte("x"))
	c.Draw(MaxRows)
	changed := 0
	for _, p := range s.Pixels {
		if p != 1 {
			changed++
		}
	}
	if changed != CellWidth*CellHeight {
		t.Errorf("%d pixels drawn for a character", changed)
	}
}

func TestScreensThatCannotBe(t *testing.T) {
	good := Screen{Pixels: make([]uint32, 640*480), Width: 640, Height: 480, Stride: 640, Red: 0xff0000, Green: 0xff00, Blue: 0xff}
	for name, spoil := range map[string]func(s *Screen){
		"no pixels":               func(s *Screen) { s.Pixels = nil },
		"a pixel too few":         func(s *Screen) { s.Pixels = s.Pixels[1:] },
		"no width":                func(s *Screen) { s.Width = 0 },
		"a negative height":       func(s *Screen) { s.Height = -1 },
		"wider than its lines":    func(s *Screen) { s.Stride = 639 },
		"lines that overflow":     func(s *Screen) { s.Stride = 1 << 62 },
		"too small":               func(s *Screen) { s.Width = 100 },
		"too low":                 func(s *Screen) { s.Height = 40 },
		"colours that are shared": func(s *Screen) { s.Red = s.Green },
	} {
		s := good
		spoil(&s)
		var c Console
		if err := c.Open(s); !errors.Is(err, ErrScreen) || c.Opened() {
			t.Errorf("%s: %v", name, err)
		}
		c.Write([]byte("nothing"))
		c.Crash()
		if !c.Draw(1) {
			t.Errorf("%s: something to draw", name)
		}
	}
}

func TestColours(t *testing.T) {
	for _, tt := range []struct {
		red, green, blue, want uint32
	}{
		{0xff0000, 0xff00, 0xff, 0x804020},
		{0xff, 0xff00, 0xff0000, 0x204080},
		{0xf800, 0x7e0, 0x1f, 16<<11 | 16<<5 | 4}, // 5, 6 and 5 bits
		{0x3ff00000, 0xffc00, 0x3ff, 0x200<<20 | 0x100<<10 | 0x80},
		{0, 0, 0, 0},
	} {
		s := Screen{Red: tt.red, Green: tt.green, Blue: tt.blue}
		if got := s.colour(0x80, 0x40, 0x20); got != tt.want {
			t.Errorf("masks %#x %#x %#x: %#x, want %#x", tt.red, tt.green, tt.blue, got, tt.want)
		}
	}
}

// TestFont holds font.go to what it was made of.
func TestFont(t *testing.T) {
	f := basicfont.Face7x13
	if f.Width != glyphWidth || f.Ascent+f.Descent != glyphHeight || len(glyphs) != 95*glyphHeight {
		t.Fatal("another size")
	}
	for b := byte(first); b <= last; b++ {
		for y := range glyphHeight {
			for x := range 8 {
				ink := false
				if x < f.Width {
					_, _, _, a := f.Mask.At(x, int(b-first)*glyphHeight+y).RGBA()
					ink = a != 0
				}
				if got := GlyphLine(b, y)&(0x80>>x) != 0; got != ink {
					t.Fatalf("%q, line %d, pixel %d: %v", b, y, x, got)
				}
			}
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	c, _ := newConsole(t, 80, 25)
	line := []byte("a line that is somewhat longer than the others are, and has a tab\t\n")
	if n := testing.AllocsPerRun(100, func() { c.Write(line); c.Draw(2); c.Crash() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
