package screentext

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gasp/board/framebuffer"
)

// screen is a console's, as a picture.
type screen struct{ framebuffer.Screen }

func (s *screen) Size() (int, int)      { return s.Width, s.Height }
func (s *screen) Pixel(x, y int) uint32 { return s.Pixels[y*s.Stride+x] }

func newScreen(width, height int) *screen {
	return &screen{framebuffer.Screen{Pixels: make([]uint32, width*height), Width: width, Height: height, Stride: width,
		Red: 0xff0000, Green: 0xff00, Blue: 0xff}}
}

func TestEveryCharacterIsRead(t *testing.T) {
	for _, size := range [][2]int{{800, 600}, {1920, 1200}, {3840, 2160}} {
		s := newScreen(size[0], size[1])
		var c framebuffer.Console
		if err := c.Open(s.Screen); err != nil {
			t.Fatal(err)
		}
		want := ""
		for b := byte('!'); b <= '~'; b++ {
			want += string(b)
		}
		c.Crash() // in red
		fmt.Fprintf(writer{&c}, "%s\n%s", want, want)
		for !c.Draw(3) {
		}
		if got := Lines(s); got[0] != want || got[1] != want || strings.Join(got[2:], "") != "" {
			t.Errorf("%v: reads %q", size, got[:3])
		}
	}
}

type writer struct{ *framebuffer.Console }

func (w writer) Write(p []byte) (int, error) { w.Console.Write(p); return len(p), nil }

func TestPPM(t *testing.T) {
	s := newScreen(640, 480)
	var c framebuffer.Console
	if err := c.Open(s.Screen); err != nil {
		t.Fatal(err)
	}
	c.Write([]byte("hello"))
	c.Draw(100)
	file := []byte("P6\n640 480\n255\n")
	for _, p := range s.Pixels {
		file = append(file, byte(p>>16), byte(p>>8), byte(p))
	}
	p, err := ParsePPM(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := Lines(p); got[0] != "hello" || slices.ContainsFunc(got[1:], func(s string) bool { return s != "" }) {
		t.Errorf("reads %q", got)
	}
	for _, bad := range [][]byte{nil, []byte("P5\n1 1\n255\n123"), []byte("P6\n0 1\n255\n"), []byte("P6\n99999 99999\n255\n"), []byte("P6\n1 1\n65535\n123456"), file[:len(file)-1]} {
		if _, err := ParsePPM(bad); !errors.Is(err, ErrPPM) {
			t.Errorf("%d bytes: %v", len(bad), err)
		}
	}
}
