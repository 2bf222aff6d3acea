package queue_test

import (
	"context"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
)

// What a server had under way when it was killed goes on: its job is done by another,
// and its errand recurs. Without that River would wait for an hour.
func TestR8_WhatALostServerHadUnderWayGoesOn(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	first := newHall(t, s, true)
	first.leave(t)
	await(t, first.ticked, "tick")
	await(t, first.worked, "job")

	first.end()
	killed(t, s)
	second := newHall(t, s, false)
	await(t, second.worked, "the lost job")
	await(t, second.ticked, "tick after the lost one")
}

// A server that is there keeps what it works on, however long that takes.
func TestR8_WhatAServerHasUnderWayIsLeftToIt(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	first := newHall(t, s, true)
	first.leave(t)
	await(t, first.worked, "job")
	if _, err := s.DB().Exec(`UPDATE river_job SET attempted_at = ` + longAgo(s) + ` WHERE state = 'running'`); err != nil {
		t.Fatal(err)
	}
	second := newHall(t, s, false) // frees what is lost before it takes any
	if s.Postgres() {
		if err := second.queue.Beat(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var running int
	if err := s.DB().QueryRow(`SELECT count(*) FROM river_job WHERE state = 'running' AND kind = 'work'`).Scan(&running); err != nil || running != 1 {
		t.Errorf("%d jobs run, %v", running, err)
	}
}

// hall is a queue with one task and one errand, which never end when it is stuck.
type hall struct {
	queue          *queue.Queue
	store          *store.Store
	ticked, worked chan struct{}
	end            func() // lets go of what never ends, and stops
}

func newHall(t *testing.T, s *store.Store, stuck bool) *hall {
	t.Helper()
	h := &hall{store: s, ticked: make(chan struct{}, 100), worked: make(chan struct{}, 100)}
	ctx, cancel := context.WithCancel(context.Background())
	do := func(done chan struct{}) error {
		done <- struct{}{}
		if stuck {
			<-ctx.Done()
		}
		return ctx.Err()
	}
	q, err := queue.New(queue.Config{
		Store:   s,
		Errands: []queue.Errand{{Kind: "beat", Every: time.Second, Do: func(context.Context) error { return do(h.ticked) }}},
		Tasks:   []queue.Task{{Kind: "work", Limit: time.Minute, Do: func(context.Context, queue.Job) error { return do(h.worked) }}},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.queue = q
	ended := make(chan struct{})
	go func() { _ = q.Run(ctx); close(ended) }()
	h.end = func() { cancel(); <-ended }
	t.Cleanup(h.end)
	return h
}

// leave gives it a job.
func (h *hall) leave(t *testing.T) {
	t.Helper()
	if err := leave(t, h.store, desk(t, h.store), queue.Job{Kind: "work", Subject: subject}, nil); err != nil {
		t.Fatal(err)
	}
}

// killed makes of all jobs what a server leaves that was killed a minute ago.
func killed(t *testing.T, s *store.Store) {
	t.Helper()
	by := `'["gone_1"]'`
	if s.Postgres() {
		by = `'{gone_1}'`
	}
	if _, err := s.DB().Exec(`UPDATE river_job SET state = 'running', finalized_at = NULL, attempted_by = ` + by + `, attempted_at = ` + longAgo(s)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DB().Exec(`UPDATE river_leader SET leader_id = 'gone_1', expires_at = ` + longAgo(s)); err != nil {
		t.Fatal(err)
	}
}

func longAgo(s *store.Store) string {
	if s.Postgres() {
		return `now() - interval '1 minute'`
	}
	return `datetime('now', '-1 minute')`
}
