package netlog

import (
	"encoding"
	"log/slog"
	"reflect"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// A formatter appends attributes as key=value, each behind a space. The buffer
// it appends to is passed along, so that it can stay on the caller's stack.
type formatter struct {
	prefix  string // names of the open groups, each with its dot
	groups  []string
	replace func([]string, slog.Attr) slog.Attr
}

func (f *formatter) attr(dst []byte, a slog.Attr) []byte {
	a.Value = a.Value.Resolve()
	if f.replace != nil && a.Value.Kind() != slog.KindGroup {
		a = f.replace(f.groups, a)
		a.Value = a.Value.Resolve()
	}
	if a.Equal(slog.Attr{}) {
		return dst
	}
	if a.Value.Kind() == slog.KindGroup {
		return append(dst, f.group(a.Key, a.Value.Group())...)
	}
	dst = f.key(append(dst, ' '), a.Key)
	return appendValue(append(dst, '='), a.Value)
}

// group formats the members of a group; one without a name is no group. Its
// buffers are its own: one passed around in the recursion would not stay on
// Handle's stack.
func (f *formatter) group(name string, members []slog.Attr) (dst []byte) {
	inner := *f
	if name != "" {
		inner.prefix += name + "."
		inner.groups = append(slices.Clip(f.groups), name)
	}
	for _, a := range members {
		dst = append(dst, inner.attr(nil, a)...)
	}
	return dst
}

func (f *formatter) key(dst []byte, key string) []byte {
	if f.prefix == "" {
		return appendText(dst, key)
	}
	if needsQuotes(f.prefix) || needsQuotes(key) {
		return strconv.AppendQuote(dst, f.prefix+key)
	}
	return append(append(dst, f.prefix...), key...)
}

func appendValue(dst []byte, v slog.Value) []byte {
	switch v.Kind() {
	case slog.KindString:
		return appendText(dst, v.String())
	case slog.KindInt64:
		return strconv.AppendInt(dst, v.Int64(), 10)
	case slog.KindUint64:
		return strconv.AppendUint(dst, v.Uint64(), 10)
	case slog.KindFloat64:
		return strconv.AppendFloat(dst, v.Float64(), 'g', -1, 64)
	case slog.KindBool:
		return strconv.AppendBool(dst, v.Bool())
	case slog.KindDuration:
		return append(dst, v.Duration().String()...)
	case slog.KindTime:
		const milliseconds = "2006-01-02T15:04:05.000Z07:00"
		return v.Time().AppendFormat(dst, milliseconds)
	}
	return appendAny(dst, v)
}

// appendAny appends a value of a type that slog does not know. Its methods may
// panic, as those of nil pointers do.
func appendAny(dst []byte, v slog.Value) (out []byte) {
	defer func() {
		if r := recover(); r != nil {
			if p := reflect.ValueOf(v.Any()); p.Kind() == reflect.Pointer && p.IsNil() {
				out = appendText(dst, "<nil>")
			} else {
				out = appendText(dst, "!PANIC: "+slog.AnyValue(r).String())
			}
		}
	}()
	switch x := v.Any().(type) {
	case *slog.Source:
		return appendText(dst, x.File+":"+strconv.Itoa(x.Line))
	case encoding.TextMarshaler:
		text, err := x.MarshalText()
		if err != nil {
			return appendText(dst, "!ERROR:"+err.Error())
		}
		return appendText(dst, string(text))
	case []byte:
		return strconv.AppendQuote(dst, string(x))
	case error:
		return appendText(dst, x.Error())
	}
	return appendText(dst, v.String())
}

func appendText(dst []byte, s string) []byte {
	if needsQuotes(s) {
		return strconv.AppendQuote(dst, s)
	}
	return append(dst, s...)
}

// needsQuotes says whether s as it is would not read as one value.
func needsQuotes(s string) bool {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c <= ' ' || c == '"' || c == '=' {
				return true
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError || unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return true
		}
		i += size
	}
	return s == ""
}
