//go:build tamago && amd64

package x86

import (
	"strconv"
	"sync/atomic"
	"unsafe"

	"gasp/board/framebuffer"
	"gasp/board/x86/paging"
	"gasp/netlog"
)

// display is the console on the screen that the loader told of, if there is one. What is written to the
// serial line is shown there, too.
var display struct {
	console framebuffer.Console
	busy    atomic.Bool // a processor is at it: a crash does not wait for it
	ticks   bool        // the timer draws
	drawn   int64       // when it did last
}

const (
	rowsATick = 4          // 430 KB on a screen 1,920 pixels wide
	drawAfter = 30_000_000 // ns
)

// startScreen maps the screen, write combining: without that a full one takes a
// tenth of a second and more.
func startScreen() {
	f, ok := loaderScreen()
	if !ok || !mapDevice(f.Base, f.Size, paging.WriteCombining) {
		return
	}
	at := uintptr(f.Base)
	pixels := unsafe.Slice((*uint32)(*(*unsafe.Pointer)(unsafe.Pointer(&at))), uint64(f.Stride)*uint64(f.Height))
	display.console.Open(framebuffer.Screen{Pixels: pixels, Width: int(f.Width), Height: int(f.Height), Stride: int(f.Stride),
		Red: f.Red, Green: f.Green, Blue: f.Blue})
}

// reportScreen says what the loader told of the screen.
func reportScreen() {
	f, ok := loaderScreen()
	switch {
	case !ok:
		netlog.Default().Log(netlog.Debug, "the loader tells of no screen with pixels of 32 bits")
	case !display.console.Opened():
		netlog.Default().Log(netlog.Notice, "the loader's screen cannot be used: at 0x"+strconv.FormatUint(f.Base, 16))
	default:
		netlog.Default().Log(netlog.Debug, "screen of "+strconv.Itoa(int(f.Width))+" x "+strconv.Itoa(int(f.Height))+" pixels at 0x"+strconv.FormatUint(f.Base, 16))
	}
}

// screenWrite shows text, at once before the timer does and after a crash.
func screenWrite(p []byte) {
	d := &display
	if !d.console.Opened() {
		return
	}
	crashed := netlog.Default().Crashed()
	if !d.busy.CompareAndSwap(false, true) && !crashed {
		return
	}
	if crashed {
		d.console.Crash()
	}
	d.console.Write(p)
	if crashed || !d.ticks {
		d.console.Draw(framebuffer.MaxRows)
	}
	d.busy.Store(false)
}

// tickScreen is the timer interrupt's part.
func tickScreen(now int64) {
	d := &display
	d.ticks = true
	if !d.console.Opened() || now-d.drawn < drawAfter || netlog.Default().Crashed() || !d.busy.CompareAndSwap(false, true) {
		return
	}
	d.drawn = now
	d.console.Draw(rowsATick)
	d.busy.Store(false)
}
