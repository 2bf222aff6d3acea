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
	t      *testing.T
	ctx    context.Context
	store  *store.Store
	roster *roster.Service
	clock  *storetest.Clock
	dir    string
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
	h.roster = roster.New(roster.Config{Store: h.store})
	h.Service = notice.New(notice.Config{Store: h.store, Roster: h.roster, Desk: desk, Mail: mail.Folder{Path: h.dir, From: "us@example.com"}})
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
	return h.recruited(name).AffiliateID
}

func (h house) recruited(name string) roster.AffiliateCreated {
	h.t.Helper()
	out, err := h.roster.AffiliateCreate(h.ctx, roster.AffiliateCreateInput{Name: name, Email: name + "@example.com"})
	if err != nil {
		h.t.Fatal(err)
	}
	return out
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

// Whom staff brings in has applied for nothing and has no password: the letter
// holds the claim of the answer. Without the look at Invitation it says that an
// application was approved.
func TestAffiliatesBroughtInAreInvited(t *testing.T) {
	h := open(t)
	ann := h.recruited("ann")
	h.serve()
	bob := h.recruited("bob")
	for _, one := range []roster.AffiliateCreated{ann, bob} {
		if text := h.letter("recruited." + one.AffiliateID); !strings.Contains(text, one.ClaimToken) || strings.Contains(text, "approved") {
			t.Errorf("%s", text)
		}
	}
	if ann.ClaimToken == bob.ClaimToken || len(ann.ClaimToken) != len("trb_claim_")+26 || h.jobs() != 2 {
		t.Errorf("%s and %s in %d letters", ann.ClaimToken, bob.ClaimToken, h.jobs())
	}
}

func TestApprovedAffiliatesAreTold(t *testing.T) {
	h := open(t)
	ann := h.recruit("ann")
	if _, err := h.roster.ClaimReissue(h.ctx, roster.ClaimReissueInput{ID: ann}); err != nil { // a claim of another making, as an applicant has
		t.Fatal(err)
	}
	h.serve()
	text := h.letter("approved." + ann)
	if !strings.Contains(text, "To: <ann@example.com>") || !strings.Contains(text, "Message-ID: <approved."+ann+"@example.com>") || !strings.Contains(text, "Hello ann,") || strings.Contains(text, "trb_claim") {
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
	if h.letter("recruited." + bob); h.jobs() != 1 {
		t.Errorf("%d letters", h.jobs())
	}
}
