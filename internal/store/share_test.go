package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

// step is what one member of a share does.
type step struct {
	ctx context.Context
	do  func(context.Context, *store.Tx) error
}

// sharing is an SQLite store whose commands called "test" are known to be short.
func sharing(t *testing.T) (*store.Store, context.Context) {
	t.Helper()
	onlyOn(t, false)
	s := storetest.Open(t)
	owner, _ := storetest.Merchant(t, s)
	s.ShareLong(time.Minute)
	if err := run(owner, s, func(context.Context, *store.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	return s, owner
}

// together runs the steps in one transaction, one after the other, and returns what
// each was answered. A step that panics is answered with an error of its text.
func together(t *testing.T, s *store.Store, steps ...step) []error {
	t.Helper()
	answers, in := gathered(t, s, steps...)
	for n := range in {
		if in[n] != in[0] {
			t.Errorf("command %d had a transaction of its own", n)
		}
	}
	return answers
}

// gathered lets the steps stand in line together, whatever comes of it.
func gathered(t *testing.T, s *store.Store, steps ...step) (answers []error, in []*sql.Tx) {
	t.Helper()
	var all sync.WaitGroup
	answers, in = make([]error, len(steps)), make([]*sql.Tx, len(steps))
	begun, ready := make(chan struct{}), make(chan struct{})
	for n, one := range steps {
		all.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					answers[n] = fmt.Errorf("panic: %v", p)
				}
			}()
			var first sync.Once
			answers[n] = run(one.ctx, s, func(ctx context.Context, tx *store.Tx) error {
				in[n] = tx.Raw()
				if n == 0 {
					first.Do(func() { close(begun) })
					<-ready
				}
				return one.do(ctx, tx)
			})
		})
		<-begun
		eventually(t, "a command stands in line", 10*time.Second, func() bool { return s.InLine() == n })
	}
	close(ready)
	all.Wait()
	return answers, in
}

// named makes a row of this name, and says so.
func named(name string) func(context.Context, *store.Tx) error {
	return func(ctx context.Context, tx *store.Tx) error {
		tx.Emit(store.Event{Type: "test.happened", Subject: name, Facts: canon.Facts{}})
		return tx.Ent().AffiliateGroup.Create().SetName(name).Exec(ctx)
	}
}

// wantRows compares the names of the rows and of the events, in order.
func wantRows(t *testing.T, s *store.Store, names string) {
	t.Helper()
	if got := one[string](t, s, `SELECT coalesce(group_concat(name, ''), '') FROM (SELECT name FROM affiliate_groups ORDER BY name)`); got != names {
		t.Errorf("rows %q, want %q", got, names)
	}
	if got := one[string](t, s, `SELECT coalesce(group_concat(subject_id, ''), '') FROM
		(SELECT e.subject_id FROM events e JOIN event_orders o ON o.event_id = e.id WHERE e.type = 'test.happened' ORDER BY o.seq)`); got != names {
		t.Errorf("events %q, want %q", got, names)
	}
	clean(t, s)
}

func TestCommandsInLineShareACommit(t *testing.T) {
	t.Parallel()
	s, owner := sharing(t)
	var after atomic.Int32
	plain := func(name string) step {
		return step{owner, func(ctx context.Context, tx *store.Tx) error {
			tx.AfterCommit(func() { after.Add(1) })
			return named(name)(ctx, tx)
		}}
	}
	last := step{owner, func(ctx context.Context, tx *store.Tx) error {
		if n, err := tx.Ent().AffiliateGroup.Query().Count(ctx); err != nil || n != 2 {
			t.Errorf("%d rows of those before, want 2: %v", n, err)
		}
		if n := count(t, s, "affiliate_groups"); n != 0 || after.Load() != 0 {
			t.Errorf("%d rows are seen and %d were told before the commit", n, after.Load())
		}
		return named("c")(ctx, tx)
	}}
	for n, err := range together(t, s, plain("a"), plain("b"), last) {
		if err != nil {
			t.Errorf("command %d: %v", n, err)
		}
	}
	if after.Load() != 2 {
		t.Errorf("%d were told", after.Load())
	}
	wantRows(t, s, "abc")
}

func TestMemberThatFailsTakesBackItsOwnWorkAlone(t *testing.T) {
	t.Parallel()
	mine := errors.New("mine")
	for name, failing := range map[string]func(context.Context, *store.Tx) error{
		"error": func(ctx context.Context, tx *store.Tx) error { return errors.Join(named("b")(ctx, tx), mine) },
		"panic": func(ctx context.Context, tx *store.Tx) error { panic(named("b")(ctx, tx)) },
		"broken key": func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO event_orders (seq, merchant_id, event_id) SELECT seq, merchant_id, event_id FROM event_orders`)
			return errors.Join(named("b")(ctx, tx), err)
		},
		"within a savepoint": func(ctx context.Context, tx *store.Tx) error {
			_ = tx.Savepoint(ctx, func(ctx context.Context) error { return named("x")(ctx, tx) })
			return tx.Savepoint(ctx, func(ctx context.Context) error { return errors.Join(named("b")(ctx, tx), mine) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, owner := sharing(t)
			got := together(t, s, step{owner, named("a")}, step{owner, failing}, step{owner, named("c")})
			if got[0] != nil || got[1] == nil || got[2] != nil {
				t.Errorf("answers %v", got)
			}
			wantRows(t, s, "ac")
		})
	}
}

// slow writes for about a second, unless it is interrupted.
const slow = `UPDATE affiliate_groups SET version = version WHERE
	(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 2000000) SELECT count(*) FROM c) > 0`

func TestMemberWhoseRequestEndsHarmsNobody(t *testing.T) {
	t.Parallel()
	s, owner := sharing(t)
	ctx, cancel := context.WithCancel(owner)
	defer cancel()
	over := step{ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := named("b")(ctx, tx); err != nil {
			return err
		}
		time.AfterFunc(20*time.Millisecond, cancel) // in the middle of the statement
		_, _ = tx.Exec(ctx, slow)
		return nil // and nobody looked
	}}
	got := together(t, s, step{owner, named("a")}, over, step{owner, named("c")})
	if got[0] != nil || got[1] == nil || got[2] != nil {
		t.Errorf("answers %v", got)
	}
	wantRows(t, s, "ac")
}

func TestFirstMemberWhoseRequestEndsLaterIsCommitted(t *testing.T) {
	t.Parallel()
	s, owner := sharing(t)
	ctx, cancel := context.WithCancel(owner)
	got := together(t, s, step{ctx, named("a")}, step{owner, func(ctx context.Context, tx *store.Tx) error {
		cancel()
		return named("b")(ctx, tx)
	}})
	if got[0] != nil || got[1] != nil {
		t.Errorf("answers %v", got)
	}
	wantRows(t, s, "ab")
}

func TestRequestThatEndsBeforeItsCommitIsNotCommitted(t *testing.T) {
	t.Parallel()
	s, owner := sharing(t)
	ctx, cancel := context.WithCancel(owner)
	_, err := store.Run(ctx, s, store.Command{Name: "quiet", Quiet: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
		defer cancel()
		return 0, tx.Ent().AffiliateGroup.Create().SetName("late").Exec(ctx)
	})
	if err == nil || count(t, s, "affiliate_groups") != 0 {
		t.Errorf("committed for nobody: %v", err)
	}
}

func TestRequestThatEndsInLineLeavesIt(t *testing.T) {
	t.Parallel()
	s, owner := sharing(t)
	err := run(owner, s, func(context.Context, *store.Tx) error {
		ctx, cancel := context.WithTimeout(owner, 10*time.Millisecond)
		defer cancel()
		wantCode(t, run(ctx, s, named("b")), problem.Deadline)
		if n := s.InLine(); n != 0 {
			t.Errorf("%d still stand in line", n)
		}
		return nil
	})
	if err = errors.Join(err, run(owner, s, named("a"))); err != nil {
		t.Error(err)
	}
	wantRows(t, s, "a")
}

// refer breaks a reference that SQLite was told to look at when it commits.
func refer(ctx context.Context, tx *store.Tx) error {
	if _, err := tx.Exec(ctx, `PRAGMA defer_foreign_keys = ON`); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO event_orders (seq, merchant_id, event_id) VALUES (9000000, 'mer_none', 'evt_none')`)
	return err
}

func TestCommitThatFailsIsEveryMembersError(t *testing.T) {
	t.Parallel()
	s, owner := sharing(t)
	refused, told := errors.New("refused for a row of another's"), atomic.Bool{}
	got := together(t, s,
		step{owner, func(ctx context.Context, tx *store.Tx) error {
			tx.AfterCommit(func() { told.Store(true) })
			return named("a")(ctx, tx)
		}},
		step{owner, func(context.Context, *store.Tx) error { return refused }},
		step{owner, refer},
		step{owner, named("c")})
	for n, err := range got {
		if !store.IsForeign(err) || errors.Is(err, refused) {
			t.Errorf("command %d was answered %v", n, err)
		}
	}
	if told.Load() {
		t.Error("told after a commit that failed")
	}
	wantRows(t, s, "")
	if err := run(owner, s, named("d")); err != nil {
		t.Errorf("the next command: %v", err)
	}
	wantRows(t, s, "d")
}

func TestTransactionThatSQLiteTookBackIsNobodysSuccess(t *testing.T) {
	t.Parallel()
	s, owner := sharing(t)
	fill := func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `PRAGMA max_page_count = 1`) // the file's length as it is
		for n := 0; err == nil && n < 10_000; n++ {
			err = tx.Ent().AffiliateGroup.Create().SetName(fmt.Sprint("filling ", n)).Exec(ctx)
		}
		return nil // and nobody looked
	}
	for filling, steps := range [][]step{{{owner, fill}, {owner, named("b")}}, {{owner, named("a")}, {owner, fill}}} {
		answers, _ := gathered(t, s, steps...)
		if _, err := s.DB().Exec(`PRAGMA max_page_count = 1000000`); err != nil {
			t.Fatal(err)
		}
		if answers[filling] == nil {
			t.Error("what SQLite took back was answered with success")
		}
		other := map[int]string{0: "b", 1: "a"}[filling]
		if n := one[int64](t, s, `SELECT count(*) FROM affiliate_groups WHERE name = $1`, other); (n == 1) != (answers[1-filling] == nil) {
			t.Errorf("%d rows of %s, which was answered %v", n, other, answers[1-filling])
		}
		if n := one[int64](t, s, `SELECT count(*) FROM affiliate_groups WHERE name LIKE 'filling%'`); n != 0 {
			t.Errorf("%d rows of the lost command", n)
		}
	}
	clean(t, s)
}

func TestRepeatInTheSameShareIsAnsweredWithItsCommit(t *testing.T) {
	t.Parallel()
	s, owner := sharing(t)
	keyed, made := store.WithKey(owner, key("k", "in")), 0
	make := step{keyed, func(ctx context.Context, tx *store.Tx) error {
		made++
		return named("a")(ctx, tx)
	}}
	if got := together(t, s, step{owner, named("b")}, make, step{owner, refer}); !store.IsForeign(got[1]) {
		t.Errorf("answers %v", got)
	}
	wantRows(t, s, "")
	if err := errors.Join(run(keyed, s, make.do), run(keyed, s, make.do)); err != nil || made != 2 {
		t.Errorf("made %d times, want again after the lost commit and once: %v", made, err)
	}
	wantRows(t, s, "a")
}

func TestLongCommandIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	s, owner := sharing(t)
	answered, begun := make(chan error, 1), make(chan struct{})
	var slow sync.WaitGroup
	go func() {
		answered <- run(owner, s, func(ctx context.Context, tx *store.Tx) error {
			close(begun)
			eventually(t, "a command stands in line", 10*time.Second, func() bool { return s.InLine() == 1 })
			return named("a")(ctx, tx)
		})
	}()
	<-begun
	slow.Go(func() {
		_, err := store.Run(owner, s, store.Command{Name: "never timed"}, func(context.Context, *store.Tx) (int, error) {
			select {
			case err := <-answered:
				return 0, err
			case <-time.After(10 * time.Second):
				return 0, errors.New("the short one was kept waiting")
			}
		})
		if err != nil {
			t.Error(err)
		}
	})
	slow.Wait()
	wantRows(t, s, "a")
}

func TestLimitHoldsAmongMembers(t *testing.T) {
	t.Parallel()
	s, owner := sharing(t)
	var done atomic.Int32
	at64(func(n int) {
		err := run(owner, s, func(ctx context.Context, tx *store.Tx) error {
			if used, err := tx.Ent().AffiliateGroup.Query().Count(ctx); err != nil || used >= 10 {
				return errors.Join(err, errors.New("used up"))
			}
			return named(fmt.Sprint(n))(ctx, tx)
		})
		if err == nil {
			done.Add(1)
		}
	})
	if n := count(t, s, "affiliate_groups"); n != 10 || done.Load() != 10 {
		t.Errorf("%d rows and %d answers, want 10", n, done.Load())
	}
	clean(t, s)
}
