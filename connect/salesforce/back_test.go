package salesforce_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/mapping"
	"github.com/tributary/tributary/connect/salesforce/salesforcetest"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/event"
	"github.com/tributary/tributary/ent/reconciliation"
	"github.com/tributary/tributary/ent/webhookreceipt"
)

// talk is a market whose org has a customer and is asked what people say of it.
type talk struct {
	*market
	crm, customer, contact string
}

func (m *market) talks() *talk {
	m.Helper()
	t := &talk{market: m, crm: m.joined()}
	m.org.Do(func() { m.org.Now = m.clock.Now })
	m.sell(m.sale(1, 1, 1, 10_00))
	m.written()
	t.customer = m.store.Client().Customer.Query().OnlyIDX(m.ctx)
	t.contact = m.people()[t.customer].ID
	return t
}

// asks lets the org be asked for what was said until now, and what it answers be worked
// off.
func (t *talk) asks() {
	t.Helper()
	t.clock.Advance(11 * time.Minute)
	if _, err := t.connect.ReconcileDue(t.ctx); err != nil {
		t.Fatal(err)
	}
	for _, r := range t.store.Client().Reconciliation.Query().AllX(t.ctx) {
		if r.Status != reconciliation.StatusDONE || r.Problem != "" {
			t.Fatalf("%+v", r)
		}
	}
	_, err := t.connect.WorkOff(t.ctx)
	t.must(err)
}

// edit plays a person in the org, a second later.
func (t *talk) edit(name, value string) {
	t.clock.Advance(time.Second)
	t.org.Edit(t.contact, name, value)
}

func (t *talk) set(segment string) {
	t.Helper()
	t.clock.Advance(time.Second)
	_, err := t.connect.SetCustomer(t.ctx, connect.SetCustomerInput{CustomerID: t.customer, Segment: &segment})
	t.must(err)
}

func (t *talk) is(segment, stage string) {
	t.Helper()
	c := t.store.Client().Customer.GetX(t.ctx, t.customer)
	text := func(v *string) string {
		if v == nil {
			return ""
		}
		return *v
	}
	if text(c.Segment) != segment || text(c.LifecycleStage) != stage {
		t.Errorf("segment %q and stage %q, want %q and %q", text(c.Segment), text(c.LifecycleStage), segment, stage)
	}
}

func (t *talk) there() string { return t.people()[t.customer].Fields["Tributary_Segment__c"] }

func (t *talk) receipts(status webhookreceipt.Status) []*ent.WebhookReceipt {
	return t.store.Client().WebhookReceipt.Query().Where(webhookreceipt.StatusEQ(status)).Order(ent.Asc(webhookreceipt.FieldID)).AllX(t.ctx)
}

func (t *talk) changes() int {
	return t.store.Client().Event.Query().Where(event.Type("customer.changed")).CountX(t.ctx)
}

func TestS25_WhatPeopleSayInSalesforceArrivesHere(t *testing.T) {
	t.Parallel()
	m := found(t).talks()
	m.edit("Tributary_Segment__c", "vip")
	at := m.clock.Now().Truncate(time.Millisecond)
	m.edit("Tributary_Lifecycle_Stage__c", "evangelist")
	m.edit("Tributary_Source__c", "word of mouth") // which does not come in
	m.asks()
	m.is("vip", "evangelist")
	if c := m.store.Client().Customer.GetX(m.ctx, m.customer); *c.SegmentBy != m.crm || !c.SegmentAt.Equal(at) {
		t.Errorf("it was changed at %s by %s", c.SegmentAt, *c.SegmentBy)
	}
	for range 3 { // what was heard is not heard again
		m.asks()
	}
	if applied := m.receipts(webhookreceipt.StatusAPPLIED); len(applied) != 2 || m.changes() != 2 || m.store.Client().WebhookReceipt.Query().CountX(m.ctx) != 2 || applied[0].Topic != "contact.changed" {
		t.Errorf("%d events, %v", m.changes(), applied)
	}
	m.edit("Tributary_Segment__c", "")
	m.asks()
	m.is("", "evangelist")
}

// What is written from here is in the history as well, and is nobody's word.
func TestS25_WhatWasWrittenFromHereIsNotAskedFor(t *testing.T) {
	t.Parallel()
	m := found(t).talks()
	m.set("vip")
	m.written()
	m.set("gold") // not written yet: the org still says vip
	m.sell(m.sale(2, 1, 1, 10_00))
	m.asks()
	m.is("gold", "")
	m.written()
	m.asks()
	if m.is("gold", ""); m.there() != "gold" || m.store.Client().WebhookReceipt.Query().CountX(m.ctx) != 0 {
		t.Errorf("%q there, %v", m.there(), m.receipts(webhookreceipt.StatusIGNORED))
	}
}

// The record changes for our orders all the time: an old value in it is no new word.
func TestS26_AnOldValueInAContactThatChangedIsNoWord(t *testing.T) {
	t.Parallel()
	m := found(t).talks()
	m.edit("Tributary_Segment__c", "vip")
	m.asks()
	m.set("gold")
	m.edit("Tributary_Source__c", "another field")
	m.asks()
	m.is("gold", "")
}

func TestS28_WhereBothSidesHaveSpokenThePolicySaysWhoseStands(t *testing.T) {
	t.Parallel()
	for policy, want := range map[mapping.Policy]string{mapping.Platform: "ours", mapping.Remote: "theirs", mapping.Latest: "ours"} {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			m := found(t).talks()
			_, err := m.connect.SetMap(m.ctx, connect.SetMapInput{IntegrationID: m.crm, Kind: connect.KindCustomer, Document: mapping.Document{Fields: []mapping.Field{
				{Source: "customer.segment", Target: "Tributary_Segment__c", Direction: mapping.Both, Policy: policy},
			}}})
			m.must(err)
			m.edit("Tributary_Segment__c", "theirs")
			m.set("ours")
			m.asks()
			m.is(want, "")
			m.written()
			m.asks()
			if m.is(want, ""); m.there() != want {
				t.Errorf("there it is %q", m.there())
			}
		})
	}
}

// A field of the merchant's own comes in when the map says so, and then only.
func TestS25_TheMapSaysWhichFieldComesIn(t *testing.T) {
	t.Parallel()
	m := found(t).talks()
	m.org.Field("Contact", "Their_Stage__c", salesforcetest.Field{Type: "picklist", Length: 255})
	m.edit("Their_Stage__c", "before")
	m.asks()
	m.is("", "")
	_, err := m.connect.SetMap(m.ctx, connect.SetMapInput{IntegrationID: m.crm, Kind: connect.KindCustomer, Document: mapping.Document{Fields: []mapping.Field{
		{Source: "customer.lifecycle_stage", Target: "Their_Stage__c", Direction: mapping.In}, {Target: "Tributary_Lifecycle_Stage__c", Off: true},
	}}})
	m.must(err)
	m.clock.Advance(time.Hour)
	m.edit("Their_Stage__c", "churned")
	m.edit("Tributary_Lifecycle_Stage__c", "other")
	m.asks()
	m.is("", "churned")
}

// A value that the map refuses is refused once, however often it is seen again.
func TestS25_ARefusedValueIsRefusedOnce(t *testing.T) {
	t.Parallel()
	m := found(t).talks()
	m.org.Field("Contact", "Tributary_Segment__c", salesforcetest.Field{Type: "string", Length: 255})
	m.clock.Advance(time.Hour)
	m.edit("Tributary_Segment__c", strings.Repeat("x", 201))
	for range 3 {
		_, err := m.connect.Reconcile(m.ctx, connect.ReconcileInput{ID: m.crm, From: m.clock.Now().Add(-24 * time.Hour), To: m.clock.Now().Add(time.Minute)})
		m.must(err)
		m.asks()
	}
	report, err := m.connect.ReconciliationReport(m.ctx, connect.ReconcileInput{ID: m.crm, From: m.clock.Now().Add(-48 * time.Hour), To: m.clock.Now()})
	m.must(err)
	if refused := m.receipts(webhookreceipt.StatusREFUSED); len(refused) != 1 || report.Differing != 1 || report.Seen != 4 {
		t.Errorf("%d receipts, %+v", len(refused), report)
	}
	m.is("", "")
}

// More than a page holds, some in one second, arrive in their order.
func TestS26_ManyChangesAreReadPageByPage(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	at := time.Date(2026, 3, 1, 14, 0, 0, 0, time.UTC)
	d.org.Do(func() { d.org.Now, d.org.Page = func() time.Time { return at }, 700 })
	contact := d.org.Put("Contact", map[string]string{"LastName": "Kim"})
	for i := range 4500 {
		if i%3 == 0 {
			at = at.Add(time.Second)
		}
		d.org.Edit(contact, "Tributary_Segment__c", fmt.Sprint(i))
	}
	ask := connect.PullAsk{Since: at.Add(-time.Hour), Until: at.Add(time.Second), Fields: []string{"Tributary_Segment__c", "bad' name"}}
	var values []string
	seen := map[string]bool{}
	pages := 0
	for {
		got, err := d.Pull(t.Context(), d.call, salesforcetest.Account, d.c, ask)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range got.Orders {
			msg, err := d.Message(one.Topic, one.Raw)
			if err != nil {
				t.Fatal(err)
			}
			if !seen[msg.Key] {
				values = append(values, msg.Told.Value)
			}
			seen[msg.Key] = true
		}
		pages++
		if ask.Cursor = got.Cursor; ask.Cursor == "" {
			break
		}
	}
	for i, v := range values {
		if v != fmt.Sprint(i) {
			t.Fatalf("%d is %s", i, v)
		}
	}
	if len(values) != 4500 || pages != 3 {
		t.Errorf("%d changes in %d pages", len(values), pages)
	}
	for range 2000 { // in one second: no cursor leads on
		d.org.Edit(contact, "Tributary_Segment__c", "a")
		d.org.Edit(contact, "Tributary_Segment__c", "b")
	}
	ask.Since = at
	if _, err := d.Pull(t.Context(), d.call, salesforcetest.Account, d.c, ask); err == nil {
		t.Error("a second with more than a page is read for ever")
	}
	d.org.Do(func() { d.org.Spent = true })
	if got, err := d.Pull(t.Context(), d.call, salesforcetest.Account, d.c, ask); err != nil || !got.Again || got.Wait != time.Minute {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := d.Pull(t.Context(), d.call, salesforcetest.Account, d.c, connect.PullAsk{Since: at, Until: at}); err != nil || len(got.Orders) != 0 || got.Again {
		t.Errorf("nothing is asked for, and the answer is %+v, %v", got, err)
	}
}

// Edits of both sides end as one state on both, whatever is heard when.
func TestS26_EditsOfBothSidesEndAsOneInSalesforce(t *testing.T) {
	t.Parallel()
	for _, policy := range []mapping.Policy{mapping.Platform, mapping.Remote, mapping.Latest} {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			m := found(t).talks()
			_, err := m.connect.SetMap(m.ctx, connect.SetMapInput{IntegrationID: m.crm, Kind: connect.KindCustomer, Document: mapping.Document{Fields: []mapping.Field{
				{Source: "customer.segment", Target: "Tributary_Segment__c", Direction: mapping.Both, Policy: policy},
			}}})
			m.must(err)
			dice := rand.New(rand.NewPCG(5, 5))
			for i := range 120 {
				if value := fmt.Sprintf("v%d", i%20); dice.IntN(2) == 0 {
					m.set(value)
				} else {
					m.edit("Tributary_Segment__c", value)
				}
				switch dice.IntN(15) {
				case 0:
					m.written()
				case 1:
					m.asks()
				}
			}
			for range 3 {
				m.asks()
				m.written()
			}
			c := m.store.Client().Customer.GetX(m.ctx, m.customer)
			if c.Segment == nil || m.there() != *c.Segment {
				t.Errorf("there it is %q, here %v", m.there(), c.Segment)
			}
		})
	}
}

// Nothing that is posted is proven, and a change that cannot be read is refused.
func TestS25_NothingThatIsPostedIsTaken(t *testing.T) {
	t.Parallel()
	d := bare(t)
	if err := d.Verify(nil, []byte(`{}`), [][]byte{[]byte("secret")}, time.Now()); err == nil {
		t.Error("a body is proven")
	}
	if msg, err := d.Message("anything", []byte(`{`)); err != nil || !strings.HasPrefix(msg.Ignored, "TOPIC") {
		t.Errorf("%+v, %v", msg, err)
	}
	for _, body := range []string{`{`, `{"id":"1","at":"yesterday"}`, `{"id":"1","at":"2026-03-01T00:00:00Z","contact":"../x"}`} {
		if _, err := d.Message("contact.changed", []byte(body)); err == nil || body == "{" && !errors.Is(err, connect.ErrMalformed) {
			t.Errorf("%s: %v", body, err)
		}
	}
}
