package queue

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Errand is work that recurs. It must be idempotent: a crash between its effect
// and the note that it is done runs it again.
type Errand struct {
	Kind  string        // names it in the database: lower-case words joined by _
	Every time.Duration // from tick to tick, at least a second; the first tick comes at the start
	Limit time.Duration // its context ends after this; 5 minutes when zero
	Do    func(context.Context) error
}

const defaultLimit = 5 * time.Minute

var kindForm = regexp.MustCompile(`^[a-z][a-z0-9_]{1,62}$`)

func (e Errand) validate() error {
	switch {
	case !kindForm.MatchString(e.Kind):
		return fmt.Errorf("queue: %q is not a kind of errand", e.Kind)
	case e.Every < time.Second:
		return fmt.Errorf("queue: errand %s recurs too often", e.Kind)
	case e.Do == nil:
		return fmt.Errorf("queue: errand %s does nothing", e.Kind)
	}
	return nil
}

// tick is the job of an errand: a row with a kind and empty arguments.
type tick struct{ kind string }

// Kind of the job.
func (t tick) Kind() string { return t.kind }

// unfinished are the states in which a tick keeps the next one out.
var unfinished = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
	rivertype.JobStateRetryable, rivertype.JobStateScheduled,
}

// recurring gives the errand's schedule. One attempt: the next tick is the retry.
func (e Errand) recurring() *river.PeriodicJob {
	opts := &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByState: unfinished}}
	return river.NewPeriodicJob(
		river.PeriodicInterval(e.Every),
		func() (river.JobArgs, *river.InsertOpts) { return tick{e.Kind}, opts },
		&river.PeriodicJobOpts{ID: e.Kind, RunOnStart: true},
	)
}

// worker does an errand and tells how it went.
type worker struct {
	river.WorkerDefaults[tick]
	errand Errand
	log    *slog.Logger
	done   func(kind string, took time.Duration, err error)
}

// Timeout of the errand.
func (w *worker) Timeout(*river.Job[tick]) time.Duration {
	if w.errand.Limit > 0 {
		return w.errand.Limit
	}
	return defaultLimit
}

// Work does the errand once.
func (w *worker) Work(ctx context.Context, _ *river.Job[tick]) error {
	began := time.Now()
	err := w.errand.Do(ctx)
	w.done(w.errand.Kind, time.Since(began), err)
	if err != nil && ctx.Err() == nil {
		w.log.Warn("errand failed; its next tick tries again", "errand", w.errand.Kind, "error", err)
	}
	return err
}
