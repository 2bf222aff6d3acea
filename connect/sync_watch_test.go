package connect_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/ent/syncfeed"
	"github.com/tributary/tributary/ent/syncitem"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// written is a shop that could be written to; nobody asks it to be here.
type written struct {
	plain
	unasked
}

type unasked struct{ connect.Destination }

const watchPatience = 60 * time.Second

func (d *desk) writer() *connect.Service {
	return connect.New(connect.Config{Store: d.store, Providers: map[string]connect.Provider{"SHOPIFY": written{}}})
}

// failures writes down how many calls have failed.
func (d *desk) failures(integrationID string, n int) {
	d.t.Helper()
	_, err := store.Run(d.ctx, d.store, store.Command{Name: "test", Subject: integrationID, Quiet: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
		set, err := tx.Ent().SyncFeed.Update().Where(syncfeed.IntegrationID(integrationID)).SetFailures(n).Save(ctx)
		if err != nil || set == 1 {
			return 0, err
		}
		return 0, tx.Ent().SyncFeed.Create().SetIntegrationID(integrationID).SetFailures(n).Exec(ctx)
	})
	d.must(err)
}

// reads waits until a watcher is told of so many failures, and says how often it was told.
func (d *desk) reads(from <-chan connect.Health, failures int) (told int) {
	d.t.Helper()
	for late := time.After(watchPatience); ; {
		select {
		case h, open := <-from:
			if told++; !open || h.Failures == failures {
				return told
			}
		case <-late:
			d.t.Fatalf("not told of %d failures", failures)
		}
	}
}

// S69: how the writing goes is told at once and when it changes. However many watch, an
// integration is looked at once a second, and not at all when nobody does. Two servers
// tell the same.
func TestS69_HealthIsToldAsItChanges(t *testing.T) {
	t.Parallel()
	d := open(t)
	one, other, shop := d.writer(), d.writer(), d.shop()
	ctx, leave := context.WithCancel(d.ctx)
	defer leave()
	began := time.Now()
	var all []<-chan connect.Health
	for i := range 41 {
		at := one
		if i == 40 {
			at = other
		}
		from, err := at.WatchHealth(ctx, shop)
		d.must(err)
		all = append(all, from)
	}
	for step := range 3 {
		if step > 0 {
			d.failures(shop, step)
		}
		for _, from := range all {
			if told := d.reads(from, step); told != 1 {
				t.Errorf("step %d is told %d times", step, told)
			}
		}
	}
	late, err := one.WatchHealth(ctx, shop)
	d.must(err)
	d.reads(late, 2)
	d.until("it was looked at again", func() bool { return one.Looks() >= 5 }) // and nothing has changed
	leave()
	for _, from := range append(all, late) {
		if d.reads(from, -1) != 1 {
			t.Error("something is told that has not changed")
		}
	}
	d.until("nobody is looked for", func() bool { return one.Watched() == 0 })
	if looks, most := one.Looks(), int64(time.Since(began)/time.Second)+1; looks < 5 || looks > most {
		t.Errorf("%d looks, want 5 to %d", looks, most)
	}
}

// until waits for what is told to nobody.
func (d *desk) until(what string, met func() bool) {
	d.t.Helper()
	for end := time.Now().Add(watchPatience); !met(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			d.t.Fatalf("not within %s: %s", watchPatience, what)
		}
	}
}

// A state that was not taken is not told when there is a later one.
func TestS69_ASlowWatcherIsToldTheLatest(t *testing.T) {
	t.Parallel()
	d := open(t)
	s, shop := d.writer(), d.shop()
	ctx, leave := context.WithCancel(d.ctx)
	defer leave()
	slow, err := s.WatchHealth(ctx, shop)
	d.must(err)
	quick, err := s.WatchHealth(ctx, shop)
	d.must(err)
	d.reads(quick, 0)
	for n := 1; n < 3; n++ {
		d.failures(shop, n)
		d.reads(quick, n)
	}
	if told := d.reads(slow, 2); told > 2 { // the last may lie between two readers
		t.Errorf("it is told %d states", told)
	}
}

func TestS69_OnlyTheOwnIsWatched(t *testing.T) {
	t.Parallel()
	d := open(t)
	shop := d.shop()
	_, err := d.WatchHealth(d.ctx, shop)
	d.refuses(err, problem.State, "id")
	_, err = d.writer().WatchHealth(d.ctx, "int_00000000000000000000000000")
	d.refuses(err, problem.NotFound, "id")
}

// S39: dead letters are replayed a thousand at a time; a call goes on where the last one
// stopped, and the last leaves nothing to do.
func TestS39_DeadLettersAreReplayedSomeAtATime(t *testing.T) {
	t.Parallel()
	d := open(t)
	s, shop := d.writer(), d.shop()
	const all = 1003
	_, err := store.Run(d.ctx, d.store, store.Command{Name: "test", Subject: shop, Quiet: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
		for i := range all {
			if err := tx.Ent().SyncItem.Create().SetIntegrationID(shop).SetKind(syncitem.KindDEAL).SetSubjectID(fmt.Sprintf("cnv_%026d", i)).SetStatus(syncitem.StatusDEAD).Exec(ctx); err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	d.must(err)
	listed := 0
	for after, more := "", true; more; {
		var letters []connect.DeadLetter
		letters, more, err = s.DeadLetters(d.ctx, shop, after, 100)
		if d.must(err); len(letters) == 0 {
			t.Fatal("an empty page before the end")
		}
		listed, after = listed+len(letters), letters[len(letters)-1].Cursor
	}
	if listed != all {
		t.Errorf("%d are listed", listed)
	}
	for _, want := range []connect.SyncAgainOutcome{{IntegrationID: shop, After: shop, Count: 1000, More: true}, {IntegrationID: shop, Count: 3}, {IntegrationID: shop}} {
		if got, err := s.SyncAgain(d.ctx, connect.SyncAgainInput{IntegrationID: shop}); err != nil || got != want {
			t.Errorf("%+v, want %+v, %v", got, want, err)
		}
	}
}
