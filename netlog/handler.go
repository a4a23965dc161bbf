package netlog

import (
	"context"
	"log/slog"
	"slices"
)

// NewHandler returns a handler that makes records of Default. See
// Logger.Handler.
func NewHandler(options *slog.HandlerOptions) slog.Handler {
	return Default().Handler(options)
}

// handlerRoom is how long a line can be without allocation.
const handlerRoom = 1024

// A handler formats as slog.TextHandler does, without time and level: the
// record carries both.
type handler struct {
	logger  *Logger
	options slog.HandlerOptions
	attrs   []byte   // of WithAttrs, formatted, each behind a space
	groups  []string // of WithGroup
	prefix  string   // the groups as they stand before a key
}

// Handler returns a handler that makes l's records: msg="..." and the
// attributes as key=value. Options mean what they mean to slog.TextHandler,
// except that time and level are not passed to ReplaceAttr. A line of up to
// 1 KiB with ordinary attributes allocates nothing.
func (l *Logger) Handler(options *slog.HandlerOptions) slog.Handler {
	h := &handler{logger: l}
	if options != nil {
		h.options = *options
	}
	return h
}

func (h *handler) Enabled(_ context.Context, level slog.Level) bool {
	least := slog.LevelInfo
	if h.options.Level != nil {
		least = h.options.Level.Level()
	}
	return level >= least
}

func (h *handler) Handle(_ context.Context, r slog.Record) error {
	var room [handlerRoom]byte
	text := room[:0]
	f := formatter{replace: h.options.ReplaceAttr}
	if h.options.AddSource {
		if source := r.Source(); source != nil {
			text = f.attr(text, slog.Any(slog.SourceKey, source))
		}
	}
	text = f.attr(text, slog.String(slog.MessageKey, r.Message))
	text = append(text, h.attrs...)
	f.groups, f.prefix = h.groups, h.prefix
	r.Attrs(func(a slog.Attr) bool {
		text = f.attr(text, a)
		return true
	})
	if len(text) > 0 && text[0] == ' ' {
		text = text[1:]
	}
	h.logger.emitPart(fromSlog(r.Level), text, false, true)
	if h.logger.crowded() {
		h.logger.giveWay()
	}
	return nil
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	f := formatter{prefix: h.prefix, groups: h.groups, replace: h.options.ReplaceAttr}
	with := *h
	with.attrs = slices.Clip(h.attrs)
	for _, a := range attrs {
		with.attrs = f.attr(with.attrs, a)
	}
	return &with
}

func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	with := *h
	with.groups = append(slices.Clip(h.groups), name)
	with.prefix += name + "."
	return &with
}
