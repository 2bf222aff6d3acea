package store

import (
	"context"
	"database/sql"
	"hash/fnv"
	"sync"
	"time"

	"github.com/tributary/tributary/trust"
)

// Follower reads the journal in order and commits its effect together with its
// cursor: every event has its effect exactly once, whatever crashes.
type Follower struct {
	Name  string // names the cursor
	Batch int    // events per transaction; 500 when zero
	// Gather is how long it lets events gather after a wake-up, so that a burst costs few
	// transactions; gatherPause when zero.
	Gather time.Duration
	// Apply has the effect of events of one merchant, in order; ctx has that
	// merchant's system viewer. It may run again after a rollback.
	Apply func(ctx context.Context, tx *Tx, events []Event) error
}

func (f Follower) withDefaults() Follower {
	if f.Batch == 0 {
		f.Batch = 500
	}
	if f.Gather == 0 {
		f.Gather = gatherPause
	}
	return f
}

type followers struct {
	mu    sync.Mutex
	wakes map[chan struct{}]struct{}
}

func (f *followers) add() chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.wakes == nil {
		f.wakes = map[chan struct{}]struct{}{}
	}
	c := make(chan struct{}, 1)
	f.wakes[c] = struct{}{}
	return c
}

func (f *followers) remove(c chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.wakes, c)
}

func (f *followers) nudge() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.wakes {
		nudge(c)
	}
}

// followPause is how often a follower looks without a wake-up; gatherPause lets
// events gather, so that a burst costs few transactions.
const (
	followPause = time.Second
	gatherPause = 10 * time.Millisecond
)

// Follow runs a follower until ctx ends; each server runs it, one is elected
// per name. Errors are logged and tried again: a follower never skips.
func (s *Store) Follow(ctx context.Context, f Follower) error {
	f = f.withDefaults()
	wake := s.followers.add()
	defer s.followers.remove(wake)
	for ctx.Err() == nil {
		if err := s.followElected(ctx, f, wake); err != nil && ctx.Err() == nil {
			s.Log().Warn("follower stopped; it goes on from its cursor", "follower", f.Name, "error", err)
		}
		_ = sleep(ctx, electionPause)
	}
	return nil
}

func (s *Store) followElected(ctx context.Context, f Follower, wake <-chan struct{}) error {
	if s.Postgres() {
		conn, err := s.doorWrite.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		elected, err := tryLock(ctx, conn, f.lock())
		if err != nil || !elected {
			return err
		}
		defer unlock(ctx, conn, f.lock())
		return s.follow(ctx, f, wake, conn)
	}
	return s.follow(ctx, f, wake, nil)
}

func (f Follower) lock() int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("follower " + f.Name))
	return int64(h.Sum64())
}

// follow applies batches. conn, when there is one, holds the election: it is
// asked before each batch, and a lost lock ends the loop.
func (s *Store) follow(ctx context.Context, f Follower, wake <-chan struct{}, conn *sql.Conn) error {
	for {
		n, err := s.catchIfBehind(ctx, f)
		if err != nil {
			return err
		}
		if n == f.Batch {
			continue
		}
		if err := followWait(ctx, wake, f.Gather); err != nil {
			return nil
		}
		if conn != nil {
			if err := conn.PingContext(ctx); err != nil {
				return err
			}
		}
	}
}

func followWait(ctx context.Context, wake <-chan struct{}, gather time.Duration) error {
	t := time.NewTimer(followPause)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-wake:
		return sleep(ctx, gather)
	case <-t.C:
		return nil
	}
}

// catchIfBehind spares an idle server the transaction that would find nothing.
func (s *Store) catchIfBehind(ctx context.Context, f Follower) (int, error) {
	cursor, err := s.Cursor(ctx, f.Name)
	if err != nil {
		return 0, err
	}
	if head, err := s.Head(ctx); err != nil || head <= cursor {
		return 0, err
	}
	return s.Catch(ctx, f)
}

// Catch applies one batch and reports how many events it held. The cursor is
// read under the transaction's lock: were two servers elected at once, the
// second would find the first one's cursor and do nothing twice.
func (s *Store) Catch(ctx context.Context, f Follower) (int, error) {
	f = f.withDefaults()
	ctx = house(ctx)
	return Run(ctx, s, Command{Name: "follow." + f.Name, Quiet: true}, func(ctx context.Context, tx *Tx) (int, error) {
		cursor, err := tx.cursor(ctx, f.Name)
		if err != nil {
			return 0, err
		}
		events, err := tx.eventsAfter(ctx, cursor, f.Batch)
		if err != nil || len(events) == 0 {
			return 0, err
		}
		if err := tx.applyAll(ctx, f, events); err != nil {
			return 0, err
		}
		_, err = tx.Exec(ctx, `UPDATE followers SET seq = $1, moved_at = $2 WHERE id = $3`, events[len(events)-1].Seq, tx.now, f.Name)
		return len(events), err
	})
}

func (tx *Tx) cursor(ctx context.Context, name string) (seq int64, err error) {
	_, err = tx.Exec(ctx, `INSERT INTO followers (id, seq, state, moved_at) VALUES ($1, 0, '', $2) ON CONFLICT (id) DO NOTHING`, name, tx.now)
	if err != nil {
		return 0, err
	}
	query := `SELECT seq FROM followers WHERE id = $1`
	if tx.store.Postgres() {
		query += ` FOR UPDATE`
	}
	return seq, tx.QueryRow(ctx, query, name).Scan(&seq)
}

// applyAll hands each merchant its events, in order, as that merchant's system.
func (tx *Tx) applyAll(ctx context.Context, f Follower, events []Event) error {
	var order []string
	groups := map[string][]Event{}
	for _, e := range events {
		if _, known := groups[e.MerchantID]; !known {
			order = append(order, e.MerchantID)
		}
		groups[e.MerchantID] = append(groups[e.MerchantID], e)
	}
	for _, merchant := range order {
		tx.viewer = trust.System(merchant)
		if err := f.Apply(trust.With(ctx, tx.viewer), tx, groups[merchant]); err != nil {
			return err
		}
	}
	return nil
}

// Cursor is how far a follower has come.
func (s *Store) Cursor(ctx context.Context, name string) (seq int64, err error) {
	err = s.doorRead.QueryRowContext(ctx, s.rebind(`SELECT coalesce(max(seq), 0) FROM followers WHERE id = $1`), name).Scan(&seq)
	return seq, present(err)
}
