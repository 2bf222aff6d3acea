package queue_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

var subject = "otc_" + strings.Repeat("0", 26)

// leave runs a command that leaves the job and then ends as told.
func leave(t *testing.T, s *store.Store, d *queue.Desk, j queue.Job, end error) error {
	t.Helper()
	ctx, _ := storetest.Merchant(t, s)
	_, err := store.Run(ctx, s, store.Command{Name: "test"}, func(ctx context.Context, tx *store.Tx) (int, error) {
		if err := d.Leave(ctx, tx, j); err != nil {
			return 0, err
		}
		return 0, end
	})
	return err
}

func desk(t *testing.T, s *store.Store) *queue.Desk {
	t.Helper()
	d, err := queue.NewDesk(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A job is done when its command commits, and never when it does not: with the
// insert outside the transaction, the job of the failed command is done too.
func TestJobIsDoneWhenItsCommandCommits(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	d, done := desk(t, s), make(chan queue.Job, 10)
	failed := errors.New("no")
	if err := leave(t, s, d, queue.Job{Kind: "letter", Subject: "otc_" + strings.Repeat("1", 26)}, failed); !errors.Is(err, failed) {
		t.Fatal(err)
	}
	if err := leave(t, s, d, queue.Job{Kind: "letter", Subject: subject}, nil); err != nil {
		t.Fatal(err)
	}
	start(t, queue.Config{Store: s, Tasks: []queue.Task{{Kind: "letter", Do: func(_ context.Context, j queue.Job) error {
		done <- j
		return nil
	}}}})
	if j := await(t, done, "job"); j.Subject != subject || j.Kind != "letter" {
		t.Errorf("did %+v", j)
	}
	if len(done) > 0 {
		t.Errorf("the job of a failed command was done: %+v", <-done)
	}
}

func TestFailedJobIsTriedAgainUnlessGivenUp(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	d, tries := desk(t, s), make(chan string, 10)
	for _, kind := range []string{"stubborn", "hopeless"} {
		if err := leave(t, s, d, queue.Job{Kind: kind, Subject: subject}, nil); err != nil {
			t.Fatal(err)
		}
	}
	fail := func(err error) func(context.Context, queue.Job) error {
		return func(_ context.Context, j queue.Job) error { tries <- j.Kind; return err }
	}
	start(t, queue.Config{Store: s, Tasks: []queue.Task{
		{Kind: "stubborn", Do: fail(errors.New("not yet"))},
		{Kind: "hopeless", Do: fail(fmt.Errorf("refused: %w", queue.ErrGiveUp))},
	}})
	count := map[string]int{}
	for range 3 {
		count[await(t, tries, "try")]++
	}
	if count["stubborn"] != 2 || count["hopeless"] != 1 {
		t.Errorf("tries: %v", count)
	}
}

// Nothing but ids comes into a job's row; without validate an address does.
func TestJobHoldsIdsOnly(t *testing.T) {
	t.Parallel()
	s := migrated(t)
	d := desk(t, s)
	for _, j := range []queue.Job{
		{Kind: "letter", Subject: "ada@example.com"},
		{Kind: "letter", Subject: ""},
		{Kind: "letter", Subject: subject, Merchant: "Acme"},
		{Kind: "Letter", Subject: subject},
	} {
		if err := leave(t, s, d, j, nil); err == nil {
			t.Errorf("%+v was taken", j)
		}
	}
}
