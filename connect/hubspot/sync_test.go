package hubspot_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/syncitem"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track/order"
)

const patience = 20 * time.Second

// sale is an order of a buyer as it stands in a version.
func (m *market) sale(n, buyer, version int, cents int64) order.Order {
	amount := money.Of(cents, "USD")
	return order.Order{
		Source: "api", ExternalID: fmt.Sprintf("o%d", n), Number: fmt.Sprintf("#%d", n), Kind: order.KindSale, Status: order.StatusPaid, Version: int64(version),
		ProgramID: m.program, OccurredAt: m.clock.Now(), Currency: "USD", Total: amount, Lines: order.Whole(amount),
		Customer: order.Customer{ExternalID: fmt.Sprintf("b%d", buyer), Email: fmt.Sprintf("b%d@example.com", buyer), Name: fmt.Sprintf("Buyer %d", buyer)},
	}
}

func (m *market) sell(o order.Order) {
	m.Helper()
	_, err := m.earn.AcceptOrder(m.ctx, o)
	m.must(err)
}

// runs starts loops until the test ends.
func (m *market) runs(loops ...func(context.Context) error) {
	ctx, quit := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, loop := range append(loops, m.store.Sequence, m.follow) {
		running.Go(func() { _ = loop(ctx) })
	}
	m.Cleanup(func() { quit(); running.Wait() })
}

func (m *market) follow(ctx context.Context) error { return m.store.Follow(ctx, m.connect.Follower()) }

// until waits for what loops do that tell nobody. The clock goes on meanwhile, so that
// pauses end.
func (m *market) until(what string, met func() bool) {
	m.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if met() {
			return
		}
		m.clock.Advance(200 * time.Millisecond)
	}
	m.Fatalf("not within %s: %s", patience, what)
}

// settled reports whether so many records of a kind are written as they stand.
func (m *market) settled(k connect.Kind, n int) func() bool {
	return func() bool {
		q := m.store.Client().SyncItem.Query().Where(syncitem.KindEQ(syncitem.Kind(k)))
		return q.Clone().CountX(m.ctx) == n && q.Where(syncitem.StatusNEQ(syncitem.StatusSENT)).CountX(m.ctx) == 0
	}
}

// equals compares each remote record with how it stands here.
func (m *market) equals() {
	m.Helper()
	deals, people := m.portal.Records("deals", "tributary_conversion_id"), m.portal.Records("contacts", "tributary_customer_id")
	value, refunded := map[string]int64{}, map[string]int64{}
	for _, v := range m.store.Client().Conversion.Query().AllX(m.ctx) {
		if got := deals[v.ID]; got.Properties["amount"] != money.Of(v.BaseMinor-v.RefundedMinor, "USD").Decimal() || got.Properties["tributary_status"] != string(v.Status) || got.Properties["dealname"] != "Order "+v.OrderNumber {
			m.Errorf("deal %s is %v, here it is %d − %d, %s", v.ID, got.Properties, v.BaseMinor, v.RefundedMinor, v.Status)
		}
		if v.Status != "CANCELLED" {
			value[*v.CustomerID] += v.BaseMinor - v.RefundedMinor
			refunded[*v.CustomerID] += v.RefundedMinor
		}
	}
	customers := m.store.Client().Customer.Query().AllX(m.ctx)
	for _, c := range customers {
		if got := people[c.ID].Properties["tributary_lifetime_value"]; got != money.Of(value[c.ID], "USD").Decimal() || people[c.ID].Properties["tributary_refunded"] != money.Of(refunded[c.ID], "USD").Decimal() {
			m.Errorf("customer %s is worth %s there, %d here", c.ID, got, value[c.ID])
		}
	}
	if m.portal.Count("deals") != len(deals) || len(people) != len(customers) {
		m.Errorf("%d deals and %d contacts there", m.portal.Count("deals"), m.portal.Count("contacts"))
	}
}

func TestS15_S23_S39_WhatIsSoldArrivesInTheCRM(t *testing.T) {
	t.Parallel()
	m := found(t)
	m.joined()
	m.runs(m.connect.Sync)
	m.sell(m.sale(1, 1, 1, 12_50))
	m.until("the sale is there", m.settled(connect.KindDeal, 1))
	m.until("the buyer is there", m.settled(connect.KindCustomer, 1))
	m.equals()
	_, err := m.earn.AcceptRefund(m.ctx, order.Refund{
		Source: "api", ProgramID: m.program, OrderExternalID: "o1", ExternalID: "r1", OccurredAt: m.clock.Now(), Currency: "USD",
		Lines: []order.RefundLine{{LineExternalID: order.WholeLine, Quantity: 1, Amount: money.Of(2_50, "USD")}},
	})
	m.must(err)
	m.sell(m.sale(2, 1, 1, 7_00))
	m.until("the refund is there", func() bool {
		return m.settled(connect.KindDeal, 2)() && m.settled(connect.KindCustomer, 1)() && m.store.Client().SyncItem.Query().Where(syncitem.LinkAtNotNil()).CountX(m.ctx) == 0
	})
	m.equals()
	customer := m.store.Client().Customer.Query().OnlyX(m.ctx)
	got := m.portal.Records("contacts", "tributary_customer_id")[customer.ID]
	for name, want := range map[string]string{"tributary_lifetime_value": "17.00", "tributary_refunded": "2.50", "tributary_orders": "2", "email": "b1@example.com", "firstname": "Buyer 1", "tributary_source": "direct"} {
		if got.Properties[name] != want {
			t.Errorf("%s is %q, want %q", name, got.Properties[name], want)
		}
	}
	for _, deal := range m.portal.Records("deals", "tributary_conversion_id") {
		if n := m.portal.Linked("deals", deal.ID, "contacts", got.ID); n != 1 {
			t.Errorf("the deal is linked %d times", n)
		}
	}
}

// S69: the CRM is down while orders come, half of them changing earlier ones, and
// afterwards fails one call in twenty, answers in another order and lets few in.
func TestS68_S69_AfterAnOutageEachRecordIsAsItStands(t *testing.T) {
	t.Parallel()
	m := found(t)
	m.joined()
	m.portal.Do(func() { m.portal.Down = 503 })
	m.runs(m.connect.Sync, m.server().Sync)
	dice, versions := rand.New(rand.NewPCG(3, 3)), map[int]int{}
	for i := range 60 {
		n := i
		if i > 0 && dice.IntN(2) == 0 {
			n = dice.IntN(i)
		}
		versions[n]++
		m.sell(m.sale(n, n%7, versions[n], int64(1_00+dice.IntN(90_00))))
	}
	m.until("the outage is seen", func() bool {
		h, err := m.connect.SyncHealth(m.ctx, m.store.Client().Integration.Query().OnlyIDX(m.ctx))
		return err == nil && h.Breaker == connect.BreakerOpen && h.Failures >= 5 && h.Pending >= len(versions)
	})
	m.portal.Limit(10, 100*time.Millisecond)
	m.portal.Do(func() { m.portal.Down, m.portal.FailIn, m.portal.Reorder = 0, 20, true })
	m.until("all is written", func() bool {
		return m.settled(connect.KindDeal, len(versions))() && m.settled(connect.KindCustomer, min(7, len(versions)))()
	})
	m.equals()
	if m.portal.Together != 0 {
		t.Errorf("%d times a record was written by two at once", m.portal.Together)
	}
	t.Logf("%d records, %d calls, %d throttled", len(versions)+7, m.portal.Calls, m.portal.Throttled)
}

// A storm of 429 holds writing up and nothing else; the pacer then stays under the
// limit that it was told.
func TestS67_AStormOfThrottlingIsSatOut(t *testing.T) {
	t.Parallel()
	m := found(t)
	m.joined()
	for i := range 10 {
		m.sell(m.sale(i, i, 1, 10_00))
	}
	m.portal.Limit(0, time.Second)
	m.portal.Do(func() { m.portal.Down = 429 })
	m.runs(m.connect.Sync)
	m.until("it is throttled", func() bool {
		return m.store.Client().SyncFeed.Query().AllX(m.ctx) != nil && len(m.feeds()) == 1 && m.feeds()[0].PausedUntil != nil
	})
	if f := m.feeds()[0]; f.Failures != 0 || m.store.Client().SyncItem.Query().Where(syncitem.TriesGT(0)).CountX(m.ctx) != 0 {
		t.Errorf("throttling is counted as a failure: %+v", f)
	}
	m.portal.Do(func() { m.portal.Down = 0 })
	m.until("all is written", m.settled(connect.KindDeal, 10))
	m.equals()
}

func (m *market) feeds() []*ent.SyncFeed { return m.store.Client().SyncFeed.Query().AllX(m.ctx) }

// S39: a server is lost between the write there and the note here. Another takes it
// up: no second record, and what the lost one still says is left out.
func TestS39_WhoIsLostAfterTheWriteMakesNoSecondRecord(t *testing.T) {
	t.Parallel()
	m := found(t)
	m.joined()
	m.sell(m.sale(1, 1, 1, 10_00))
	m.caught()
	written, goOn := make(chan struct{}), make(chan struct{})
	var once atomic.Bool
	m.portal.Do(func() {
		m.portal.After = func() {
			if once.CompareAndSwap(false, true) {
				close(written)
				<-goOn
			}
		}
	})
	lost := make(chan error)
	go func() { _, err := m.connect.SyncOff(m.ctx); lost <- err }()
	<-written
	other := m.server()
	if n, err := other.SyncOff(m.ctx); err != nil || n != 0 {
		t.Errorf("two servers write at once: %d turns, %v", n, err)
	}
	m.sell(m.sale(1, 1, 2, 30_00)) // and it changes meanwhile
	m.caught()
	m.clock.Advance(61 * time.Second)
	_, err := other.SyncOff(m.ctx)
	m.must(err)
	close(goOn)
	m.must(<-lost)
	m.equals()
	if n := m.store.Client().SyncTransfer.Query().CountX(m.ctx); n != 3 {
		t.Errorf("%d transfers are noted, want the 3 of the second server", n)
	}
	if !m.settled(connect.KindDeal, 1)() {
		t.Errorf("%v", m.store.Client().SyncItem.Query().AllX(m.ctx))
	}
}

// caught lets the follower catch up.
func (m *market) caught() {
	m.Helper()
	ctx, quit := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = m.store.Sequence(ctx) })
	defer func() { quit(); running.Wait() }()
	events := m.store.Client().Event.Query().CountX(m.ctx)
	m.until("events have their order", func() bool { return m.store.Client().EventOrder.Query().CountX(m.ctx) == events })
	for n := 1; n > 0; {
		var err error
		n, err = m.store.Catch(m.ctx, m.connect.Follower())
		m.must(err)
	}
}

// A thousand edits before it is written are one write.
func TestS69_ManyEditsAreOneWrite(t *testing.T) {
	t.Parallel()
	m := found(t)
	m.joined()
	for v := range 20 {
		m.sell(m.sale(1, 1, v+1, int64(10_00+v)))
	}
	m.caught()
	_, err := m.connect.SyncOff(m.ctx)
	m.must(err)
	m.equals()
	for _, deal := range m.portal.Records("deals", "tributary_conversion_id") {
		if deal.Writes != 1 {
			t.Errorf("written %d times", deal.Writes)
		}
	}
	if !m.settled(connect.KindDeal, 1)() {
		t.Error("it is not noted")
	}
}

// A record that is refused ends as a dead letter and is written when it is asked for;
// the others of its batch are not held up.
func TestS39_ADeadLetterIsSeenAndSentAgain(t *testing.T) {
	t.Parallel()
	m := found(t)
	crm := m.joined()
	m.portal.Put("contacts", map[string]string{"email": "b1@example.com", "tributary_customer_id": "cus_of_another"})
	bad := m.sale(1, 1, 1, 10_00)
	m.sell(bad)
	m.sell(m.sale(2, 2, 1, 10_00))
	m.caught()
	_, err := m.connect.SyncOff(m.ctx)
	m.must(err)
	// The contact is taken over, whoever had it.
	if people := m.portal.Count("contacts"); people != 3 { // with Ann
		t.Errorf("%d contacts", people)
	}
	m.portal.Property("deals", "amount", "datetime") // no amount is one
	m.sell(m.sale(1, 1, 2, 11_00))
	m.caught()
	for range 6 {
		_, err = m.connect.SyncOff(m.ctx)
		m.must(err)
		m.clock.Advance(12 * time.Hour)
	}
	h, err := m.connect.SyncHealth(m.ctx, crm)
	if m.must(err); h.Dead != 1 || h.Pending != 0 {
		t.Fatalf("%+v", h)
	}
	letters, more, err := m.connect.DeadLetters(m.ctx, crm, "", 1)
	if m.must(err); len(letters) != 1 || more || letters[0].Kind != connect.KindDeal || letters[0].Reason == "" || letters[0].Tries != 6 || letters[0].First == nil || letters[0].Last.Sub(*letters[0].First) != 5*12*time.Hour {
		t.Fatalf("%+v", letters)
	}
	named := connect.DeadLetterInput{IntegrationID: crm, Kind: letters[0].Kind, RecordID: letters[0].RecordID, Reason: "we write it ourselves"}
	replays := func(want bool) {
		t.Helper()
		if out, err := m.connect.ReplayDeadLetter(m.ctx, named); err != nil || out.Done != want {
			t.Errorf("replayed: %v, want %v, %v", out.Done, want, err)
		}
	}
	replays(true)
	replays(false)
	for range 6 {
		_, err = m.connect.SyncOff(m.ctx)
		m.must(err)
		m.clock.Advance(12 * time.Hour)
	}
	if letters, _, err = m.connect.DeadLetters(m.ctx, crm, "", 1); err != nil || len(letters) != 1 || letters[0].Tries != 6 {
		t.Errorf("it is refused again: %+v, %v", letters, err)
	}
	m.portal.Property("deals", "amount", "number")
	again, err := m.connect.SyncAgain(m.ctx, connect.SyncAgainInput{IntegrationID: crm})
	if m.must(err); again.Count != 1 {
		t.Errorf("%+v", again)
	}
	_, err = m.connect.SyncOff(m.ctx)
	m.must(err)
	if h, err = m.connect.SyncHealth(m.ctx, crm); err != nil || h.Dead != 0 {
		t.Errorf("%+v, %v", h, err)
	}
	m.equals()
	replays(false)
}

// What is laid aside is listed no more and not replayed with the others; it is written
// again when it changes.
func TestS39_ADismissedLetterStaysAsideUntilItChanges(t *testing.T) {
	t.Parallel()
	m := found(t)
	crm := m.joined()
	m.sell(m.sale(1, 1, 1, 10_00))
	m.caught()
	_, err := m.connect.SyncOff(m.ctx)
	m.must(err)
	m.portal.Property("deals", "amount", "datetime")
	m.sell(m.sale(1, 1, 2, 11_00))
	m.caught()
	for range 6 {
		_, err = m.connect.SyncOff(m.ctx)
		m.must(err)
		m.clock.Advance(12 * time.Hour)
	}
	named := connect.DeadLetterInput{IntegrationID: crm, Kind: connect.KindDeal, RecordID: m.store.Client().Conversion.Query().OnlyIDX(m.ctx), Reason: " known "}
	for _, first := range []bool{true, false} {
		if out, err := m.connect.DismissDeadLetter(m.ctx, named); err != nil || out.Done != first {
			t.Errorf("dismissed: %v, want %v, %v", out.Done, first, err)
		}
	}
	letters, _, err := m.connect.DeadLetters(m.ctx, crm, "", 10)
	m.must(err)
	again, err := m.connect.SyncAgain(m.ctx, connect.SyncAgainInput{IntegrationID: crm})
	if m.must(err); len(letters) != 0 || again.Count != 0 || again.More {
		t.Errorf("%+v, %+v", letters, again)
	}
	m.portal.Property("deals", "amount", "number")
	m.sell(m.sale(1, 1, 3, 12_00))
	m.caught()
	_, err = m.connect.SyncOff(m.ctx)
	m.must(err)
	m.equals()
}

// What was there before the account was connected is written when it is asked for,
// and stands behind what has just changed.
func TestS68_WhatWasThereBeforeComesAfterWhatIsNew(t *testing.T) {
	t.Parallel()
	m := found(t)
	for i := range 150 {
		m.sell(m.sale(i, i%3, 1, 10_00))
	}
	m.clock.Advance(time.Second)
	crm := m.joined()
	m.caught()
	if n, err := m.connect.SyncOff(m.ctx); err != nil || n != 0 {
		t.Errorf("what was there before is written unasked: %d, %v", n, err)
	}
	for after := ""; ; {
		out, err := m.connect.SyncAgain(m.ctx, connect.SyncAgainInput{IntegrationID: crm, All: true, After: after})
		if m.must(err); !out.More {
			break
		}
		after = out.After
	}
	m.sell(m.sale(999, 1, 1, 99_00))
	m.caught()
	fresh := m.store.Client().Conversion.Query().Order(ent.Desc("id")).FirstX(m.ctx).ID
	seen := -1
	m.portal.Do(func() {
		m.portal.After = func() {
			if _, there := m.portal.Records("deals", "tributary_conversion_id")[fresh]; there && seen < 0 {
				seen = m.portal.Count("deals")
			}
		}
	})
	_, err := m.connect.SyncOff(m.ctx)
	m.must(err)
	m.equals()
	if seen < 1 || seen > 100 {
		t.Errorf("the new one was there with %d of 151", seen)
	}
}

// An order that changes while it is written is written again, as it stands then.
func TestS69_WhatChangesWhileItIsWrittenIsWrittenAgain(t *testing.T) {
	t.Parallel()
	m := found(t)
	m.joined()
	m.sell(m.sale(1, 1, 1, 10_00))
	m.caught()
	var changed atomic.Bool
	m.portal.Do(func() {
		m.portal.After = func() {
			if len(m.portal.Records("deals", "tributary_conversion_id")) == 1 && changed.CompareAndSwap(false, true) {
				m.sell(m.sale(1, 1, 2, 45_00))
				m.caught()
			}
		}
	})
	_, err := m.connect.SyncOff(m.ctx)
	m.must(err)
	m.equals()
	if !changed.Load() || !m.settled(connect.KindDeal, 1)() {
		t.Error("it did not change, or is not noted")
	}
}

// One account with much to write leaves the other its turn after each batch.
func TestS68_WhoHasMuchToWriteStandsBehindTheOthers(t *testing.T) {
	t.Parallel()
	m := found(t)
	first := m.joined()
	for i := range 230 {
		m.sell(m.sale(i, i%2, 1, 10_00))
	}
	m.caught()
	m.clock.Advance(time.Second)
	second := m.joined()
	_, err := m.roster.AffiliateCreate(m.ctx, roster.AffiliateCreateInput{Name: "Bob", Email: "bob@aff.example", ProgramIDs: []string{m.program}})
	m.must(err)
	m.caught()
	var order []string
	m.portal.Do(func() {
		m.portal.After = func() {
			for _, f := range m.feeds() {
				if f.LeaseUntil != nil && (len(order) == 0 || order[len(order)-1] != f.IntegrationID) {
					order = append(order, f.IntegrationID)
				}
			}
			m.clock.Advance(time.Millisecond)
		}
	})
	_, err = m.connect.SyncOff(m.ctx)
	m.must(err)
	if len(order) < 3 || order[0] != first || order[1] != second || order[2] != first {
		t.Errorf("turns of %v, want %s, %s, %s", order, first, second, first)
	}
}
