// Package screen shows records as lines on a terminal.
package screen

import (
	"bytes"
	"io"
	"strconv"
	"time"

	"gasp/internal/printable"
	"gasp/internal/source"
	"gasp/internal/stamp"
	"gasp/netlog/wire"
)

// Screen is a source.Sink that writes one line a record: time of receipt, host, level, text. It is
// for one goroutine, and waits for a slow terminal.
type Screen struct {
	out    io.Writer
	colour bool
	quiet  bool
	stamp  *stamp.Stamp
	lines  []byte
	left   uint64 // records that the queue before it left out, not said yet

	from source.Origin // whose name is in host
	host []byte
}

// bufferSize is how many bytes of lines wait before they are written unasked.
const bufferSize = 64 << 10

// New returns a screen that writes to out, each call a whole number of lines. Quiet leaves out the
// records and shows only what is to be said about them.
func New(out io.Writer, colour, quiet bool) *Screen {
	return &Screen{out: out, colour: colour, quiet: quiet, stamp: stamp.New("15:04:05", 3, "", time.Local)}
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
	s.open(colour)
	s.lines = append(s.lines, level...)
	for range len("notice ") - len(level) {
		s.lines = append(s.lines, ' ')
	}
	s.close(colour)
	for text := r.Text; ; {
		line, rest, more := bytes.Cut(text, []byte{'\n'})
		if len(line) > 0 {
			s.open(colour)
			s.lines = printable.Append(s.lines, line)
			s.close(colour)
		}
		if !more {
			break
		}
		s.lines = append(s.lines, '\n')
		const gap = 2 // between time, host and level
		for range len(timeFormat) + len(s.host) + gap + len("notice ") {
			s.lines = append(s.lines, ' ')
		}
		text = rest
	}
	if r.Late {
		s.paint(cyan, " (late, seq "+strconv.FormatUint(r.Seq, 10)+")")
	}
	if r.Damaged {
		s.paint(cyan, " (damaged)")
	}
	s.end()
}

// Note shows what is to be said about a sender.
func (s *Screen) Note(n *source.Note) {
	if n.Kind == source.Overflow {
		s.left += n.Count
		return
	}
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
	s.overflow()
	s.paint(colour, c.Kind()+" of "+string(s.name(c.From))+" "+c.Outcome()+where)
	s.end()
}

// Say shows a line of the receiver's own.
func (s *Screen) Say(text string) {
	s.overflow()
	s.paint(cyan, "-- "+string(printable.Append(nil, []byte(text))))
	s.end()
}

// Flush writes what waits.
func (s *Screen) Flush() {
	s.overflow()
	s.write()
}

func (s *Screen) write() {
	if len(s.lines) > 0 {
		s.out.Write(s.lines)
		s.lines = s.lines[:0]
	}
}

// overflow says what was left out, of all senders together.
func (s *Screen) overflow() {
	if s.left > 0 {
		s.paint(yellow, "-- "+source.Count(s.left, "record")+" not shown, the output was too slow")
		s.left = 0
		s.end()
	}
}

const timeFormat = "15:04:05.000"

func (s *Screen) begin(at time.Time, from source.Origin) {
	s.overflow()
	s.open(faint)
	s.lines = s.stamp.Append(s.lines, at)
	s.close(faint)
	s.lines = append(s.lines, ' ')
	s.open(green)
	s.lines = append(s.lines, s.name(from)...)
	s.close(green)
	s.lines = append(s.lines, ' ')
}

func (s *Screen) about(at time.Time, from source.Origin, colour, text string) {
	s.begin(at, from)
	s.paint(colour, text)
	s.end()
}

func (s *Screen) end() {
	s.lines = append(s.lines, '\n')
	if len(s.lines) >= bufferSize {
		s.write()
	}
}

func (s *Screen) paint(colour, text string) {
	if text != "" {
		s.open(colour)
		s.lines = append(s.lines, text...)
		s.close(colour)
	}
}

func (s *Screen) open(colour string) {
	if s.colour && colour != plain {
		s.lines = append(append(append(s.lines, "\x1b["...), colour...), 'm')
	}
}

func (s *Screen) close(colour string) {
	if s.colour && colour != plain {
		s.lines = append(s.lines, "\x1b[0m"...)
	}
}

// name is the sender as it is shown.
func (s *Screen) name(from source.Origin) []byte {
	if from != s.from || s.host == nil {
		s.from, s.host = from, printable.Append(s.host[:0], []byte(from.Host()))
	}
	return s.host
}
