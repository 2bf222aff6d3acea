package queue

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
)

// What River reports of its own end is no error, what it reports of anything else
// is, and so is a cancelled context while it works. Without ending the first is
// logged as well.
func TestACleanEndLogsNoErrors(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	ending := &atomic.Bool{}
	log := slog.New(quiet{slog.NewTextHandler(&out, nil), ending}).With("client", "x").WithGroup("g")
	report := func(words string) {
		log.Error("PeriodicJobEnqueuer: error inserting "+words, "error", context.Canceled.Error())
		log.Error("JobCompleter: "+words, "err", errors.Join(errors.New("begin"), context.Canceled))
	}
	report("early")
	ending.Store(true)
	report("late")
	log.Error("disk broken late", "error", "input/output error")
	log.Info("normal life")
	if got := out.String(); strings.Count(got, "early") != 2 || strings.Count(got, "late") != 1 || !strings.Contains(got, "disk broken late") || strings.Contains(got, "normal") {
		t.Errorf("%s", got)
	}
}
