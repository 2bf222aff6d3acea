package main

import (
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/sim"
)

// ear hears messages, each under the id it has, and turns some of them away.
type ear struct {
	mu    sync.Mutex
	heard map[string]string // event → id of its delivery
	away  map[string]bool   // events that were turned away once; the next pause would be minutes
	twice []string          // events that came under two ids
	all   int
	calm  bool // nothing is turned away any more
}

func (e *ear) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	var m struct{ Data struct{ EventID string } }
	_ = json.Unmarshal(raw, &m)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.all++; !e.calm && e.all%20 == 0 && !e.away[m.Data.EventID] {
		e.away[m.Data.EventID] = true
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	if before, known := e.heard[m.Data.EventID]; known && before != r.Header.Get("webhook-id") {
		e.twice = append(e.twice, m.Data.EventID)
	}
	e.heard[m.Data.EventID] = r.Header.Get("webhook-id")
}

// settle ends turning away: who waits for a lease after the last kill has pauses of
// minutes before it if it is refused then.
func (e *ear) settle() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calm = true
}

// missing are those of the events that were not heard.
func (e *ear) missing(events []string) (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, one := range events {
		if e.heard[one] == "" {
			n++
		}
	}
	return n
}

// No event is lost to who is told of it when the server is killed at random while it
// is sending, and each has one id. Without the lease in the claim what was under way
// at a kill is never heard.
func TestCrash_R3_N23_NoWebhookIsLost(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	e := &ear{heard: map[string]string{}, away: map[string]bool{}}
	listener := httptest.NewServer(e)
	defer listener.Close()
	dir, url := t.TempDir(), databaseURL(t)
	const loopback = "TRIBUTARY_WEBHOOK_LOOPBACK=true"
	srv := startAt(t, dir, url, "127.0.0.1:0", loopback)
	w, err := sim.Build(t.Context(), srv.base, sim.Plan{
		Merchant: "Crash", Email: "owner@crash.example", Password: "correct horse battery", Currency: "USD", Percent: "10", Affiliates: []string{"Ada"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Client.Do(t.Context(), `mutation($in: WebhookEndpointCreateInput!) { webhookEndpointCreate(input: $in) { endpoint { id } userErrors { field message code } } }`,
		sim.Vars{"in": sim.Vars{"url": listener.URL, "types": []string{"conversion.recorded"}}}, nil); err != nil {
		t.Fatal(err)
	}
	l := &load{world: w, tried: map[string]bool{}}
	ctx, quit := context.WithCancel(t.Context())
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() { l.loop(ctx, l.order) })
	}
	for range kills() {
		time.Sleep(time.Duration(300+random.IntN(900)) * time.Millisecond)
		srv.kill()
		srv = startAt(t, dir, url, strings.TrimPrefix(srv.base, "http://"), loopback)
	}
	e.settle()
	time.Sleep(500 * time.Millisecond)
	quit()
	callers.Wait()
	if w.Client.Token, err = w.LogIn(t.Context(), w.Email, w.Password); err != nil {
		t.Fatal(err)
	}
	events := recorded(t, w)
	if len(events) < len(l.orderIDs) {
		t.Fatalf("%d events of %d acknowledged orders", len(events), len(l.orderIDs))
	}
	for end := time.Now().Add(100 * time.Second); e.missing(events) > 0; time.Sleep(100 * time.Millisecond) { // a lease is 45 s
		if time.Now().After(end) {
			t.Fatalf("%d of %d events were not heard", e.missing(events), len(events))
		}
	}
	if len(e.twice) > 0 {
		t.Errorf("%d events came under two ids, such as %s", len(e.twice), e.twice[0])
	}
	t.Logf("%d events of %d acknowledged orders, all heard, in %d messages", len(events), len(l.orderIDs), e.all)
}

// recorded are the events of the feed that an endpoint is to be told of.
func recorded(t *testing.T, w *sim.World) (all []string) {
	t.Helper()
	var out struct {
		EventFeed struct {
			Events  []struct{ ID string }
			Cursor  string
			HasMore bool
		}
	}
	vars := sim.Vars{}
	for {
		err := w.Client.Do(t.Context(), `query($after: String) { eventFeed(after: $after, first: 100, types: ["conversion.recorded"]) { events { id } cursor hasMore } }`, vars, &out)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range out.EventFeed.Events {
			all = append(all, one.ID)
		}
		if !out.EventFeed.HasMore {
			return all
		}
		vars["after"] = out.EventFeed.Cursor
		out.EventFeed.Events = nil
	}
}
