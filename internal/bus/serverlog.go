package bus

import (
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
)

// serverLog sends what the embedded server says to level debug. Its own Fatalf
// would end the process; here it is kept as the reason why the start failed.
type serverLog struct {
	log   *slog.Logger
	fatal atomic.Pointer[string]
}

func (l *serverLog) say(level, format string, v []any) {
	l.log.Debug("stream server", "level", level, "text", fmt.Sprintf(format, v...))
}

func (l *serverLog) err() error {
	if text := l.fatal.Load(); text != nil {
		return errors.New(*text)
	}
	return nil
}

func (l *serverLog) Noticef(format string, v ...any) { l.say("notice", format, v) }
func (l *serverLog) Warnf(format string, v ...any)   { l.say("warn", format, v) }
func (l *serverLog) Errorf(format string, v ...any)  { l.say("error", format, v) }
func (l *serverLog) Debugf(format string, v ...any)  { l.say("debug", format, v) }
func (l *serverLog) Tracef(format string, v ...any)  { l.say("trace", format, v) }

func (l *serverLog) Fatalf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	l.fatal.Store(&text)
	l.say("fatal", format, v)
}
