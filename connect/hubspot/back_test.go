package hubspot_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/hubspot"
	"github.com/tributary/tributary/connect/hubspot/hubspottest"
	"github.com/tributary/tributary/connect/mapping"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/event"
	"github.com/tributary/tributary/ent/webhookreceipt"
	"github.com/tributary/tributary/internal/problem"
)

// talk is a market whose CRM has written a customer and speaks of it.
type talk struct {
	*market
	crm, address      string
	customer, contact string
}

func (m *market) talks() *talk {
	m.Helper()
	t := &talk{market: m, crm: m.joined()}
	_, err := m.connect.RotateSecret(m.ctx, connect.RotateInput{ID: t.crm, Secret: hubspottest.Secret})
	m.must(err)
	server := httptest.NewServer(m.connect.Hooks())
	m.Cleanup(server.Close)
	t.address = server.URL + connect.HookPath(t.crm)
	m.portal.Do(func() {
		m.portal.Listens, m.portal.Now = []string{"lifecyclestage", "tributary_segment"}, m.clock.Now
	})
	m.sell(m.sale(1, 1, 1, 10_00))
	t.written()
	t.customer = m.store.Client().Customer.Query().OnlyIDX(m.ctx)
	t.contact = m.portal.Records("contacts", "tributary_customer_id")[t.customer].ID
	return t
}

// written lets what has changed be written there.
func (t *talk) written() {
	t.Helper()
	t.caught()
	_, err := t.connect.SyncOff(t.ctx)
	t.must(err)
}

// told sends events and works them off.
func (t *talk) told(events ...hubspottest.Event) {
	t.Helper()
	if got := t.portal.Send(t.ctx, t.address, events); got != http.StatusOK {
		t.Fatalf("answered %d", got)
	}
	_, err := t.connect.WorkOff(t.ctx)
	t.must(err)
}

// edit plays a person in the CRM, a second later.
func (t *talk) edit(name, value string) hubspottest.Event {
	t.clock.Advance(time.Second)
	return t.portal.Edit(t.contact, name, value)
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

func (t *talk) receipts(status webhookreceipt.Status) []*ent.WebhookReceipt {
	return t.store.Client().WebhookReceipt.Query().Where(webhookreceipt.StatusEQ(status)).Order(ent.Asc(webhookreceipt.FieldID)).AllX(t.ctx)
}

func (t *talk) changes() int {
	return t.store.Client().Event.Query().Where(event.Type("customer.changed")).CountX(t.ctx)
}

func TestS25_WhatTheCRMSaysOfACustomerArrivesHere(t *testing.T) {
	t.Parallel()
	m := found(t).talks()
	m.told(m.edit("lifecyclestage", "salesqualifiedlead"), m.edit("tributary_segment", "vip"))
	m.is("vip", "salesqualifiedlead")
	c := m.store.Client().Customer.GetX(m.ctx, m.customer)
	if *c.SegmentBy != m.crm || !c.SegmentAt.Equal(m.clock.Now().Truncate(time.Millisecond)) {
		t.Errorf("it was changed at %s by %s", c.SegmentAt, *c.SegmentBy)
	}
	if n := m.changes(); n != 2 {
		t.Errorf("%d events tell of it", n)
	}
	for _, r := range m.receipts(webhookreceipt.StatusAPPLIED) {
		if r.Topic != "contact.propertyChange" || r.EventID == "" || strings.Contains(string(r.BodySealed), "vip") {
			t.Errorf("%+v", r)
		}
	}
	m.told(m.edit("tributary_segment", ""))
	m.is("", "salesqualifiedlead")
	m.written()
	if got := m.portal.Happened(); len(got) != 3 { // the three edits: nothing was written back as another value
		t.Errorf("%+v", got)
	}
}

// A body is taken in with the signature of HubSpot over this address, this body and
// these five minutes, and else not.
func TestS25_OnlyWhatHubSpotSignedIsTakenIn(t *testing.T) {
	t.Parallel()
	m := found(t).talks()
	body, err := json.Marshal([]hubspottest.Event{m.edit("tributary_segment", "vip")})
	m.must(err)
	now := m.clock.Now()
	post := func(secret, address string, body []byte, signed, sent time.Time) int {
		ms := func(at time.Time) string { return fmt.Sprint(at.UnixMilli()) }
		r, err := http.NewRequestWithContext(m.ctx, http.MethodPost, m.address, strings.NewReader(string(body)))
		m.must(err)
		r.Header.Set("X-HubSpot-Request-Timestamp", ms(sent))
		signature := hubspot.Sign([]byte(secret), address, []byte(strings.ReplaceAll(string(body), "gold", "vip")), ms(signed))
		r.Header.Set("X-HubSpot-Signature-v3", base64.StdEncoding.EncodeToString(signature))
		answer, err := http.DefaultClient.Do(r)
		m.must(err)
		defer answer.Body.Close()
		return answer.StatusCode
	}
	changed := []byte(strings.ReplaceAll(string(body), "vip", "gold"))
	for what, got := range map[string]int{
		"another secret":      post("other", m.address, body, now, now),
		"another address":     post(hubspottest.Secret, m.address+"x", body, now, now),
		"another body":        post(hubspottest.Secret, m.address, changed, now, now),
		"another time":        post(hubspottest.Secret, m.address, body, now, now.Add(time.Second)),
		"over 5 minutes old":  post(hubspottest.Secret, m.address, body, now.Add(-5*time.Minute-time.Millisecond), now.Add(-5*time.Minute-time.Millisecond)),
		"over 5 minutes soon": post(hubspottest.Secret, m.address, body, now.Add(5*time.Minute+time.Millisecond), now.Add(5*time.Minute+time.Millisecond)),
		"no time":             post(hubspottest.Secret, m.address, body, now, time.Time{}),
	} {
		if got != http.StatusUnauthorized {
			t.Errorf("%s is answered with %d", what, got)
		}
	}
	if n := len(m.receipts(webhookreceipt.StatusRECEIVED)); n != 0 || m.connect.Refused(m.crm) != 7 {
		t.Errorf("%d are stored, %d counted as refused", n, m.connect.Refused(m.crm))
	}
	if got := post(hubspottest.Secret, m.address, body, now.Add(-5*time.Minute), now.Add(-5*time.Minute)); got != http.StatusOK {
		t.Errorf("what is signed right is answered with %d", got)
	}
	if got := post(hubspottest.Secret, m.address, []byte(`{"no":"list"}`), now, now); got != http.StatusBadRequest {
		t.Errorf("what is no list of events is answered with %d", got)
	}
}

// An event has one effect however often it is sent, and in whatever company.
func TestS25_AnEventIsKnownByItsNumber(t *testing.T) {
	t.Parallel()
	m := found(t).talks()
	a, b := m.edit("tributary_segment", "vip"), m.edit("lifecyclestage", "lead")
	m.told(a, a, b)
	m.told(b)
	m.told(b, a)
	m.is("vip", "lead")
	if applied, twice := len(m.receipts(webhookreceipt.StatusAPPLIED)), len(m.receipts(webhookreceipt.StatusDUPLICATE)); applied != 2 || twice != 4 {
		t.Errorf("%d applied, %d known", applied, twice)
	}
	if n := m.changes(); n != 2 {
		t.Errorf("%d events", n)
	}
}

// What is written from here and comes back as an event changes nothing, and nothing is
// written because of it.
func TestS25_AnEchoIsSuppressed(t *testing.T) {
	t.Parallel()
	m := found(t).talks()
	vip, gold := "vip", "gold"
	_, err := m.connect.SetCustomer(m.ctx, connect.SetCustomerInput{CustomerID: m.customer, Segment: &vip})
	m.must(err)
	m.written()
	echo := m.portal.Happened()
	if len(echo) != 1 || echo[0].PropertyValue != "vip" || echo[0].ChangeSource != "INTEGRATION" {
		t.Fatalf("%+v", echo)
	}
	_, err = m.connect.SetMap(m.ctx, connect.SetMapInput{IntegrationID: m.crm, Kind: connect.KindCustomer, Document: mapping.Document{Fields: []mapping.Field{
		{Source: "customer.segment", Target: "tributary_segment", Direction: mapping.Both, Policy: mapping.Remote},
	}}})
	m.must(err)
	m.clock.Advance(time.Second)
	_, err = m.connect.SetCustomer(m.ctx, connect.SetCustomerInput{CustomerID: m.customer, Segment: &gold})
	m.must(err)
	m.told(echo...) // late: even where theirs stands it is no word of theirs
	m.is("gold", "")
	if got := m.receipts(webhookreceipt.StatusIGNORED); len(got) != 1 || !strings.HasPrefix(got[0].Reason, "ECHO") {
		t.Errorf("%v", got)
	}
	m.written()
	writes := m.portal.Records("contacts", "tributary_customer_id")[m.customer].Writes
	m.told(m.portal.Happened()...)
	m.written()
	if got := m.portal.Records("contacts", "tributary_customer_id")[m.customer]; got.Writes != writes || got.Properties["tributary_segment"] != "gold" {
		t.Errorf("%+v, written %d times before", got, writes)
	}
	if n := m.changes(); n != 2 {
		t.Errorf("%d events", n)
	}
}

// Both sides say another value while neither has heard of the other's: the policy
// says whose stands, and it stands on both sides.
func TestS28_WhereBothSidesHaveChangedAValueThePolicySaysWhoseStands(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		policy    mapping.Policy
		hereFirst bool
		want      string
	}{
		"platform, ours first":   {mapping.Platform, true, "ours"},
		"platform, theirs first": {mapping.Platform, false, "ours"},
		"remote, ours first":     {mapping.Remote, true, "theirs"},
		"remote, theirs first":   {mapping.Remote, false, "theirs"},
		"latest, ours first":     {mapping.Latest, true, "theirs"},
		"latest, theirs first":   {mapping.Latest, false, "ours"},
		"unsaid, ours first":     {"", true, "theirs"},
		"unsaid, theirs first":   {"", false, "ours"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := found(t).talks()
			m.goesBy(c.policy)
			here := func() {
				m.clock.Advance(time.Second)
				ours := "ours"
				_, err := m.connect.SetCustomer(m.ctx, connect.SetCustomerInput{CustomerID: m.customer, Segment: &ours})
				m.must(err)
			}
			var said hubspottest.Event
			if c.hereFirst {
				here()
			}
			said = m.edit("tributary_segment", "theirs")
			if !c.hereFirst {
				here()
			}
			m.told(said)
			m.is(c.want, "")
			m.settles()
			if got := m.portal.Records("contacts", "tributary_customer_id")[m.customer].Properties["tributary_segment"]; got != c.want {
				t.Errorf("there it is %q", got)
			}
			m.is(c.want, "")
		})
	}
}

func (t *talk) goesBy(p mapping.Policy) {
	t.Helper()
	_, err := t.connect.SetMap(t.ctx, connect.SetMapInput{IntegrationID: t.crm, Kind: connect.KindCustomer, Document: mapping.Document{Fields: []mapping.Field{
		{Source: "customer.segment", Target: "tributary_segment", Direction: mapping.Both, Policy: p},
	}}})
	t.must(err)
	t.written()
	t.portal.Happened()
}

// settles lets both sides hear of each other until nothing is left to say.
func (t *talk) settles() {
	t.Helper()
	for range 10 {
		t.written()
		all := t.portal.Happened()
		if len(all) == 0 {
			return
		}
		t.told(all...)
	}
	t.Error("it goes round and round")
}

// Ours is there already and somebody changes it there: it is written again.
func TestS28_WhereOursStandsItIsWrittenAgain(t *testing.T) {
	t.Parallel()
	m := found(t).talks()
	m.goesBy(mapping.Platform)
	ours := "ours"
	_, err := m.connect.SetCustomer(m.ctx, connect.SetCustomerInput{CustomerID: m.customer, Segment: &ours})
	m.must(err)
	m.settles()
	m.told(m.edit("tributary_segment", "theirs"))
	m.settles()
	m.is("ours", "")
	if got := m.portal.Records("contacts", "tributary_customer_id")[m.customer].Properties["tributary_segment"]; got != "ours" {
		t.Errorf("there it is %q", got)
	}
}

// What is told late changes nothing that a newer word has said.
func TestS26_WhatIsToldLateChangesNothing(t *testing.T) {
	t.Parallel()
	for _, policy := range []mapping.Policy{mapping.Platform, mapping.Remote, mapping.Latest} {
		m := found(t).talks()
		m.goesBy(policy)
		first, second, third := m.edit("tributary_segment", "first"), m.edit("tributary_segment", "second"), m.edit("tributary_segment", "third")
		m.told(second)
		m.told(first)
		m.is("second", "")
		m.told(third)
		m.is("third", "")
	}
}

// A person cannot be asked: the map is refused where it says so.
func TestS28_AMapThatLeavesItToAPersonIsRefusedAtItsPath(t *testing.T) {
	t.Parallel()
	m := found(t)
	crm := m.joined()
	for path, f := range map[string]mapping.Field{
		"fields.0.policy": {Source: "customer.segment", Target: "tributary_segment", Direction: mapping.Both, Policy: mapping.Manual},
		"fields.0.source": {Source: "customer.orders", Target: "tributary_orders", Direction: mapping.In},
	} {
		_, err := m.connect.SetMap(m.ctx, connect.SetMapInput{IntegrationID: crm, Kind: connect.KindCustomer, Document: mapping.Document{Fields: []mapping.Field{f}}})
		p, is := problem.As(err)
		if !is {
			t.Fatalf("%s: %v", path, err)
		}
		m.pathIs(p, path)
	}
}

// S26: a thousand edits on both sides, told late, twice and in any order, end as one
// state on both.
func TestS26_EditsOfBothSidesEndAsOne(t *testing.T) {
	t.Parallel()
	for _, policy := range []mapping.Policy{mapping.Platform, mapping.Remote, mapping.Latest} {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			m := found(t).talks()
			m.goesBy(policy)
			dice := rand.New(rand.NewPCG(5, 5))
			var late []hubspottest.Event
			for i := range 1000 / 3 {
				value := fmt.Sprintf("v%d", i%50)
				if m.clock.Advance(time.Millisecond); dice.IntN(2) == 0 {
					_, err := m.connect.SetCustomer(m.ctx, connect.SetCustomerInput{CustomerID: m.customer, Segment: &value})
					m.must(err)
				} else {
					m.portal.Edit(m.contact, "tributary_segment", value)
				}
				late = append(late, m.portal.Happened()...)
				if dice.IntN(20) == 0 {
					m.written()
				}
				if dice.IntN(10) == 0 && len(late) > 0 {
					dice.Shuffle(len(late), func(i, j int) { late[i], late[j] = late[j], late[i] })
					n := min(100, dice.IntN(len(late))+1)
					m.told(late[:n]...)
					late = late[n-1:] // the last of them comes again
				}
			}
			for len(late) > 0 {
				n := min(100, len(late))
				m.told(late[:n]...)
				late = late[n:]
			}
			m.settles()
			c := m.store.Client().Customer.GetX(m.ctx, m.customer)
			if got := m.portal.Records("contacts", "tributary_customer_id")[m.customer].Properties["tributary_segment"]; c.Segment == nil || got != *c.Segment {
				t.Errorf("there it is %q, here %v", got, c.Segment)
			}
		})
	}
}

// The app may be in other accounts too, whose records have the same numbers: they are
// nothing to us.
func TestS25_AnotherAccountsWordIsIgnored(t *testing.T) {
	t.Parallel()
	m := found(t).talks()
	e := m.edit("tributary_segment", "vip")
	e.PortalID++
	m.told(e)
	m.is("", "")
	if got := m.receipts(webhookreceipt.StatusIGNORED); len(got) != 1 || !strings.HasPrefix(got[0].Reason, "ACCOUNT") {
		t.Errorf("%v", got)
	}
}

// A CRM may speak of a record before its name there is known here: that waits. What it
// says of its own people is nothing to us.
func TestS25_WhatIsSaidOfARecordBeforeItsNameIsKnownWaits(t *testing.T) {
	t.Parallel()
	m := found(t).talks()
	stranger := m.portal.Put("contacts", map[string]string{"email": "own@example.com"})
	m.told(m.portal.Edit(stranger, "lifecyclestage", "lead"))
	if got := m.receipts(webhookreceipt.StatusIGNORED); len(got) != 1 || !strings.HasPrefix(got[0].Reason, "RECORD") {
		t.Fatalf("%v", got)
	}
	m.sell(m.sale(2, 2, 1, 10_00))
	m.caught()
	id := ""
	m.portal.Do(func() {
		m.portal.After = func() {
			for customer, one := range m.portal.Records("contacts", "tributary_customer_id") {
				if customer != m.customer && id == "" {
					id = customer
					m.told(m.portal.Edit(one.ID, "lifecyclestage", "customer"))
				}
			}
		}
	})
	_, err := m.connect.SyncOff(m.ctx)
	m.must(err)
	c := m.store.Client().Customer.GetX(m.ctx, id)
	if c.LifecycleStage == nil || *c.LifecycleStage != "customer" || len(m.receipts(webhookreceipt.StatusPARKED)) != 0 {
		t.Errorf("%v, %v", c.LifecycleStage, m.receipts(webhookreceipt.StatusPARKED))
	}
}
