package netlog

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// A silentDevice takes frames and forgets them.
type silentDevice struct {
	frames int
	memory [RoomSize]byte
}

func (d *silentDevice) MAC() [6]byte                { return ourMAC }
func (d *silentDevice) Transmit(frame []byte) error { d.frames++; return nil }
func (d *silentDevice) Room(bool) ([]byte, error)   { return d.memory[:], nil }
func (d *silentDevice) Commit(int, int, bool) error { d.frames++; return nil }
func (d *silentDevice) Doorbell()                   {}
func (d *silentDevice) Flush() error                { return nil }
func (d *silentDevice) Receive([]byte) (int, error) { return 0, nil }
func (d *silentDevice) Link() bool                  { return true }
func (d *silentDevice) TakeOver() (int, error)      { return 0, nil }

var start = time.Now()

func silent(tb testing.TB, extended bool) (*Logger, *silentDevice) {
	l, d := New(0), new(silentDevice)
	l.SetClock(func() int64 { return int64(time.Since(start)) })
	to := target()
	to.Extended = extended
	if err := l.Start(d, to, Options{Level: 8}); err != nil {
		tb.Fatal(err)
	}
	return l, d
}

func TestNothingAllocates(t *testing.T) {
	long := strings.Repeat("long \x01\n", 500)
	line := []byte("a line\nand another\nhalf")
	for name, extended := range map[string]bool{"basic": false, "extended": true} {
		l, d := silent(t, extended)
		l.SetConsole(func([]byte) {})
		h := l.Handler(&slog.HandlerOptions{AddSource: false, Level: slog.LevelDebug}).WithAttrs([]slog.Attr{slog.Int("with", 1)}).WithGroup("group")
		log := slog.New(h)
		record := slog.NewRecord(time.Now(), slog.LevelInfo, "a message", 0)
		record.AddAttrs(slog.String("s", "two words"), slog.Int("i", 12345), slog.Bool("b", true), slog.Duration("d", 1500*time.Millisecond), slog.Float64("f", 1.5))
		cause := fault()
		crashed := New(0)
		crashed.SetRegisterNames(registerNames)
		crashed.Start(d, target(), Options{})
		for _, test := range []struct {
			name string
			do   func()
		}{
			{"Log", func() { l.Log(Info, "a line of the usual length") }},
			{"Log of a long text", func() { l.Log(Info, long) }},
			{"Write", func() { l.Write(line) }},
			{"Console", func() { l.Console(line) }},
			{"Handle", func() { h.Handle(context.Background(), record) }},
			{"slog", func() { log.LogAttrs(context.Background(), slog.LevelInfo, "m", slog.String("k", "v")) }},
			{"Poll", func() { l.Poll() }},
			{"Stats", func() { l.Stats() }},
			{"a crash", func() {
				crashed.crash = crash{}
				crashed.Crash(cause)
				crashed.Console(line)
				crashed.Crash(cause)
				crashed.Log(Info, long)
				crashed.End()
			}},
			{"dying", func() {
				crashed.crash = crash{}
				crashed.Dying(cause)
				crashed.Console(line)
				crashed.End()
			}},
		} {
			before := d.frames
			if n := testing.AllocsPerRun(100, test.do); n != 0 {
				t.Errorf("%s, %s: %v allocations, want none", name, test.name, n)
			}
			if test.name != "Poll" && test.name != "Stats" && d.frames == before {
				t.Errorf("%s, %s: no frame was sent", name, test.name)
			}
		}
	}
}

func BenchmarkLog(b *testing.B) {
	line := strings.Repeat("0123456789", 10)
	for _, extended := range []bool{false, true} {
		name := "basic"
		if extended {
			name = "extended"
		}
		b.Run(name, func(b *testing.B) {
			l, d := silent(b, extended)
			l.SetClock(func() int64 { return 12_345_678_901 })
			b.ReportAllocs()
			for b.Loop() {
				l.Log(Info, line)
			}
			if d.frames < b.N {
				b.Fatalf("%d frames for %d lines", d.frames, b.N)
			}
		})
	}
}

func BenchmarkSealedLog(b *testing.B) {
	line := strings.Repeat("0123456789", 10)
	l, d := New(0), new(silentDevice)
	now := int64(12_345_678_901)
	l.SetClock(func() int64 { return now })
	if err := l.Start(d, target(), Options{Level: 8, Key: &deviceKey, BootID: deviceBoot}); err != nil {
		b.Fatal(err)
	}
	now += int64(2 * helloPatience)
	l.Poll()
	b.ReportAllocs()
	for b.Loop() {
		l.Log(Info, line)
	}
	if d.frames < b.N {
		b.Fatalf("%d frames for %d lines", d.frames, b.N)
	}
}
