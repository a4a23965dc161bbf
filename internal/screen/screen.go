// Package screen shows records as lines on a terminal.
package screen

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"gasp/internal/printable"
	"gasp/internal/source"
	"gasp/netlog/wire"
)

// Screen is a source.Sink that writes one line a record: time of receipt, host, level, text.
type Screen struct {
	out    io.Writer
	colour bool
	quiet  bool
	line   []byte
}

// New returns a screen that writes to out, each call a whole number of lines. Quiet leaves out the
// records and shows only what is to be said about them.
func New(out io.Writer, colour, quiet bool) *Screen {
	return &Screen{out: out, colour: colour, quiet: quiet}
}

// The colours, as ECMA-48 SGR parameters.
const (
	grave  = "1;31"
	red    = "31"
	yellow = "33"
	bold   = "1"
	plain  = ""
	faint  = "2"
	green  = "32"
	cyan   = "36"
	calm   = "34" // a report of a machine that goes on
)

var levelColours = [8]string{grave, grave, grave, red, yellow, bold, plain, faint}

// Record shows one record; further lines of its text are indented to the first.
func (s *Screen) Record(r *source.Record) {
	if s.quiet {
		return
	}
	level, colour := "-", plain
	if r.Extended {
		level, colour = source.LevelName(r.Level), levelColours[r.Level&7]
	} else if r.Report {
		colour = grave
	}
	if r.Report && r.Form == wire.Report {
		colour = calm
	}
	s.begin(r.At, r.From)
	s.paint(colour, fmt.Sprintf("%-6s ", level))
	const gap = 2 // between time, host and level
	indent := strings.Repeat(" ", len(timeFormat)+len(host(r.From))+gap+len("notice "))
	marks := ""
	if r.Late {
		marks += " (late, seq " + fmt.Sprint(r.Seq) + ")"
	}
	if r.Damaged {
		marks += " (damaged)"
	}
	for text := r.Text; ; {
		line, rest, more := bytes.Cut(text, []byte{'\n'})
		s.paint(colour, string(printable.Append(nil, line)))
		if !more {
			break
		}
		s.line = append(s.line, '\n')
		s.line = append(s.line, indent...)
		text = rest
	}
	s.paint(cyan, marks)
	s.end()
}

// Note shows what is to be said about a sender.
func (s *Screen) Note(n *source.Note) {
	colour := yellow
	if n.Kind == source.Reboot {
		colour = cyan
	}
	s.about(n.At, n.From, colour, n.Text())
}

// CrashBegin announces a report where its records are not shown.
func (s *Screen) CrashBegin(c *source.Crash) {
	if s.quiet && !c.Known {
		cause, _, _ := bytes.Cut(c.Headline.Cause, []byte{'\n'})
		if !c.HasHeadline {
			cause = []byte("its headline has not come")
		}
		what, colour := "crash: ", grave
		switch c.Form {
		case wire.Kept:
			what = "crash, kept over a reset: "
		case wire.Report:
			what, colour = "report: ", calm
		}
		s.about(c.Began, c.From, colour, "-- "+what+string(printable.Append(nil, cause)))
	}
}

// CrashRecord does nothing: Record has shown it.
func (s *Screen) CrashRecord(*source.Crash, *source.Record) {}

// CrashDatagram does nothing: Record has shown what is in it.
func (s *Screen) CrashDatagram(*source.Crash, *source.Datagram) {}

// Repeated shows once that a machine is still there after its crash.
func (s *Screen) Repeated(c *source.Crash, at time.Time) {
	if c.Repeats == 1 {
		s.about(at, c.From, faint, source.RepeatedText(c.Repeats))
	}
}

// CrashEnd shows the verdict, and where the report is.
func (s *Screen) CrashEnd(c *source.Crash) {
	if c.Known {
		s.about(c.Last, c.From, faint, string(printable.Append(nil, []byte("-- "+source.KnownText(c)))))
		return
	}
	colour := grave
	switch {
	case c.Complete && !c.Reset():
		colour = green
	case c.Form == wire.Report:
		colour = yellow
	}
	where := c.Folder
	if c.FolderErr != nil {
		where = "not stored: " + c.FolderErr.Error()
	}
	if where != "" {
		where = ", " + string(printable.Append(nil, []byte(where)))
	}
	s.paint(colour, fmt.Sprintf("%s of %s %s%s", c.Kind(), host(c.From), c.Outcome(), where))
	s.end()
}

// Say shows a line of the receiver's own.
func (s *Screen) Say(text string) {
	s.paint(cyan, "-- "+string(printable.Append(nil, []byte(text))))
	s.end()
}

const timeFormat = "15:04:05.000"

func (s *Screen) begin(at time.Time, from source.Origin) {
	s.paint(faint, at.Local().Format(timeFormat))
	s.line = append(s.line, ' ')
	s.paint(green, host(from))
	s.line = append(s.line, ' ')
}

func (s *Screen) about(at time.Time, from source.Origin, colour, text string) {
	s.begin(at, from)
	s.paint(colour, text)
	s.end()
}

func (s *Screen) end() {
	s.line = append(s.line, '\n')
	s.out.Write(s.line)
	s.line = s.line[:0]
}

func (s *Screen) paint(colour, text string) {
	if !s.colour || colour == plain || text == "" {
		s.line = append(s.line, text...)
		return
	}
	s.line = append(s.line, "\x1b["+colour+"m"+text+"\x1b[0m"...)
}

// host is the sender as it is shown.
func host(from source.Origin) string {
	return string(printable.Append(nil, []byte(from.Host())))
}
