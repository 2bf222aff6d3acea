package server_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/connect/hubspot/hubspottest"
	"github.com/tributary/tributary/connect/shopify/shoptest"
	"github.com/tributary/tributary/internal/sim"
	"github.com/tributary/tributary/server"
)

// loop is a stage whose merchant has a shop and a CRM, both connected both ways.
type loop struct {
	*stage
	shop   sim.Shop
	echoes chan string // customers that the shop says have changed
}

func (s *stage) loop() *loop {
	s.Helper()
	const secret = "hush-hush"
	s.set("owner", "integrationConnect", `{"programId":"$program","provider":"SHOPIFY","name":"Shoes","account":"shoes","secret":"`+secret+`","keys":[{"name":"accessToken","value":"`+shoptest.AccessToken+`"}]}`,
		"integration { id }", "shoes=integration.id")
	s.set("owner", "integrationConnect", `{"programId":"$program","provider":"HUBSPOT","name":"CRM","account":"`+hubspottest.Account+`","secret":"`+hubspottest.Secret+`","keys":[{"name":"accessToken","value":"`+hubspottest.AccessToken+`"}]}`,
		"integration { id } webhookUrl", "crm=integration.id", "listens=webhookUrl")
	l := &loop{stage: s, echoes: make(chan string, 100), shop: sim.Shop{Client: s.nobody, Path: "/hooks/" + s.names["shoes"], Secret: secret}}
	s.shoes.Do(func() { s.shoes.Updated = func(id string) { l.echoes <- id } })
	s.crm.Do(func() { s.crm.Listens = []string{"tributary_segment", "lifecyclestage"} })
	ctx, quit := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { s.crm.Deliver(ctx, s.names["listens"]) })
	s.Cleanup(func() { quit(); running.Wait() })
	return l
}

// contact waits for the contact of the buyer with that address.
func (l *loop) contact(email string) (found hubspottest.Object) {
	l.Helper()
	l.eventually("the buyer is in the CRM", func() bool {
		one, there := l.crm.Records("contacts", "email")[email]
		found = one
		return there && one.Properties["tributary_customer_id"] != ""
	})
	return found
}

func (l *loop) inShop(customer, field, want string) {
	l.Helper()
	l.eventually(field+" is "+want+" in the shop", func() bool { return l.shoes.Metafields(customer)["tributary."+field] == want })
}

// written waits until nothing is left to be written to either.
func (l *loop) written() {
	l.Helper()
	l.eventually("all is written", func() bool {
		for _, name := range []string{"shoes", "crm"} {
			a := l.ask("owner", `query($id: ID!) { syncHealth(integrationId: $id) { pending dead failures } }`, l.text(`{"id":"$`+name+`"}`))
			if contains(a.data, parse(`{"syncHealth":{"pending":0,"dead":0,"failures":0}}`), "") != "" {
				return false
			}
		}
		return true
	})
}

// The whole way round over real HTTP: an order in the shop makes its buyer a contact in
// the CRM; what a person says of the contact there comes here, and from here into the
// shop; what the shop then tells of its customer ends here.
func TestS25_S26_FromTheShopToTheCRMAndBackIntoTheShop(t *testing.T) {
	t.Parallel()
	s := open(t).stage(t)
	l := s.loop()
	order := s.shopOrder(7001, s.open(s.names["annSlug"]).token)
	began := time.Now()
	l.shoes.Put(order.Body())
	if err := l.shop.Send(t.Context(), sim.TopicPaid, "delivery-1", order.Body()); err != nil {
		t.Fatal(err)
	}
	contact := l.contact(order.Email)
	l.crm.Edit(contact.ID, "tributary_segment", "vip")
	l.inShop("7001", "segment", "vip")
	t.Logf("round the loop in %s", time.Since(began).Round(time.Millisecond))
	echo := <-l.echoes
	if err := l.shop.Send(t.Context(), "customers/update", "delivery-2", []byte(`{"id":`+echo+`,"updated_at":"2026-11-24T00:00:00Z"}`)); err != nil {
		t.Fatal(err)
	}
	l.crm.Edit(contact.ID, "lifecyclestage", "evangelist")
	l.inShop("7001", "lifecycle_stage", "evangelist")
	s.took()
	l.written()
	if got := l.contact(order.Email); got.Properties["tributary_segment"] != "vip" || got.Properties["tributary_source"] != "affiliate" {
		t.Errorf("there it is %v", got.Properties)
	}
	a := s.ask("owner", `{ customers(first: 2) { edges { node { segment segmentBy lifecycleStage } } } }`, "null")
	if fault := contains(a.data, parse(s.text(`{"customers":{"edges":[{"node":{"segment":"vip","segmentBy":"$crm","lifecycleStage":"evangelist"}}]}}`)), ""); fault != "" {
		t.Errorf("%s %s", fault, a.text)
	}
	if told := l.changes(); told != 2 {
		t.Errorf("%d events customer.changed, want 2: an echo went round", told)
	}
	// Here the merchant changes its mind: both hear it.
	a = s.ask("owner", `{ customers(first: 2) { edges { node { id } } } }`, "null")
	id := dig(a.data, "customers", "edges").([]any)[0].(map[string]any)["node"].(map[string]any)["id"].(string)
	s.set("owner", "customerSet", `{"id":"`+id+`","segment":"gold"}`, "customerId")
	l.inShop("7001", "segment", "gold")
	l.eventually("the CRM has it", func() bool { return l.contact(order.Email).Properties["tributary_segment"] == "gold" })
	l.written()
	s.took()
	if told := l.changes(); told != 3 {
		t.Errorf("%d events customer.changed, want 3", told)
	}
	for _, over := range []string{"websocket", "sse"} {
		w := s.subscribe(over, "owner", s.text(`subscription { syncHealth(integrationId: "$crm") { pending dead breaker } }`), "null")
		if fault := contains(w.next(), parse(`{"syncHealth":{"pending":0,"dead":0,"breaker":"CLOSED"}}`), ""); fault != "" {
			t.Errorf("over %s: %s", over, fault)
		}
	}
}

// changes counts the events that tell of a customer.
func (l *loop) changes() (n int) {
	events, _ := l.feed("owner", "")
	for _, e := range events {
		if e["type"] == "customer.changed" {
			n++
		}
	}
	return n
}

// HubSpot signs where it sends to: that is the server's public address, whatever stands
// before it.
func TestS25_TheCRMSignsThePublicAddress(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *server.Config) { c.PublicURL = "http://localhost:1/" }).stage(t)
	s.loop()
	path, own := "/hooks/"+s.names["crm"], s.URL()
	if got := s.crm.SendBy(t.Context(), "http://localhost:1"+path, own+path, nil); got != http.StatusOK {
		t.Errorf("what is signed for the public address is answered with %d", got)
	}
	if got := s.crm.Send(t.Context(), own+path, nil); got != http.StatusUnauthorized {
		t.Errorf("what is signed for another address is answered with %d", got)
	}
}
