package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/sim"
)

// told keeps what a shop has sent and was answered.
type told struct {
	mu    sync.Mutex
	acked map[int64]bool // orders whose message was taken in
	tried map[int64]bool
	next  int64
}

// sell sends one order after another until ctx ends; one that is not answered is left,
// as a shop's is whose server dies.
func (l *told) sell(ctx context.Context, shop sim.Shop) {
	for ctx.Err() == nil {
		l.mu.Lock()
		l.next++
		orderID := l.next
		l.tried[orderID] = true
		l.mu.Unlock()
		o := sim.Order{ID: orderID, Currency: "USD", Paid: true, Email: "buyer@example.com", At: time.Now(), Lines: []sim.Item{{ID: orderID * 10, Title: "Hat", Price: "10.00", Quantity: 1}}}
		if shop.Send(ctx, sim.TopicPaid, fmt.Sprint("d-", orderID), o.Body()) != nil {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		l.mu.Lock()
		l.acked[orderID] = true
		l.mu.Unlock()
	}
}

// Of the messages that a shop was answered none is lost and none is worked on twice
// when the server is killed at random. Without the lease in the claim what was under
// way at a kill is never done.
func TestCrash_S67_Q47_NoMessageOfAShopIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	dir, url := t.TempDir(), databaseURL(t)
	srv := startAt(t, dir, url, "127.0.0.1:0")
	w, err := sim.Build(t.Context(), srv.base, sim.Plan{
		Merchant: "Crash", Email: "owner@crash.example", Password: "correct horse battery", Currency: "USD", Percent: "10", Affiliates: []string{"Ada"},
	})
	if err != nil {
		t.Fatal(err)
	}
	l := &told{acked: map[int64]bool{}, tried: map[int64]bool{}, next: 1000}
	ctx, quit := context.WithCancel(t.Context())
	var senders sync.WaitGroup
	for range 6 {
		senders.Go(func() { l.sell(ctx, w.Shop) })
	}
	for range kills() {
		time.Sleep(time.Duration(200+random.IntN(700)) * time.Millisecond)
		srv.kill()
		srv = startAt(t, dir, url, strings.TrimPrefix(srv.base, "http://"))
	}
	time.Sleep(300 * time.Millisecond)
	quit()
	senders.Wait()
	if w.Client.Token, err = w.LogIn(t.Context(), w.Email, w.Password); err != nil {
		t.Fatal(err)
	}
	patient, cancel := context.WithTimeout(t.Context(), 100*time.Second) // a lease is 45 s
	defer cancel()
	if err := w.Settled(patient); err != nil {
		t.Fatalf("what was stored is not worked off: %v", err)
	}
	found := orders(t, w)
	for orderID := range l.acked {
		if found[fmt.Sprint(orderID)] != 1 {
			t.Errorf("order %d was answered and is there %d times", orderID, found[fmt.Sprint(orderID)])
		}
	}
	for orderID, n := range found {
		if n > 1 {
			t.Errorf("order %s is there %d times", orderID, n)
		}
	}
	t.Logf("%d orders were sent, %d answered, %d are there", len(l.tried), len(l.acked), len(found))
	if len(l.acked) == 0 {
		t.Error("nothing was answered")
	}
	srv.verify(t)
}

// orders counts conversions by the shop's id of the order.
func orders(t *testing.T, w *sim.World) map[string]int {
	t.Helper()
	all, vars := map[string]int{}, sim.Vars{}
	for {
		var out struct {
			Conversions struct {
				Edges    []struct{ Node struct{ ExternalID string } }
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
		if err := w.Client.Do(t.Context(), `query($after: Cursor) { conversions(first: 100, after: $after) { edges { node { externalID } } pageInfo { hasNextPage endCursor } } }`, vars, &out); err != nil {
			t.Fatal(err)
		}
		for _, e := range out.Conversions.Edges {
			all[e.Node.ExternalID]++
		}
		if !out.Conversions.PageInfo.HasNextPage {
			return all
		}
		vars["after"] = out.Conversions.PageInfo.EndCursor
	}
}
