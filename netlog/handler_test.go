package netlog

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"testing/slogtest"
	"time"
)

// texts is what is in the ring.
func (l *Logger) texts() (out []string) {
	var s sink
	for s.take(&l.ring, 8) {
		out = append(out, string(s.record.text[:s.record.length]))
		s.handed()
	}
	return out
}

func TestHandlerPassesSlogtest(t *testing.T) {
	l := New(0)
	// The record carries time and level; the test looks for them as attributes.
	err := slogtest.TestHandler(l.Handler(nil), func() (results []map[string]any) {
		var s sink
		for s.take(&l.ring, 8) {
			m := parseLine(t, string(s.record.text[:s.record.length]))
			m[slog.LevelKey], m[slog.TimeKey] = s.record.level, s.record.time
			results = append(results, m)
			s.handed()
		}
		return results
	})
	// A record with a zero time gets the ring's time as every other.
	for _, err := range unjoin(err) {
		if !strings.Contains(err.Error(), `unexpected key "time"`) {
			t.Error(err)
		}
	}
}

func unjoin(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

func parseLine(t *testing.T, line string) map[string]any {
	top := map[string]any{}
	for line != "" {
		key, rest, _ := strings.Cut(line, "=")
		var value string
		if strings.HasPrefix(rest, `"`) {
			value, line, _ = strings.Cut(rest[1:], `"`)
			line = strings.TrimPrefix(line, " ")
		} else {
			value, line, _ = strings.Cut(rest, " ")
		}
		m := top
		for {
			group, inner, ok := strings.Cut(key, ".")
			if !ok {
				break
			}
			if m[group] == nil {
				m[group] = map[string]any{}
			}
			m, key = m[group].(map[string]any), inner
		}
		m[key] = value
	}
	return top
}

type valuer struct{ v slog.Value }

func (v valuer) LogValue() slog.Value { return v.v }

type panicking struct{}

func (panicking) Error() string { panic("oops") }

type pointerError struct{ s string }

func (p *pointerError) Error() string { return p.s }

// Whatever slog.TextHandler writes behind time and level is what we write.
func TestHandlerWritesAsTextHandlerDoes(t *testing.T) {
	when := time.Date(2026, 11, 23, 1, 2, 3, 456789012, time.FixedZone("x", 3600))
	values := []any{
		"plain", "", "two words", "a=b", `quo"te`, `back\slash`, "tab\t", "multi\nline", "\x00\x1b[31m", "ünï", "\u2028", "\xff", "\x7f",
		-5, uint64(math.MaxUint64), 1.5, math.Inf(1), true, 90 * time.Second, when, nil, errors.New("an error"),
		[]byte("bytes\n"), netip.MustParseAddr("10.0.0.1"), (*pointerError)(nil), []int{1, 2}, map[string]int{"a": 1},
		valuer{slog.StringValue("resolved")}, slog.GroupValue(slog.Int("x", 1), slog.Group("in", slog.String("y", "z z"))),
		slog.GroupValue(), &slog.Source{File: "f.go", Line: 7},
	}
	upper := func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == "drop" {
			return slog.Attr{}
		}
		a.Key = strings.ToUpper(strings.Join(append(groups, a.Key), "/"))
		return a
	}
	var pcs [2]uintptr // one record in two knows where it was made
	runtime.Callers(1, pcs[:1])
	for _, replace := range []func([]string, slog.Attr) slog.Attr{nil, upper} {
		var buf bytes.Buffer
		theirs := slog.Handler(slog.NewTextHandler(&buf, &slog.HandlerOptions{AddSource: true, Level: slog.LevelDebug,
			ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
				if len(groups) == 0 && (a.Key == slog.LevelKey || a.Key == slog.TimeKey) {
					return slog.Attr{}
				}
				if replace != nil {
					return replace(groups, a)
				}
				return a
			}}))
		l := New(0)
		ours := l.Handler(&slog.HandlerOptions{AddSource: true, Level: slog.LevelDebug, ReplaceAttr: replace})
		variants := []func(slog.Handler) slog.Handler{
			func(h slog.Handler) slog.Handler { return h },
			func(h slog.Handler) slog.Handler {
				return h.WithAttrs([]slog.Attr{slog.Int("a", 1), slog.Int("drop", 2)})
			},
			func(h slog.Handler) slog.Handler {
				return h.WithGroup("g").WithAttrs([]slog.Attr{slog.String("b", "c d")}).WithGroup("h")
			},
			func(h slog.Handler) slog.Handler { return h.WithGroup("odd name") },
		}
		for _, vary := range variants {
			a, b := vary(theirs), vary(ours)
			for i, v := range values {
				r := slog.NewRecord(when, slog.LevelDebug, "a message", pcs[i%2])
				r.Add("k", v, "key space", 1, "", "no key")
				buf.Reset()
				if err := a.Handle(context.Background(), r.Clone()); err != nil {
					t.Fatal(err)
				}
				if err := b.Handle(context.Background(), r.Clone()); err != nil {
					t.Fatal(err)
				}
				all := l.texts()
				if got, want := all[len(all)-1], strings.TrimSuffix(buf.String(), "\n"); got != want {
					t.Errorf("%#v:\n ours   %s\n theirs %s", v, got, want)
				}
			}
		}
	}
}

func TestHandlerSurvivesAPanickingValue(t *testing.T) {
	l := New(2)
	slog.New(l.Handler(nil)).Info("m", "k", panicking{})
	if got, want := l.texts()[0], `msg=m k="!PANIC: oops"`; got != want {
		t.Errorf("wrote %s, want %s", got, want)
	}
}

func TestHandlerLevels(t *testing.T) {
	for level, want := range map[slog.Level]Level{
		slog.LevelDebug - 4: Debug, slog.LevelDebug: Debug, slog.LevelDebug + 3: Debug, slog.LevelInfo: Info,
		slog.LevelInfo + 2: Notice, slog.LevelWarn: Warning, slog.LevelError: Err, slog.LevelError + 4: Crit, slog.LevelError + 8: Alert,
	} {
		l := New(2)
		log := slog.New(l.Handler(&slog.HandlerOptions{Level: slog.Level(-100)}))
		log.Log(context.Background(), level, "x")
		var s sink
		if !s.take(&l.ring, 8) || s.record.level != want {
			t.Errorf("%v becomes %v, want %v", level, s.record.level, want)
		}
	}
	l := New(2)
	slog.New(l.Handler(nil)).Debug("not enabled")
	if n := l.Stats().Records; n != 0 {
		t.Error("a debug record passes the handler's default level")
	}
}

func TestNewHandlerIsTheMachines(t *testing.T) {
	before := Default().Stats().Records
	slog.New(NewHandler(nil)).Info("hello")
	if after := Default().Stats().Records; after != before+1 {
		t.Errorf("the machine's logger has %d records, want %d", after, before+1)
	}
}
