package shopify_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/mapping"
	"github.com/tributary/tributary/connect/shopify/shoptest"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/syncitem"
	"github.com/tributary/tributary/ent/webhookreceipt"
	"github.com/tributary/tributary/internal/store"
)

// bought is a street whose shop can be called, and has told of orders of so many
// customers, 1 and on.
func bought(t *testing.T, customers int) *street {
	t.Helper()
	s := openStreet(t)
	s.shop = s.byKeys()
	for n := 1; n <= customers; n++ {
		raw := edited(t, "paid.json", func(o object) {
			o["id"] = 7000 + n
			o["email"] = fmt.Sprintf("b%d@example.com", n)
			o["customer"] = object{"id": n, "email": o["email"], "first_name": "Bea", "last_name": "Buyer"}
		})
		raw = bytes.ReplaceAll(raw, []byte(placeholder), []byte(s.token))
		s.fake.Put(raw)
		s.expect(s.send("orders/paid", raw), "200 APPLIED")
	}
	s.marked()
	return s
}

// marked lets the follower of the journal catch up.
func (s *street) marked() {
	s.t.Helper()
	ctx, quit := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = s.store.Sequence(ctx) })
	defer func() { quit(); running.Wait() }()
	events := s.store.Client().Event.Query().CountX(s.ctx)
	for end := time.Now().Add(time.Minute); s.store.Client().EventOrder.Query().CountX(s.ctx) < events; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatal("events have no order")
		}
	}
	for n := 1; n > 0; {
		var err error
		n, err = s.store.Catch(s.ctx, s.connect.Follower())
		s.must(err)
	}
}

// pushed lets what has changed be written.
func (s *street) pushed() {
	s.t.Helper()
	s.marked()
	_, err := s.connect.SyncOff(s.ctx)
	s.must(err)
}

// says sets the segment of all customers.
func (s *street) says(segment string) {
	s.t.Helper()
	for _, id := range s.store.Client().Customer.Query().IDsX(s.ctx) {
		_, err := s.connect.SetCustomer(s.ctx, connect.SetCustomerInput{CustomerID: id, Segment: &segment})
		s.must(err)
	}
}

func (s *street) segment(customer int, want string) {
	s.t.Helper()
	if got := s.fake.Metafields(fmt.Sprint(customer))["tributary.segment"]; got != want {
		s.t.Errorf("customer %d is %q in the shop, want %q", customer, got, want)
	}
}

func TestS25_WhatIsSaidOfACustomerIsWrittenIntoTheShop(t *testing.T) {
	t.Parallel()
	s := bought(t, 30)
	if _, err := s.connect.SyncOff(s.ctx); err != nil || s.fake.Asked != 0 {
		t.Errorf("the shop is called %d times because of its own orders, %v", s.fake.Asked, err)
	}
	s.says("vip")
	s.pushed()
	for n := 1; n <= 30; n++ {
		s.segment(n, "vip")
	}
	calls := s.fake.Asked
	s.says("")
	s.pushed()
	s.segment(1, "")
	if s.fake.Asked-calls > 3 { // twelve customers at once
		t.Errorf("%d calls to clear 30: who is known is looked up again", s.fake.Asked-calls)
	}
	if len(s.fake.Refused) != 0 {
		t.Errorf("the shop refused %v", s.fake.Refused)
	}
	if n := s.store.Client().SyncItem.Query().Where(syncitem.StatusEQ(syncitem.StatusSENT), syncitem.KindEQ(syncitem.KindCUSTOMER)).CountX(s.ctx); n != 30 {
		t.Errorf("%d are noted", n)
	}
}

// The shop tells that a customer has changed: that is what was written, and leads to
// nothing.
func TestS25_TheShopsEchoIsSuppressed(t *testing.T) {
	t.Parallel()
	s := bought(t, 1)
	var echo []string
	s.fake.Do(func() { s.fake.Updated = func(id string) { echo = append(echo, id) } })
	s.says("vip")
	s.pushed()
	if len(echo) != 1 || echo[0] != "1" {
		t.Fatalf("%v", echo)
	}
	events, calls := s.store.Client().Event.Query().CountX(s.ctx), s.fake.Asked
	got := s.send("customers/update", []byte(`{"id":1,"email":"b1@example.com","updated_at":"2026-03-01T16:00:00Z","tags":"vip"}`))
	s.expect(got, "200 IGNORED")
	s.pushed()
	if n := s.store.Client().Event.Query().CountX(s.ctx); n != events || s.fake.Asked != calls {
		t.Errorf("%d events and %d calls because of it", n-events, s.fake.Asked-calls)
	}
	s.says("vip") // it stands so already
	s.pushed()
	if s.fake.Asked != calls {
		t.Errorf("%d calls because nothing has changed", s.fake.Asked-calls)
	}
}

// A shop whose points are spent is left alone until there are enough, and nothing of it
// counts as a failure; one that refuses a customer does not hold up the others.
func TestS67_S25_WhatTheShopDoesNotTakeNow(t *testing.T) {
	t.Parallel()
	s := bought(t, 3)
	s.fake.Do(func() { s.fake.Bucket = shoptest.Bucket{Max: 10, Left: 0, Restore: 0.1} })
	s.says("vip")
	s.pushed()
	s.segment(3, "")
	if f := s.store.Client().SyncFeed.Query().OnlyX(s.ctx); f.Failures != 0 || f.PausedUntil == nil || f.PausedUntil.Sub(s.clock.Now()) < 90*time.Second {
		t.Errorf("%+v", f)
	}
	s.clock.Advance(3 * time.Minute)
	s.fake.Do(func() { s.fake.Bucket = shoptest.Bucket{Max: 10, Left: 0, Restore: 40} })
	s.pushed() // it waits for what each question costs
	s.segment(3, "vip")
	h, err := s.connect.SyncHealth(s.ctx, s.shop)
	if s.must(err); h.Failures != 0 || h.Pending != 0 || h.FailedAt != nil {
		t.Errorf("%+v", h)
	}
	if n := strings.Count(strings.Join(s.fake.Refused, " "), "THROTTLED"); n < 2 {
		t.Errorf("it was throttled %d times", n)
	}
	s.fake.Do(func() { s.fake.Bucket = shoptest.Bucket{Max: 2000, Left: 2000, Restore: 1000} })
	one := s.store.Client().Customer.Query().Order(ent.Asc("id")).FirstIDX(s.ctx)
	s.says("gold")
	bad := "two\nlines"
	s.run(func(ctx context.Context, tx *store.Tx) error {
		return tx.Ent().Customer.UpdateOneID(one).SetSegment(bad).Exec(ctx)
	})
	s.pushed()
	s.segment(2, "gold")
	s.segment(3, "gold")
	if item := s.store.Client().SyncItem.Query().Where(syncitem.SubjectID(one)).OnlyX(s.ctx); item.Status != syncitem.StatusFAILED || item.Reason != "INVALID_TYPE" {
		t.Errorf("%+v", item)
	}
}

// A shop that only sends messages, and one that does not take the token, hold up nothing.
func TestS25_AShopThatCannotBeCalledIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := bought(t, 1)
	s.shop = s.connected("other")
	s.expect(s.send("orders/paid", edited(t, "paid.json", func(o object) { o["id"] = 9 })), "200 APPLIED")
	s.fake.Withdraw()
	s.says("vip")
	s.pushed()
	feeds := s.store.Client().SyncFeed.Query().AllX(s.ctx)
	if len(feeds) != 1 || feeds[0].Failures != 1 || feeds[0].PausedUntil == nil {
		t.Errorf("%+v", feeds)
	}
	if n := s.statuses()[webhookreceipt.StatusAPPLIED]; n != 2 {
		t.Errorf("%d orders are applied", n)
	}
}

// Any text of a customer can go into a metafield; what is none is refused at its path.
func TestS27_WhichMetafieldIsWhichIsSaidByTheMap(t *testing.T) {
	t.Parallel()
	s := bought(t, 1)
	set := func(source, target string) error {
		_, err := s.connect.SetMap(s.ctx, connect.SetMapInput{IntegrationID: s.shop, Kind: connect.KindCustomer, Document: mapping.Document{Fields: []mapping.Field{{Source: source, Target: target, Direction: mapping.Out}}}})
		return err
	}
	for _, err := range []error{set("customer.source", "No Name"), set("customer.orders", "orders")} {
		if err == nil || !strings.Contains(err.Error(), "target") {
			t.Errorf("%v", err)
		}
	}
	s.must(set("affiliate.name", "referred_by"))
	s.says("vip")
	s.pushed()
	if got := s.fake.Metafields("1"); got["tributary.referred_by"] != "Ann" || got["tributary.segment"] != "vip" {
		t.Errorf("%v", got)
	}
}
