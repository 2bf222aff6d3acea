package queue

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"github.com/riverqueue/river"

	"github.com/tributary/tributary/internal/store"
)

// Task is work that a command leaves behind to be done after its commit, once
// for each job, tried again with growing pauses when it fails. Its job may be
// done twice when a server crashes in between.
type Task struct {
	Kind string // names it in the database: lower-case words joined by _
	// Do does one job. What it returns is kept in the job's row: it must hold no
	// personal value. An error that wraps [ErrGiveUp] is the last.
	Do func(ctx context.Context, j Job) error
	// Limit is how long one try may take, at most half an hour; a minute when zero.
	Limit time.Duration
}

// ErrGiveUp says that trying again is of no use.
var ErrGiveUp = errors.New("queue: not to be tried again")

// Job is one piece of a task. It holds ids only.
type Job struct {
	Kind     string `json:"-"`
	Merchant string `json:"merchant,omitempty"`
	Subject  string `json:"subject"`
}

// taskLimit bounds one try, taskTries how often there is one: the pauses add up
// to some eight hours.
const (
	taskLimit = time.Minute
	taskTries = 10
)

// idForm is what alone may stand in a job's row, beside nothing.
var idForm = regexp.MustCompile(`^[a-z]{2,5}_[0-9a-hjkmnp-tv-z]{26}$`)

func (j Job) validate() error {
	if !kindForm.MatchString(j.Kind) || !idForm.MatchString(j.Subject) || j.Merchant != "" && !idForm.MatchString(j.Merchant) {
		return fmt.Errorf("queue: a job of %q names something that is no id", j.Kind)
	}
	return nil
}

// Desk takes jobs in.
type Desk struct {
	client *river.Client[*sql.Tx]
}

// NewDesk opens the desk of a store whose job tables are made.
func NewDesk(s *store.Store) (*Desk, error) {
	client, err := river.NewClient(driver(s), &river.Config{Logger: slog.New(quiet{s.Log().Handler(), nil})})
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	return &Desk{client}, nil
}

// Leave puts jobs into the command's transaction: they are there when it commits
// and not when it does not. It costs a request's transaction a statement or two,
// so it is for followers and for what people do now and then. A nil desk takes
// nothing: a command line tool leaves no jobs.
func (d *Desk) Leave(ctx context.Context, tx *store.Tx, jobs ...Job) error {
	if d == nil || len(jobs) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(jobs))
	for i, j := range jobs {
		if err := j.validate(); err != nil {
			return err
		}
		params[i] = river.InsertManyParams{Args: args{j}, InsertOpts: &river.InsertOpts{MaxAttempts: taskTries}}
	}
	_, err := d.client.InsertManyTx(ctx, tx.SQL(), params)
	return err
}

// args is a job as River keeps it.
type args struct{ Job }

// Kind of the job.
func (a args) Kind() string { return a.Job.Kind }

// hand does the jobs of a task.
type hand struct {
	river.WorkerDefaults[args]
	task Task
	log  *slog.Logger
}

// Timeout of one try.
func (h *hand) Timeout(*river.Job[args]) time.Duration { return cmp.Or(h.task.Limit, taskLimit) }

// Work does one job once.
func (h *hand) Work(ctx context.Context, job *river.Job[args]) error {
	j := job.Args.Job
	j.Kind = h.task.Kind
	err := h.task.Do(ctx, j)
	if err == nil || ctx.Err() != nil {
		return err
	}
	h.log.Warn("a job failed", "task", h.task.Kind, "subject", j.Subject, "try", job.Attempt, "error", err)
	if errors.Is(err, ErrGiveUp) {
		return river.JobCancel(err)
	}
	return err
}
