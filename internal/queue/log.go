package queue

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
)

// quiet passes on what River warns of; its reports of normal life go to debug.
// While the queue ends, what River was doing is cancelled, and it reports each such
// thing as an error: a clean end has none.
type quiet struct {
	slog.Handler
	ending *atomic.Bool // nil for what has no end of its own
}

// Enabled by the level the record will have.
func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return q.Handler.Enabled(ctx, lowered(level))
}

// Handle the record at its lowered level.
func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	r.Level = lowered(r.Level)
	if q.ending != nil && q.ending.Load() && cancelled(r) {
		if r.Level = slog.LevelDebug; !q.Handler.Enabled(ctx, r.Level) {
			return nil
		}
	}
	return q.Handler.Handle(ctx, r)
}

// WithAttrs keeps the levels lowered.
func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quiet{q.Handler.WithAttrs(attrs), q.ending}
}

// WithGroup keeps the levels lowered.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name), q.ending} }

// cancelled reports whether a record tells of the end of a context and of nothing
// else. River writes the cause down as text.
func cancelled(r slog.Record) (yes bool) {
	r.Attrs(func(a slog.Attr) bool {
		yes = yes || strings.HasSuffix(a.Value.String(), context.Canceled.Error())
		return !yes
	})
	return yes || strings.HasSuffix(r.Message, context.Canceled.Error())
}

func lowered(level slog.Level) slog.Level {
	if level < slog.LevelWarn {
		return slog.LevelDebug
	}
	return level
}
