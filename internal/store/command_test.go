package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lib/pq"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

// busy is an error after which the database wants the command again.
func busy(t *testing.T, s *store.Store) error {
	t.Helper()
	if s.Postgres() {
		return &pq.Error{Code: "40001"}
	}
	// A real one: another connection has the file, and this one does not wait.
	var file string
	if err := s.DB().QueryRow(`SELECT file FROM pragma_database_list`).Scan(&file); err != nil {
		t.Fatal(err)
	}
	var both [2]*sql.DB
	for i := range both {
		db, err := sql.Open("sqlite", "file:"+file+"?_txlock=immediate&_pragma=busy_timeout(0)")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		both[i] = db
	}
	first, err := both[0].Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer first.Rollback()
	if _, err = both[1].Begin(); err == nil {
		t.Fatal("two writers at once")
	}
	return err
}

func TestCommandRunsAgainWhenTheDatabaseGaveUp(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx, _ := storetest.Merchant(t, s)
	again := busy(t, s)
	if !store.Retryable(again) {
		t.Fatalf("%v is not retried", again)
	}
	for failures, want := range map[int]problem.Code{0: "", 3: "", 7: "", 8: problem.Unavailable} {
		runs, after := 0, []int{}
		err := run(ctx, s, func(ctx context.Context, tx *store.Tx) error {
			runs++
			tx.AfterCommit(func() { after = append(after, runs) })
			tx.Emit(store.Event{Type: "test.again"})
			if err := tx.Ent().AffiliateGroup.Create().SetName(fmt.Sprint("group ", failures)).Exec(ctx); err != nil {
				return err
			}
			if runs <= failures {
				return fmt.Errorf("wrapped: %w", again)
			}
			return nil
		})
		wantCode(t, err, want)
		if runs != min(failures+1, 8) {
			t.Errorf("%d failures: ran %d times", failures, runs)
		}
		if done := want == ""; slices.Equal(after, []int{runs}) != done {
			t.Errorf("%d failures: after the commit ran %v", failures, after)
		}
	}
	if groups, events := count(t, s, "affiliate_groups"), count(t, s, "events"); groups != 3 || events != 3 {
		t.Errorf("%d rows and %d events of 3 commands", groups, events)
	}
}

func TestOtherErrorsAreNotRetried(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx, _ := storetest.Merchant(t, s)
	for _, fail := range []error{errors.New("broken"), problem.New(problem.Conflict, "changed"), &pq.Error{Code: "23505"}} {
		runs := 0
		err := run(ctx, s, func(context.Context, *store.Tx) error {
			runs++
			return fail
		})
		if runs != 1 || !errors.Is(err, fail) {
			t.Errorf("%v: ran %d times, gives %v", fail, runs, err)
		}
	}
}

// Two commands that lock the same rows in opposite orders, by hand: one is
// given up by PostgreSQL, and both are done in the end.
func TestDeadlockIsSurvived(t *testing.T) {
	t.Parallel()
	onlyOn(t, true)
	s := storetest.Open(t)
	ctx, _ := storetest.Merchant(t, s)
	var ids []string
	for _, name := range []string{"a", "b"} {
		one, err := makeGroup(ctx, s, name)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, one)
	}
	var both, meet sync.WaitGroup
	meet.Add(2)
	var mu sync.Mutex
	runs := 0
	for _, order := range [][]string{{ids[0], ids[1]}, {ids[1], ids[0]}} {
		var once sync.Once
		both.Go(func() {
			err := run(ctx, s, func(ctx context.Context, tx *store.Tx) error {
				mu.Lock()
				runs++
				mu.Unlock()
				for _, one := range order {
					if _, err := tx.Exec(ctx, `UPDATE affiliate_groups SET version = version + 1 WHERE id = $1`, one); err != nil {
						return err
					}
					once.Do(func() { meet.Done(); meet.Wait() })
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if runs < 3 {
		t.Errorf("ran %d times: no deadlock, and this test shows nothing", runs)
	}
	for _, id := range ids {
		if v := one[int](t, s, `SELECT version FROM affiliate_groups WHERE id = $1`, id); v != 3 {
			t.Errorf("%s has version %d, want 3", id, v)
		}
	}
}

// tx.Lock takes the same locks in one order: nobody is given up.
func TestLockHasOneOrder(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx, _ := storetest.Merchant(t, s)
	var ids []string
	for n := range 5 {
		one, err := makeGroup(ctx, s, fmt.Sprint(n))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, one)
	}
	var mu sync.Mutex
	runs := 0
	at64(func(n int) {
		mine := slices.Clone(ids)
		slices.Reverse(mine[:n%6])
		err := run(ctx, s, func(ctx context.Context, tx *store.Tx) error {
			mu.Lock()
			runs++
			mu.Unlock()
			return tx.Lock(ctx, "affiliate_groups", append(mine, mine[0])...)
		})
		if err != nil {
			t.Error(err)
		}
	})
	if runs != 64 {
		t.Errorf("64 commands ran %d times", runs)
	}
}

func TestSavepointTakesBackItsOwnWorkAlone(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx, merchant := storetest.Merchant(t, s)
	broken := errors.New("broken")
	var after []string
	step := func(tx *store.Tx, name string, fail error) func(context.Context) error {
		return func(ctx context.Context) error {
			tx.Emit(store.Event{Type: "test." + name})
			tx.Note(name, map[string]string{"step": name, name: "done"})
			tx.AfterCommit(func() { after = append(after, name) })
			return errors.Join(tx.Ent().AffiliateGroup.Create().SetName(name).Exec(ctx), fail)
		}
	}
	err := run(ctx, s, func(ctx context.Context, tx *store.Tx) error {
		outer := func(ctx context.Context) error {
			if err := step(tx, "outer", nil)(ctx); err != nil {
				return err
			}
			if err := tx.Savepoint(ctx, step(tx, "inner", broken)); !errors.Is(err, broken) {
				t.Errorf("the inner savepoint gives %v", err)
			}
			return nil
		}
		if err := tx.Savepoint(ctx, outer); err != nil {
			return err
		}
		// A broken key aborts a transaction on PostgreSQL; a savepoint keeps it.
		if err := tx.Savepoint(ctx, step(tx, "outer", nil)); !store.IsUnique(errors.Unwrap(first(err))) {
			t.Errorf("the second row of a name gives %v", err)
		}
		return step(tx, "last", nil)(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	rows := lines(t, s, `SELECT name FROM affiliate_groups ORDER BY name`)
	events := lines(t, s, `SELECT type FROM events ORDER BY type`)
	if !slices.Equal(rows, []string{"last", "outer"}) || !slices.Equal(events, []string{"test.last", "test.outer"}) || !slices.Equal(after, []string{"outer", "last"}) {
		t.Errorf("rows %v, events %v, after the commit %v", rows, events, after)
	}
	note := one[string](t, s, `SELECT changes FROM audit_records WHERE merchant_id = $1 AND action = 'test'`, merchant)
	if strings.Contains(note, "inner") || !strings.Contains(note, "last") || !strings.Contains(note, "outer") {
		t.Errorf("the audit row says %s", note)
	}
}

// first is the first of joined errors.
func first(err error) error {
	if many, is := err.(interface{ Unwrap() []error }); is {
		return many.Unwrap()[0]
	}
	return err
}

func TestAfterCommitRunsAfterACommitAlone(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx, merchant := storetest.Merchant(t, s)
	for name, try := range map[string]struct {
		command store.Command
		err     error
		want    bool
	}{
		"commit":  {store.Command{Name: "a"}, nil, true},
		"error":   {store.Command{Name: "b"}, errors.New("broken"), false},
		"dry run": {store.Command{Name: "c", DryRun: true}, nil, false},
	} {
		ran, seen := false, false
		_, err := store.Run(ctx, s, try.command, func(ctx context.Context, tx *store.Tx) (int, error) {
			tx.AfterCommit(func() {
				ran = true
				n, err := s.Client().AffiliateGroup.Query().Count(system(t, merchant))
				seen = err == nil && n == 1
			})
			return 0, errors.Join(tx.Ent().AffiliateGroup.Create().SetName(name).Exec(ctx), try.err)
		})
		if (err == nil) != (try.err == nil) || ran != try.want || seen != try.want {
			t.Errorf("%s: %v, ran %v, saw the row %v", name, err, ran, seen)
		}
	}
}

func TestHooksRunAfterCommitsWithEvents(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx, _ := storetest.Merchant(t, s)
	commits := 0
	s.OnCommit(func() { commits++ })
	for _, event := range []bool{true, false} {
		err := run(ctx, s, func(_ context.Context, tx *store.Tx) error {
			if event {
				tx.Emit(store.Event{Type: "test.hook"})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if commits != 1 {
		t.Errorf("%d calls, want one", commits)
	}
}

func TestReadersCannotWrite(t *testing.T) {
	t.Parallel()
	onlyOn(t, false)
	s := storetest.Open(t)
	storetest.Merchant(t, s)
	rows, err := s.Read(everywhere(t.Context()), `UPDATE merchants SET name = 'x' RETURNING id`)
	if err == nil {
		rows.Next()
		err = rows.Err()
		_ = rows.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "readonly") {
		t.Errorf("got %v", err)
	}
}

// An instant comes back as it went in, to the microsecond and in UTC, whatever
// zone and however fine it was; and instants compare as they should.
func TestInstantsComeBackExactly(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx, _ := storetest.Merchant(t, s)
	tokyo, bogota := time.FixedZone("Tokyo", 9*3600), time.FixedZone("Bogota", -5*3600)
	base := time.Date(2026, 3, 2, 23, 59, 59, 0, time.UTC)
	for n, given := range []time.Time{
		base, base.Add(time.Microsecond), base.Add(999999 * time.Microsecond), base.Add(100 * time.Millisecond),
		base.Add(123456789 * time.Nanosecond), base.Add(999999999 * time.Nanosecond), base.In(tokyo).Add(time.Microsecond), base.In(bogota),
		time.Date(1970, 1, 1, 0, 0, 0, 1000, time.UTC), time.Date(2099, 12, 31, 23, 59, 59, 999999000, tokyo),
	} {
		want := given.UTC().Truncate(time.Microsecond)
		var id string
		err := run(ctx, s, func(ctx context.Context, tx *store.Tx) error {
			h, err := tx.Ent().Affiliate.Create().SetName("x").SetEmail(fmt.Sprintf("%d@x.example", n)).SetDecidedAt(given).Save(ctx)
			if err == nil {
				id = h.ID
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		got := *s.Client().Affiliate.GetX(ctx, id).DecidedAt
		if !got.Equal(want) || got.Location() != time.UTC || got.Format(time.RFC3339Nano) != want.Format(time.RFC3339Nano) {
			t.Errorf("%v came back as %v", given, got)
		}
		for query, found := range map[string]bool{`decided_at = $2`: true, `decided_at < $2`: false, `decided_at <= $2`: true} {
			if n := one[int](t, s, `SELECT count(*) FROM affiliates WHERE id = $1 AND `+query, id, given.In(bogota)); (n == 1) != found {
				t.Errorf("%v: %s: %v", given, query, n == 1)
			}
		}
	}
}

func TestDeadlineOfACommandIsNamed(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	owner, _ := storetest.Merchant(t, s)
	ctx, cancel := context.WithTimeout(owner, 20*time.Millisecond)
	defer cancel()
	err := run(ctx, s, func(ctx context.Context, tx *store.Tx) error {
		<-ctx.Done()
		return tx.Ent().AffiliateGroup.Create().SetName("late").Exec(ctx)
	})
	wantCode(t, err, problem.Deadline)
	if n := count(t, s, "affiliate_groups"); n != 0 {
		t.Errorf("%d rows", n)
	}
}
