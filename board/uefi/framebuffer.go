package uefi

// A PixelFormat says where the colours of a pixel are (EFI_GRAPHICS_PIXEL_FORMAT, 12.9.2.1).
type PixelFormat uint32

// Pixels of 32 bits, named by the order of their bytes in memory.
const (
	PixelRGB  PixelFormat = 0 // red, green, blue, reserved
	PixelBGR  PixelFormat = 1 // blue, green, red, reserved
	PixelMask PixelFormat = 2 // by the masks
)

// Bounds of a screen that can be one.
const (
	pixelSize  = 4
	mostPixels = 1 << 15 // in a line, and lines
)

// A Framebuffer is memory that a screen shows, as the firmware has set it up: pixel x
// of line y is the 32 bits at Base + 4*(y*Stride+x).
type Framebuffer struct {
	Base   uint64 // physical address
	Size   uint64 // bytes
	Width  uint32 // pixels that are seen
	Height uint32
	Stride uint32 // pixels from one line to the next
	Format PixelFormat
	Red    uint32 // masks in a pixel, of every format
	Green  uint32
	Blue   uint32
}

// Framebuffer is the screen; ok is false if there is none, or one that is only drawn
// on by the firmware.
func (h *HandOver) Framebuffer() (f Framebuffer, ok bool) {
	f = h.Screen
	switch f.Format {
	case PixelRGB:
		f.Red, f.Green, f.Blue = 0x0000ff, 0x00ff00, 0xff0000
	case PixelBGR:
		f.Red, f.Green, f.Blue = 0xff0000, 0x00ff00, 0x0000ff
	case PixelMask:
	default:
		return Framebuffer{}, false
	}
	whole := f.Width > 0 && f.Height > 0 && f.Width <= f.Stride && f.Stride <= mostPixels && f.Height <= mostPixels
	if !h.Valid() || !whole || f.Base == 0 || f.Size > addressSpace-f.Base || f.Size/pixelSize < uint64(f.Stride)*uint64(f.Height) {
		return Framebuffer{}, false
	}
	return f, true
}
