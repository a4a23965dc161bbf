package netlog

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestWriteMakesARecordOfEveryLine(t *testing.T) {
	long := strings.Repeat("x", TextSize+10)
	for _, test := range []struct {
		name   string
		writes []string
		want   []string
	}{
		{"one line", []string{"a\n"}, []string{"a"}},
		{"several lines", []string{"a\nb\n\nc\n"}, []string{"a", "b", "", "c"}},
		{"a line in pieces", []string{"a", "b", "c\nd"}, []string{"abc"}},
		{"pieces and lines", []string{"a\nb", "c\nd\n"}, []string{"a", "bc", "d"}},
		{"a long line", []string{long + "\nnext\n"}, []string{long[:TextSize], long[TextSize:], "next"}},
		{"a long line in pieces", []string{long[:900], long[900:], "\nnext\n"}, []string{long[:TextSize], long[TextSize:], "next"}},
		{"a line that just fits", []string{long[:TextSize-1], "y", "\nnext\n"}, []string{long[:TextSize-1] + "y", "", "next"}},
		{"nothing", []string{"", "\n"}, []string{""}},
	} {
		for name, write := range map[string]func(*Logger, string){
			"Write":   func(l *Logger, s string) { io.WriteString(l, s) },
			"Console": func(l *Logger, s string) { l.Console([]byte(s)) },
		} {
			l, d, _ := machineUp(t, 0, nil)
			for _, s := range test.writes {
				write(l, s)
			}
			if got := d.texts(t); !slices.Equal(got, test.want) {
				t.Errorf("%s, %s: sent %.60q, want %.60q", name, test.name, got, test.want)
			}
			for _, r := range d.records(t) {
				if r.Level != uint8(Info) {
					t.Errorf("%s, %s: level is %d, want %d", name, test.name, r.Level, Info)
				}
			}
		}
	}
}

func TestConsoleInterruptedByConsole(t *testing.T) {
	l, d, _ := machineUp(t, 0, nil)
	l.Console([]byte("half "))
	d.onTransmit = func([]byte) {
		d.onTransmit = nil
		l.Console([]byte("inner\nrest"))
	}
	l.Console([]byte("line\nnext\n"))
	want := []string{"half line", "inner", "rest", "next"}
	if got := d.texts(t); !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
}

func TestSerialConsoleGetsEverythingFromTheStart(t *testing.T) {
	l := New(8)
	for i := range 20 {
		l.Log(Info, fmt.Sprint("line ", i))
	}
	l.Log(Debug, "held back")
	var got strings.Builder
	l.SetConsole(func(b []byte) { got.Write(b) })
	l.Log(Info, "now\nand then")
	want := "** 13 printk messages dropped **\n"
	for i := 13; i < 20; i++ {
		want += fmt.Sprintf("[    0.000000] line %d\n", i)
	}
	want += "[    0.000000] now\n[    0.000000] and then\n"
	if got.String() != want {
		t.Errorf("serial line has %q, want %q", got.String(), want)
	}
	l.SetConsole(nil)
	l.Log(Info, "silence")
	if got.String() != want {
		t.Errorf("serial line has %q after it was taken away", got.String()[len(want):])
	}
}
