package salesforce_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/salesforce/salesforcetest"
	"github.com/tributary/tributary/ent/syncitem"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/track/order"
)

const patience = 60 * time.Second

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

// written lets what has changed be written there.
func (m *market) written() {
	m.Helper()
	m.caught()
	_, err := m.connect.SyncOff(m.ctx)
	m.must(err)
}

// settled reports whether so many records of a kind are written as they stand.
func (m *market) settled(k connect.Kind, n int) func() bool {
	return func() bool {
		q := m.store.Client().SyncItem.Query().Where(syncitem.KindEQ(syncitem.Kind(k)))
		return q.Clone().CountX(m.ctx) == n && q.Where(syncitem.StatusNEQ(syncitem.StatusSENT)).CountX(m.ctx) == 0
	}
}

func (m *market) deals() map[string]salesforcetest.Object {
	return m.org.Records("Opportunity", "Tributary_Conversion_Id__c")
}

func (m *market) people() map[string]salesforcetest.Object {
	return m.org.Records("Contact", "Tributary_Customer_Id__c")
}

// equals compares each remote record with how it stands here.
func (m *market) equals() {
	m.Helper()
	deals, people := m.deals(), m.people()
	value, refunded := map[string]int64{}, map[string]int64{}
	for _, v := range m.store.Client().Conversion.Query().AllX(m.ctx) {
		got := deals[v.ID].Fields
		if got["Amount"] != money.Of(v.BaseMinor-v.RefundedMinor, "USD").Decimal() || got["Tributary_Status__c"] != string(v.Status) || got["Name"] != "Order "+v.OrderNumber || got["CloseDate"] != v.OccurredAt.UTC().Format(time.DateOnly) {
			m.Errorf("opportunity %s is %v, here it is %d − %d, %s", v.ID, got, v.BaseMinor, v.RefundedMinor, v.Status)
		}
		if v.Status != "CANCELLED" {
			value[*v.CustomerID] += v.BaseMinor - v.RefundedMinor
			refunded[*v.CustomerID] += v.RefundedMinor
		}
	}
	customers := m.store.Client().Customer.Query().AllX(m.ctx)
	for _, c := range customers {
		got := people[c.ID].Fields
		if got["Tributary_Lifetime_Value__c"] != money.Of(value[c.ID], "USD").Decimal() || got["Tributary_Refunded__c"] != money.Of(refunded[c.ID], "USD").Decimal() {
			m.Errorf("customer %s is worth %s there, %d here", c.ID, got["Tributary_Lifetime_Value__c"], value[c.ID])
		}
	}
	if m.org.Count("Opportunity") != len(deals) || len(people) != len(customers) {
		m.Errorf("%d opportunities and %d contacts there", m.org.Count("Opportunity"), m.org.Count("Contact"))
	}
}

func TestS15_S23_S39_WhatIsSoldArrivesInSalesforce(t *testing.T) {
	t.Parallel()
	m := found(t)
	m.joined()
	m.runs(m.connect.Sync)
	first := m.sale(1, 1, 1, 12_50)
	first.CouponCodes = []string{"ANN"}
	m.sell(first)
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
	got := m.people()[customer.ID]
	for name, want := range map[string]string{
		"Tributary_Lifetime_Value__c": "17.00", "Tributary_Refunded__c": "2.50", "Tributary_Orders__c": "2", "Tributary_Currency__c": "USD",
		"Email": "b1@example.com", "LastName": "Buyer 1", "Tributary_Source__c": "direct",
	} {
		if got.Fields[name] != want {
			t.Errorf("%s is %q, want %q", name, got.Fields[name], want)
		}
	}
	for _, deal := range m.deals() {
		if deal.Fields["Tributary_Customer__c"] != got.ID || deal.Fields["StageName"] != "Closed Won" {
			t.Errorf("%+v", deal)
		}
	}
	if ann := m.org.Records("Contact", "Tributary_Affiliate_Id__c")[m.affiliate]; ann.Fields["LastName"] != "Ann" || ann.Fields["Email"] != "ann@aff.example" || ann.Fields["Tributary_Affiliate_Status__c"] == "" {
		t.Errorf("the affiliate is %+v", ann)
	}
}

// S69: Salesforce is down while orders come, half of them changing earlier ones; then it
// fails one call in twenty, ends sessions and holds records for a moment.
func TestS68_S69_AfterAnOutageOfSalesforceEachRecordIsAsItStands(t *testing.T) {
	t.Parallel()
	m := found(t)
	m.joined()
	m.org.Do(func() { m.org.Down = 503 })
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
	m.org.Expire()
	m.org.Do(func() {
		m.org.Down, m.org.FailIn = 0, 20
		for _, v := range m.store.Client().Conversion.Query().Limit(5).AllX(m.ctx) {
			m.org.Locks[v.ID] = 4
		}
	})
	m.until("all is written", func() bool {
		return m.settled(connect.KindDeal, len(versions))() && m.settled(connect.KindCustomer, min(7, len(versions)))()
	})
	m.equals()
	if m.org.Together != 0 {
		t.Errorf("%d times a record was written by two at once", m.org.Together)
	}
}

// The calls of the day are used up: nothing is a failure, nothing is lost, nobody calls
// before the pause is over, and each pause is longer than the one before.
func TestS67_AnOrgWithoutCallsLeftIsLeftAlone(t *testing.T) {
	t.Parallel()
	m := found(t)
	m.joined()
	for i := range 10 {
		m.sell(m.sale(i, i, 1, 10_00))
	}
	m.caught()
	m.org.Do(func() { m.org.Spent = true })
	for i, pause := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute} {
		_, err := m.connect.SyncOff(m.ctx)
		m.must(err)
		if m.org.Throttled != i+1 {
			t.Fatalf("%d calls were refused, want %d", m.org.Throttled, i+1)
		}
		m.clock.Advance(pause - time.Second)
		if n, err := m.connect.SyncOff(m.ctx); err != nil || n != 0 {
			t.Errorf("it is called before the pause of %s is over: %d turns, %v", pause, n, err)
		}
		m.clock.Advance(pause/5 + time.Second)
	}
	f := m.store.Client().SyncFeed.Query().OnlyX(m.ctx)
	if f.Failures != 0 || m.store.Client().SyncItem.Query().Where(syncitem.TriesGT(0)).CountX(m.ctx) != 0 {
		t.Errorf("a limit is counted as a failure: %+v", f)
	}
	m.org.Do(func() { m.org.Spent = false })
	m.clock.Advance(time.Hour)
	_, err := m.connect.SyncOff(m.ctx)
	m.must(err)
	m.equals()
}

// Before the calls of the day are used up the last of them are left to the org's people.
func TestS67_TheLastCallsOfTheDayAreLeftToOthers(t *testing.T) {
	t.Parallel()
	m := found(t)
	m.joined()
	for i := range 25 {
		m.sell(m.sale(i, i, 1, 10_00))
	}
	m.written()
	calls := m.org.Calls
	m.org.Allow(20)
	m.clock.Advance(time.Minute)
	_, err := m.connect.SyncOff(m.ctx) // each link takes one
	m.must(err)
	if m.org.Throttled != 0 || m.org.Calls-calls != 19 {
		t.Errorf("%d calls, %d refused", m.org.Calls-calls, m.org.Throttled)
	}
	m.org.Allow(0)
	for range 2 {
		m.clock.Advance(time.Hour)
		_, err = m.connect.SyncOff(m.ctx)
		m.must(err)
	}
	for _, deal := range m.deals() {
		if deal.Fields["Tributary_Customer__c"] == "" {
			t.Errorf("%+v", deal)
		}
	}
	m.equals()
}

// S39: a server is lost between the write there and the note here. Another takes it up:
// no second record.
func TestS39_WhoIsLostAfterTheWriteMakesNoSecondOpportunity(t *testing.T) {
	t.Parallel()
	m := found(t)
	m.joined()
	m.sell(m.sale(1, 1, 1, 10_00))
	m.caught()
	written, goOn := make(chan struct{}), make(chan struct{})
	var once atomic.Bool
	m.org.Do(func() {
		m.org.After = func() {
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
	if !m.settled(connect.KindDeal, 1)() {
		t.Errorf("%v", m.store.Client().SyncItem.Query().AllX(m.ctx))
	}
}

// A record that is refused ends as a dead letter and is written when it is asked for; the
// others of its collection are not held up.
func TestS39_ADeadLetterOfSalesforceIsSeenAndSentAgain(t *testing.T) {
	t.Parallel()
	m := found(t)
	crm := m.joined()
	m.org.Field("Opportunity", "StageName", salesforcetest.Field{Type: "picklist", Required: true, Picks: []string{"Closed Won"}})
	bad := m.sale(1, 1, 1, 10_00)
	bad.Status = order.StatusPending
	m.sell(bad)
	m.sell(m.sale(2, 2, 1, 10_00))
	m.caught()
	for range 6 {
		_, err := m.connect.SyncOff(m.ctx)
		m.must(err)
		m.clock.Advance(12 * time.Hour)
	}
	letters, _, err := m.connect.DeadLetters(m.ctx, crm, "", 10)
	if m.must(err); len(letters) != 1 || letters[0].Reason != "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST StageName" || letters[0].Tries != 6 || len(m.deals()) != 1 {
		t.Fatalf("%+v, %d opportunities", letters, len(m.deals()))
	}
	m.org.Field("Opportunity", "StageName", salesforcetest.Field{Type: "picklist", Required: true})
	out, err := m.connect.ReplayDeadLetter(m.ctx, connect.DeadLetterInput{IntegrationID: crm, Kind: connect.KindDeal, RecordID: letters[0].RecordID})
	if m.must(err); !out.Done {
		t.Error("it is not replayed")
	}
	_, err = m.connect.SyncOff(m.ctx)
	m.must(err)
	if got := m.deals()[letters[0].RecordID]; got.Fields["StageName"] != "Negotiation/Review" {
		t.Errorf("%+v", got)
	}
}

// What people have to do in the org before it can be written to is told to them, and
// done it goes on by itself.
func TestS15_WhatPeopleHaveToDoIsTold(t *testing.T) {
	t.Parallel()
	m := found(t)
	crm := m.joined()
	m.org.Drop("Contact", "Tributary_Segment__c")
	m.sell(m.sale(1, 1, 1, 10_00))
	m.written()
	const words = "deploy the package: 1 fields are missing or locked, first Contact.Tributary_Segment__c"
	if h, err := m.connect.SyncHealth(m.ctx, crm); err != nil || h.Problem != words || h.Failures != 1 || h.Dead != 0 {
		t.Errorf("%+v, %v", h, err)
	}
	if out, err := m.connect.Probe(m.ctx, crm); err != nil || out.Problem != words || out.Label != "Salesforce acme.my.salesforce.com" {
		t.Errorf("%+v, %v", out, err)
	}
	m.org.Field("Contact", "Tributary_Segment__c", salesforcetest.Field{Type: "string", Length: 200})
	m.clock.Advance(time.Minute)
	m.written()
	m.equals()
	if out, err := m.connect.Probe(m.ctx, crm); err != nil || out.Problem != "" {
		t.Errorf("%+v, %v", out, err)
	}
}
