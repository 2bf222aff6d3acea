package store_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

// bulk fills the file, so that a copy takes several steps.
func bulk(ctx context.Context, t *testing.T, s *store.Store, rows int) {
	t.Helper()
	err := run(ctx, s, func(ctx context.Context, tx *store.Tx) error {
		for range rows {
			if err := tx.Ent().Customer.Create().SetIdentityHash([]byte(tx.ID("cus"))).SetNameSealed(make([]byte, 4000)).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// While the copy is made, commands go on: the copy holds the commands of one
// instant, whole, and is in order.
func TestBackupIsOneInstantUnderWrites(t *testing.T) {
	t.Parallel()
	onlyOn(t, false)
	s := storetest.Open(t)
	ctx, _ := storetest.Merchant(t, s)
	bulk(ctx, t, s, 3000)
	if _, err := makeGroup(ctx, s, "before"); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "copy.db")
	var writers sync.WaitGroup
	var steps, last, during int
	err := s.Backup(t.Context(), to, func(done, total int) {
		// A whole command between any two steps of the copy.
		writers.Go(func() {
			if _, err := makeGroup(ctx, s, string(rune('a'+steps))); err != nil {
				t.Error(err)
			}
		})
		writers.Wait()
		if steps, during = steps+1, during+1; done <= last || done > total {
			t.Errorf("step %d: %d pages after %d, of %d", steps, done, last, total)
		}
		if last = done; done == total {
			last = -1
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if steps < 3 || last != -1 {
		t.Errorf("%d steps, complete: %v: this test shows little", steps, last == -1)
	}
	if n := count(t, s, "affiliate_groups"); n != int64(1+during) {
		t.Errorf("%d commands were done meanwhile, want %d", n-1, during)
	}
	restored(t, to)
}

func restored(t *testing.T, path string) {
	t.Helper()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if _, err := os.Stat(path + ".partial"); !os.IsNotExist(err) {
		t.Errorf("the partial copy: %v", err)
	}
	s, err := store.Open(t.Context(), store.Config{URL: "sqlite:" + path})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Migrated(t.Context()); err != nil {
		t.Error(err)
	}
	if groups, events := count(t, s, "affiliate_groups"), count(t, s, "events"); groups != 1 || events != 1 || count(t, s, "customers") != 3000 {
		t.Errorf("the copy has %d groups, %d events and %d customers; want 1, 1 and 3000", groups, events, count(t, s, "customers"))
	}
	if check := one[string](t, s, `PRAGMA integrity_check`); check != "ok" {
		t.Error(check)
	}
	clean(t, s)
}

func TestBackupRefusesWhatItMustNotDo(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	to := filepath.Join(t.TempDir(), "copy.db")
	if s.Postgres() {
		wantCode(t, s.Backup(t.Context(), to, nil), problem.State)
		return
	}
	ctx, owner := context.WithCancel(t.Context())
	one, _ := storetest.Merchant(t, s)
	bulk(one, t, s, 3000)
	err := s.Backup(ctx, to, func(int, int) { owner() })
	wantCode(t, err, problem.Unavailable)
	if left, _ := filepath.Glob(to + "*"); len(left) > 0 {
		t.Errorf("a backup that was given up leaves %v", left)
	}
	if err := s.Backup(t.Context(), to, nil); err != nil {
		t.Fatal(err)
	}
	wantCode(t, s.Backup(t.Context(), to, nil), problem.Taken)
	if err := s.Backup(t.Context(), filepath.Join(to, "no", "folder.db"), nil); err == nil {
		t.Error("a backup into no folder")
	}
}
