package store_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

// servers opens several stores on one database, each with a log of its own.
func servers(t *testing.T, n int) ([]*store.Store, *logbook) {
	t.Helper()
	url, keys, log := storetest.URL(t), storetest.Keys(t), &logbook{}
	var all []*store.Store
	for range n {
		s, err := store.Open(t.Context(), store.Config{URL: url, Keys: keys, Log: slog.New(slog.NewTextHandler(log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all, log
}

// logbook is a log that a test reads.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// leaders are the backends that hold the sequencer's lock of this database.
func leaders(t testing.TB, s *store.Store) (pids []int) {
	t.Helper()
	rows, err := s.Read(everywhere(t.Context()), `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = $1 AND objid = $2
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
		int64(store.SequencerLock>>32), int64(store.SequencerLock&0xffffffff))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var pid int
		if err := rows.Scan(&pid); err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

// leader waits for a sequencer other than not.
func leader(t testing.TB, s *store.Store, not int) (pid int) {
	t.Helper()
	eventually(t, "a sequencer is elected", 5*time.Second, func() bool {
		pids := leaders(t, s)
		if len(pids) > 1 {
			t.Fatalf("%d sequencers at once", len(pids))
		}
		if len(pids) == 1 {
			pid = pids[0]
		}
		return pid != 0 && pid != not
	})
	return pid
}

func terminate(t testing.TB, s *store.Store, pid int) {
	t.Helper()
	if !one[bool](t, s, `SELECT pg_terminate_backend($1)`, pid) {
		t.Fatalf("no backend %d", pid)
	}
}

func TestSequencerIsReelectedWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	all, _ := servers(t, 2)
	ctx, merchant := storetest.Merchant(t, all[0])
	for _, s := range all {
		background(t, s.Sequence)
	}
	background(t, all[0].Tail)
	places := all[0].Subscribe(merchant, 16)
	defer places.Close()
	pid := 0
	for round := range 3 {
		pid = leader(t, all[0], pid)
		if err := all[0].SequencerReady(t.Context()); err != nil {
			t.Error(err)
		}
		lost := time.Now()
		terminate(t, all[0], pid)
		if _, err := makeGroup(ctx, all[0], strings.Repeat("x", round+1)); err != nil {
			t.Fatal(err)
		}
		<-places.C
		if took := time.Since(lost); took > 2*time.Second {
			t.Errorf("round %d: an event got its place %v after the sequencer was lost", round, took)
		}
	}
	clean(t, all[0])
}

func TestTwoSequencersNeverBothPlace(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	all, log := servers(t, 3)
	ctx, _ := storetest.Merchant(t, all[0])
	for _, s := range all {
		background(t, s.Sequence)
	}
	var most atomic.Int64
	stop, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		for last := 0; ; {
			select {
			case <-stop:
				return
			default:
			}
			pids := leaders(t, all[0])
			most.Store(max(most.Load(), int64(len(pids))))
			if len(pids) == 1 && pids[0] != last {
				last = pids[0]
				terminate(t, all[0], last) // each new one, under load
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	n := flow(ctx, t, all[1], "elected", 200, hold())
	close(stop)
	<-watched
	eventually(t, "every event has its place", 5*time.Second, func() bool { return count(t, all[0], "event_orders") == n })
	if most.Load() != 1 {
		t.Errorf("%d sequencers at once", most.Load())
	}
	if text := log.String(); strings.Contains(text, "duplicate key") {
		t.Errorf("two sequencers placed at once:\n%s", text)
	}
	if !strings.Contains(log.String(), "another election follows") {
		t.Error("no sequencer was lost: this test shows nothing")
	}
	clean(t, all[0])
}

// After a dump is restored into a new cluster, transactions count from anew. A
// bound that was saved before would hide what is written then: it must not be
// believed.
func TestSavedBoundDoesNotOutliveItsCluster(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	s := storetest.Open(t)
	ctx, merchant := storetest.Merchant(t, s)
	if _, swept, err := s.StartBound(ctx); err != nil || !swept {
		t.Fatalf("the first start swept: %v, %v", swept, err)
	}
	lead, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- s.Sequence(lead) }()
	if _, err := makeGroup(ctx, s, "before"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the bound is saved", 5*time.Second, func() bool {
		_, swept, err := s.StartBound(ctx)
		return err == nil && !swept && count(t, s, "event_orders") == 1
	})
	stop()
	<-done
	_, err := s.DB().Exec(`INSERT INTO events (id, merchant_id, created_at, type, type_version, subject_id, facts, xid)
		VALUES ('evt_low', $1, now(), 'test.low', 1, 'x', '', '3')`, merchant)
	if err != nil {
		t.Fatal(err)
	}
	xid, _, err := s.StartBound(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if placed, _, err := s.Place(ctx, xid); err != nil || placed != 0 {
		t.Fatalf("placed %d, %v: the bound hides nothing, and this test shows nothing", placed, err)
	}
	if _, err := s.DB().Exec(`UPDATE followers SET seq = seq WHERE id = 'sequencer'`); err != nil { // as a restore writes it
		t.Fatal(err)
	}
	xid, swept, err := s.StartBound(ctx)
	if err != nil || !swept || xid != "3" {
		t.Fatalf("start at %s, swept %v, %v", xid, swept, err)
	}
	if placed, _, err := s.Place(ctx, xid); err != nil || placed != 1 {
		t.Errorf("placed %d, %v", placed, err)
	}
}

func TestSweepFindsTheOldestUnplacedEvent(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	s := storetest.Open(t)
	ctx, merchant := storetest.Merchant(t, s)
	emit(ctx, t, s, 20)
	place(t, s)
	for n, xid := range []string{"9", "7", "8"} {
		_, err := s.DB().Exec(`INSERT INTO events (id, merchant_id, created_at, type, type_version, subject_id, facts, xid)
			VALUES ((SELECT id || '0' FROM events ORDER BY id OFFSET $1 LIMIT 1), $2, now(), 'test.low', 1, 'x', '', $3)`, 7*n, merchant, xid)
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, page := range []int{1, 3, 23, 100} {
		if xid, err := s.Sweep(ctx, page); err != nil || xid != "7" {
			t.Errorf("in pages of %d: %s, %v", page, xid, err)
		}
	}
}
