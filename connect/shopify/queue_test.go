package shopify_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/shopify"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/roster"
)

// brittle is Shopify's provider, which breaks while it is told to.
type brittle struct {
	connect.Provider
	broken *atomic.Bool
}

func (b brittle) Message(topic string, raw []byte) (connect.Message, error) {
	if b.broken.Load() {
		panic("it is broken")
	}
	return b.Provider.Message(topic, raw)
}

// post sends a message and works on nothing.
func (m *market) post(topic string, raw []byte) reply {
	m.t.Helper()
	m.posting.Store(true)
	defer m.posting.Store(false)
	return m.send(topic, raw)
}

func (m *market) workOff(want int) {
	m.t.Helper()
	if n, err := m.connect.WorkOff(m.t.Context()); err != nil || n != want {
		m.t.Errorf("worked on %d, %v; want %d", n, err, want)
	}
}

func (m *market) list(want string) {
	m.t.Helper()
	var all []string
	for _, r := range m.receipts() {
		all = append(all, strings.TrimSpace(fmt.Sprint(r.Status, " ", r.Failures, " ", r.Reason)))
	}
	if got := strings.Join(all, ", "); got != want {
		m.t.Errorf("receipts %q, want %q", got, want)
	}
}

// Messages are stored, answered, and worked on in the order in which they came:
// nothing is done before, and a refund behind its order never waits.
func TestS67_AMessageIsStoredAnsweredAndThenWorkedOn(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.expect(m.post("orders/paid", body(t, "paid.json")), "200 RECEIVED")
	m.expect(m.post("orders/paid", body(t, "paid.json")), "200 DUPLICATE")
	m.expect(m.post("refunds/create", body(t, "refund_first.json")), "200 RECEIVED")
	m.expect(m.post("refunds/create", body(t, "refund_second.json")), "200 RECEIVED")
	if got := m.state("450789469"); got != "unknown" {
		t.Errorf("before it is worked on it is %s", got)
	}
	due, err := m.store.DoorReceiptsDue(t.Context())
	m.must(err)
	claimed, err := m.store.DoorClaimReceipts(t.Context(), due, 8, 8, time.Minute)
	m.must(err)
	if len(claimed) != 1 || claimed[0].Topic != "orders/paid" {
		t.Fatalf("of one subject %d are worked on at once", len(claimed))
	}
	m.workOff(0)
	m.clock.Advance(time.Minute) // whoever took it is lost
	m.workOff(3)
	m.list("APPLIED 0, DUPLICATE 0, APPLIED 0, APPLIED 0")
	if done, err := m.store.DoorSettleReceipt(t.Context(), store.SettledReceipt{ClaimedReceipt: claimed[0], Status: "DEAD"}); err != nil || done {
		t.Errorf("a worker whose lease has ended wrote: %v, %v", done, err)
	}
}

func openBrittle(t *testing.T) (*market, *atomic.Bool) {
	t.Helper()
	m, broken := open(t), &atomic.Bool{}
	m.connect = connect.New(connect.Config{
		Roster: roster.New(roster.Config{Store: m.store}), Store: m.store, Earn: m.earn,
		Providers: map[string]connect.Provider{shopify.Name: brittle{shopify.New(), broken}},
	})
	m.hooks = m.connect.Hooks()
	return m, broken
}

// What fails is tried ten times, what comes behind it of the same order waits, other
// orders do not; then it is a dead letter, is seen, and is worked on again when asked.
func TestS67_WhatFailsIsTriedAgainAndThenADeadLetter(t *testing.T) {
	t.Parallel()
	m, broken := openBrittle(t)
	m.post("orders/paid", body(t, "paid.json"))
	m.post("refunds/create", body(t, "refund_first.json"))
	broken.Store(true)
	m.workOff(1)
	m.list("RECEIVED 1 AGAIN: it failed and will be tried again, RECEIVED 0")
	m.workOff(0) // not before its time, and nothing before it
	for _, pause := range []time.Duration{1, 5, 30, 120, 600, 1800, 3600, 7200} {
		m.clock.Advance(pause * 1200 * time.Millisecond)
		m.workOff(1)
	}
	m.list("RECEIVED 9 AGAIN: it failed and will be tried again, RECEIVED 0")
	broken.Store(false)
	m.expect(m.post("orders/paid", bytes.ReplaceAll(body(t, "paid.json"), []byte("450789469"), []byte("77"))), "200 RECEIVED")
	m.workOff(1) // of another order
	broken.Store(true)
	m.clock.Advance(5 * time.Hour)
	m.workOff(2) // it is dead, and the one behind it begins
	m.list("DEAD 10 FAILED: it was tried as often as it may be, RECEIVED 1 AGAIN: it failed and will be tried again, APPLIED 0")
	broken.Store(false)
	m.clock.Advance(2 * time.Second)
	m.workOff(1)
	dead := m.receipts()[0].ID
	out, err := m.connect.Replay(m.ctx, connect.ReplayInput{ReceiptID: dead})
	if m.must(err); out.Count != 1 {
		t.Errorf("%+v", out)
	}
	_, err = m.connect.Replay(m.ctx, connect.ReplayInput{ReceiptID: dead})
	if p, _ := problem.As(err); p == nil || p.Code != problem.State {
		t.Errorf("what waits is replayed: %v", err)
	}
	m.workOff(1)
	m.list("APPLIED 0, APPLIED 1, APPLIED 0")
	m.stands("in the end", fmt.Sprintf(partialState, "USD"))
}

// Dead letters of a time are worked on again in their order.
func TestS67_DeadLettersAreReplayedByTheirTime(t *testing.T) {
	t.Parallel()
	m, broken := openBrittle(t)
	for i := range 3 {
		m.post("orders/paid", bytes.ReplaceAll(body(t, "paid.json"), []byte("450789469"), []byte(fmt.Sprint(70+i))))
		m.clock.Advance(time.Second)
	}
	broken.Store(true)
	from := m.receipts()[0].CreatedAt
	for range 10 {
		m.workOff(3)
		m.clock.Advance(5 * time.Hour)
	}
	broken.Store(false)
	for _, row := range []struct {
		from, to time.Duration
		want     int
	}{{0, time.Second, 1}, {0, time.Hour, 2}, {0, time.Hour, 0}} {
		out, err := m.connect.Replay(m.ctx, connect.ReplayInput{IntegrationID: m.shop, From: from.Add(row.from), To: from.Add(row.to)})
		if err != nil || out.Count != row.want || out.More {
			t.Errorf("%+v, %v; want %d", out, err, row.want)
		}
	}
	m.workOff(3)
	if got := fmt.Sprint(m.statuses()); got != "map[APPLIED:3]" {
		t.Errorf("receipts %s", got)
	}
}

// A message whose worker is lost every time, because it is what kills it, is dead
// after twenty times; the database's own trouble and a lost worker count no failure.
func TestS67_WhatKillsItsWorkerIsDead(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.post("orders/paid", body(t, "paid.json"))
	for range 20 {
		claimed, err := m.store.DoorClaimReceipts(t.Context(), []string{m.shop}, 8, 8, time.Minute)
		if err != nil || len(claimed) != 1 || claimed[0].Failures != 0 {
			t.Fatalf("%d, %v", len(claimed), err)
		}
		m.clock.Advance(time.Minute)
	}
	m.workOff(1)
	m.list("DEAD 0 LOST: whoever worked on it was lost, again and again")
}

// Two servers and a hundred senders at once: each order is there once, and of all
// that was answered nothing is left.
func TestQ47_TwoServersWorkOffABurst(t *testing.T) {
	t.Parallel()
	m := open(t)
	second := connect.New(connect.Config{
		Roster: roster.New(roster.Config{Store: m.store}), Store: m.store, Earn: m.earn,
		Providers: map[string]connect.Provider{shopify.Name: shopify.New()},
	})
	ctx, quit := context.WithCancel(t.Context())
	defer quit()
	var loops, senders sync.WaitGroup
	for _, server := range []*connect.Service{m.connect, second} {
		loops.Go(func() { _ = server.Work(ctx) })
	}
	m.posting.Store(true)
	var taken atomic.Int64
	for i := range 25 {
		for _, one := range []step{{"orders/create", "created.json"}, {"orders/paid", "paid.json"}, {"refunds/create", "refund_first.json"}, {"orders/paid", "paid.json"}} {
			senders.Go(func() {
				raw := bytes.ReplaceAll(body(t, one.file), []byte("450789469"), []byte(fmt.Sprint(5000+i)))
				for m.send(one.topic, raw).code != http.StatusOK {
					time.Sleep(time.Millisecond)
				}
				taken.Add(1)
			})
		}
	}
	senders.Wait()
	for end := time.Now().Add(60 * time.Second); m.statuses()["RECEIVED"] > 0 && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
	quit()
	loops.Wait()
	_, err := m.connect.ApplyParked(t.Context())
	m.must(err)
	for i := range 25 {
		if got, want := m.state(fmt.Sprint(5000+i)), fmt.Sprintf(partialState, "USD"); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
	if n := m.statuses(); taken.Load() != 100 || n["PARKED"]+n["RECEIVED"]+n["REFUSED"]+n["DEAD"] != 0 {
		t.Errorf("taken %d, receipts %v", taken.Load(), n)
	}
	m.books("USD", 25*3914)
}
