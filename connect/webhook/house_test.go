package webhook_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/connect/webhook"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/membership"
	"github.com/tributary/tributary/ent/webhookdelivery"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

const patience = 30 * time.Second

// house is the room with what a server runs beside it.
type house struct {
	*webhook.Service
	t     *testing.T
	ctx   context.Context
	store *store.Store
	clock *storetest.Clock
	begun *atomic.Int64 // when the last events happened, by the real clock
}

func open(t *testing.T, change ...func(*webhook.Config)) house {
	t.Helper()
	t.Parallel()
	clock := storetest.NewClock()
	h := house{t: t, clock: clock, store: storetest.OpenAt(t, clock)}
	if err := queue.Migrate(t.Context(), h.store); err != nil {
		t.Fatal(err)
	}
	desk, err := queue.NewDesk(h.store)
	if err != nil {
		t.Fatal(err)
	}
	c := webhook.Config{Store: h.store, Desk: desk, Loopback: true}
	for _, one := range change {
		one(&c)
	}
	h.Service = webhook.New(c)
	h.ctx, _ = storetest.Merchant(t, h.store)
	return h
}

// serve runs follower and sender until the test ends or stop is called.
func (h house) serve() (stop func()) {
	h.t.Helper()
	ctx, quit := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, loop := range []func(context.Context) error{
		h.store.Sequence, h.Send, func(ctx context.Context) error { return h.store.Follow(ctx, h.Follower()) },
	} {
		running.Go(func() { _ = loop(ctx) })
	}
	stop = sync.OnceFunc(func() { quit(); running.Wait() })
	h.t.Cleanup(stop)
	return stop
}

// got is a message as an endpoint received it.
type got struct {
	id, timestamp, signature string
	body                     []byte
}

// ear is an address that hears messages and answers as it is told.
type ear struct {
	*httptest.Server
	heard chan got
}

func listen(t *testing.T, answer http.HandlerFunc) ear {
	t.Helper()
	e := ear{heard: make(chan got, 10_000)}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		e.heard <- got{r.Header.Get(webhook.HeaderID), r.Header.Get(webhook.HeaderTimestamp), r.Header.Get(webhook.HeaderSignature), body}
		if answer != nil {
			answer(w, r)
		}
	}))
	t.Cleanup(e.Close)
	return e
}

func (e ear) next(t *testing.T) got {
	t.Helper()
	select {
	case g := <-e.heard:
		return g
	case <-time.After(patience):
		t.Fatal("nothing was heard")
		return got{}
	}
}

// silent fails when something is heard.
func (e ear) silent(t *testing.T) {
	t.Helper()
	select {
	case g := <-e.heard:
		t.Errorf("heard %s %s", g.id, g.body)
	default:
	}
}

func (h house) endpoint(in webhook.EndpointInput) webhook.EndpointOutcome {
	h.t.Helper()
	out, err := h.Create(h.ctx, in)
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

// happen emits events of a type about subjects, in one command.
func (h house) happen(kind string, subjects ...string) {
	h.t.Helper()
	_, err := store.Run(h.ctx, h.store, store.Command{Name: "test"}, func(_ context.Context, tx *store.Tx) (int, error) {
		for _, one := range subjects {
			tx.Emit(store.Event{Type: kind, Subject: one, Facts: canon.Facts{"amount": "1250"}})
		}
		return 0, nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// until waits for a delivery that meets a condition; the rows are written by loops
// that tell nobody.
func (h house) until(what string, met func(*ent.WebhookDelivery) bool) *ent.WebhookDelivery {
	h.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		for _, d := range h.store.Client().WebhookDelivery.Query().Order(ent.Asc(webhookdelivery.FieldSequence)).AllX(h.ctx) {
			if met(d) {
				return d
			}
		}
	}
	h.t.Fatalf("no delivery %s", what)
	return nil
}

func tried(n int) func(*ent.WebhookDelivery) bool {
	return func(d *ent.WebhookDelivery) bool { return d.Tries == n && d.LastError != "" }
}

func arrived(d *ent.WebhookDelivery) bool { return d.Status == webhookdelivery.StatusDELIVERED }

// run runs a loop until the test ends.
func run(t *testing.T, loop func(context.Context) error) {
	t.Helper()
	ctx, quit := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = loop(ctx) })
	t.Cleanup(func() { quit(); running.Wait() })
}

// letter waits for the one letter of a folder.
func letter(t *testing.T, dir string) string {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if paths, _ := filepath.Glob(dir + "/*.eml"); len(paths) > 0 {
			text, err := os.ReadFile(paths[0])
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
	}
	t.Fatal("no letter")
	return ""
}

// owner gives the merchant an owner, ann.
func owner(t *testing.T, h house) {
	t.Helper()
	_, err := store.Run(h.ctx, h.store, store.Command{Name: "test"}, func(ctx context.Context, tx *store.Tx) (int, error) {
		ann, err := tx.Ent().User.Create().SetEmail("ann@example.com").SetPasswordHash([]byte("none")).Save(ctx)
		if err != nil {
			return 0, err
		}
		return 0, tx.Ent().Membership.Create().SetUserID(ann.ID).SetRole(membership.RoleOWNER).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// waiting reports whether a delivery waits for its pause to end.
func (h house) waiting() bool {
	return h.store.Client().WebhookDelivery.Query().Where(webhookdelivery.StatusEQ(webhookdelivery.StatusPENDING), webhookdelivery.LastErrorNEQ(""),
		webhookdelivery.NextAtGT(h.clock.Now()), webhookdelivery.Tries(1)).ExistX(h.ctx)
}
