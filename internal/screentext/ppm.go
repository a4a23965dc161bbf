package screentext

import (
	"bytes"
	"errors"
	"fmt"
)

// ErrPPM means that a file is not a picture of QEMU's screendump.
var ErrPPM = errors.New("not a binary PPM picture of 8 bits a colour")

const most = 1 << 15 // pixels wide and high

// A PPM is a picture in the format of netpbm's ppm(5), "P6". It is a Picture.
type PPM struct {
	width, height int
	pixels        []byte
}

// ParsePPM reads one. Error: ErrPPM.
func ParsePPM(b []byte) (*PPM, error) {
	var p PPM
	var top int
	r := bytes.NewReader(b)
	if _, err := fmt.Fscanf(r, "P6\n%d %d\n%d\n", &p.width, &p.height, &top); err != nil || top != 255 ||
		p.width <= 0 || p.height <= 0 || p.width > most || p.height > most {
		return nil, ErrPPM
	}
	p.pixels = b[len(b)-r.Len():]
	if len(p.pixels) < 3*p.width*p.height {
		return nil, ErrPPM
	}
	return &p, nil
}

// Size is in pixels.
func (p *PPM) Size() (width, height int) { return p.width, p.height }

// Pixel is red, green and blue, the latter lowest.
func (p *PPM) Pixel(x, y int) uint32 {
	b := p.pixels[3*(y*p.width+x):]
	return uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2])
}
