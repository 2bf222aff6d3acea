package notice_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/ent/merchant"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/mail"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/roster/notice"
	"github.com/tributary/tributary/trust"
)

// house is the room with what a server runs beside it.
type house struct {
	*notice.Service
	t     *testing.T
	ctx   context.Context
	store *store.Store
	clock *storetest.Clock
	dir   string
}

func open(t *testing.T) house {
	t.Helper()
	t.Parallel()
	clock := storetest.NewClock()
	h := house{t: t, clock: clock, store: storetest.OpenAt(t, clock), dir: t.TempDir()}
	if err := queue.Migrate(t.Context(), h.store); err != nil {
		t.Fatal(err)
	}
	desk, err := queue.NewDesk(h.store)
	if err != nil {
		t.Fatal(err)
	}
	h.Service = notice.New(notice.Config{Store: h.store, Desk: desk, Mail: mail.Folder{Path: h.dir, From: "us@example.com"}})
	h.ctx, _ = storetest.Merchant(t, h.store)
	return h
}

// serve runs follower and jobs until the test ends.
func (h house) serve() {
	h.t.Helper()
	q, err := queue.New(queue.Config{Store: h.store, Tasks: h.Tasks()})
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, quit := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, loop := range []func(context.Context) error{
		h.store.Sequence, q.Run, func(ctx context.Context) error { return h.store.Follow(ctx, h.Follower()) },
	} {
		running.Go(func() { _ = loop(ctx) })
	}
	h.t.Cleanup(func() { quit(); running.Wait() })
}

func (h house) recruit(name string) string {
	h.t.Helper()
	out, err := roster.New(roster.Config{Store: h.store}).AffiliateCreate(h.ctx, roster.AffiliateCreateInput{Name: name, Email: name + "@example.com"})
	if err != nil {
		h.t.Fatal(err)
	}
	return out.AffiliateID
}

// letter waits for one.
func (h house) letter(id string) string {
	h.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) { // a file, written by a job
		if text, err := os.ReadFile(filepath.Join(h.dir, id+".eml")); err == nil {
			return string(text)
		}
	}
	h.t.Fatalf("no letter %s", id)
	return ""
}

// jobs counts the letters that were to be written, sent or not.
func (h house) jobs() (n int) {
	h.t.Helper()
	_, err := store.Run(h.ctx, h.store, store.Command{Name: "test"}, func(ctx context.Context, tx *store.Tx) (int, error) {
		return 0, tx.QueryRow(ctx, `SELECT count(*) FROM river_job WHERE kind LIKE 'notice%'`).Scan(&n)
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

func TestApprovedAffiliatesAreTold(t *testing.T) {
	h := open(t)
	ann := h.recruit("ann")
	h.serve()
	bob := h.recruit("bob")
	h.letter("approved." + bob)
	text := h.letter("approved." + ann)
	if h.jobs() != 2 {
		t.Errorf("%d letters", h.jobs())
	}
	if !strings.Contains(text, "To: <ann@example.com>") || !strings.Contains(text, "Message-ID: <approved."+ann+"@example.com>") || !strings.Contains(text, "Hello ann,") {
		t.Errorf("%s", text)
	}
}

// What is long past is no news, and affiliates of a sandbox are made up. Without
// stale ann is told, without the look at the mode cid.
func TestNobodyIsToldOfThePastOrOfTheSandbox(t *testing.T) {
	h := open(t)
	h.recruit("ann")
	h.clock.Advance(25 * time.Hour)
	live := h.ctx
	sandbox := id.New(id.Merchant, h.clock.Now())
	h.ctx = trust.With(t.Context(), trust.System(sandbox))
	_, err := store.Run(h.ctx, h.store, store.Command{Name: "test"}, func(ctx context.Context, tx *store.Tx) (int, error) {
		return 0, tx.Ent().Merchant.Create().SetID(sandbox).SetName("Sandbox").SetMode(merchant.ModeTEST).SetCurrency("USD").SetTimeZone("UTC").Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	h.recruit("cid")
	h.ctx = live
	bob := h.recruit("bob")
	h.serve()
	if h.letter("approved." + bob); h.jobs() != 1 {
		t.Errorf("%d letters", h.jobs())
	}
}
