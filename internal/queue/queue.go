package queue

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"github.com/tributary/tributary/internal/store"
)

// How often an idle server asks the database for work.
//
// On SQLite this process is the only one that inserts, and an insert here wakes
// the fetcher, so polling merely finds what a crash left behind; each poll is an
// UPDATE on the one writer connection that others wait for. On PostgreSQL other
// servers insert too, and River's LISTEN needs a driver we do not use.
const (
	pollSQLite   = 2 * time.Second
	pollPostgres = 250 * time.Millisecond
	cooldown     = 20 * time.Millisecond
)

const (
	workers = 4
	// keepDone is short: a tick leaves no trace worth reading, its effect does.
	keepDone    = time.Hour
	stopPatient = 5 * time.Second
)

// Config of a queue.
type Config struct {
	Store   *store.Store
	Errands []Errand
	Tasks   []Task
	// Done is told after each errand, for metrics; it may be nil and must not block.
	Done func(kind string, took time.Duration, err error)
}

// Queue runs errands and does tasks.
type Queue struct {
	id     string // begins with the store's boot
	store  *store.Store
	client *river.Client[*sql.Tx]
	log    *slog.Logger
	ending *atomic.Bool
}

// New prepares a queue; nothing runs before Run. It fails on a malformed or
// repeated errand.
func New(cfg Config) (*Queue, error) {
	if cfg.Done == nil {
		cfg.Done = func(string, time.Duration, error) {}
	}
	ending := &atomic.Bool{}
	name := cfg.Store.Boot() + "_" + rand.Text()
	rc := &river.Config{
		ID:                          name,
		Logger:                      slog.New(quiet{cfg.Store.Log().Handler(), ending}),
		Queues:                      map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		Workers:                     river.NewWorkers(),
		FetchPollInterval:           pollSQLite,
		FetchCooldown:               cooldown,
		PollOnly:                    true,
		CompletedJobRetentionPeriod: keepDone,
		CancelledJobRetentionPeriod: keepDone,
	}
	if cfg.Store.Postgres() {
		rc.FetchPollInterval = pollPostgres
	}
	if err := enlist(rc, cfg); err != nil {
		return nil, err
	}
	client, err := river.NewClient(driver(cfg.Store), rc)
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	return &Queue{id: name, store: cfg.Store, client: client, log: cfg.Store.Log(), ending: ending}, nil
}

// enlist gives River a worker for each task, and a worker and a schedule for
// each errand.
func enlist(rc *river.Config, cfg Config) error {
	known := map[string]bool{}
	for _, t := range cfg.Tasks {
		if !kindForm.MatchString(t.Kind) || t.Do == nil || known[t.Kind] {
			return fmt.Errorf("queue: task %q is malformed or there twice", t.Kind)
		}
		known[t.Kind] = true
		river.AddWorkerArgs(rc.Workers, args{Job{Kind: t.Kind}}, &hand{task: t, log: cfg.Store.Log()})
	}
	for _, e := range cfg.Errands {
		if err := e.validate(); err != nil {
			return err
		}
		if known[e.Kind] {
			return fmt.Errorf("queue: two errands are called %s", e.Kind)
		}
		known[e.Kind] = true
		river.AddWorkerArgs(rc.Workers, tick{e.Kind}, &worker{errand: e, log: cfg.Store.Log(), done: cfg.Done})
		rc.PeriodicJobs = append(rc.PeriodicJobs, e.recurring())
	}
	return nil
}

func driver(s *store.Store) riverdriver.Driver[*sql.Tx] {
	if s.Postgres() {
		return riverdatabasesql.New(s.DB())
	}
	return riversqlite.New(s.DB())
}

// Run works until ctx ends, then fetches no more and waits for the errands under
// way; those that take longer than a few seconds are cancelled. It fails when
// the database does not answer at the start.
func (q *Queue) Run(ctx context.Context) error {
	if err := q.arrive(ctx); err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	if err := q.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	q.beats(ctx)
	<-ctx.Done()
	q.ending.Store(true)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopPatient)
	defer cancel()
	if err := q.client.Stop(last); err == nil {
		return nil
	}
	q.log.Warn("errands are cancelled: they did not end in time")
	last, cancel = context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return q.client.StopAndCancel(last)
}
