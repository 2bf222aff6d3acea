package server_test

import (
	"testing"
	"time"

	"github.com/tributary/tributary/connect/shopify/shoptest"
)

// agree plays the person who is sent to the shop and grants what is asked for.
func (s *stage) agree() {
	s.Helper()
	s.withNames(map[string]string{"brought": s.shoes.Agree(s.names["authorize"], s.now())})
}

// joined gives a merchant a shop that can be called, and an authorization of it that
// is under way.
func (s *stage) joined() {
	s.Helper()
	s.set("owner", "integrationConnect", `{"programId":"$program","provider":"SHOPIFY","name":"Shoes","account":"shoes","keys":[{"name":"accessToken","value":"`+shoptest.AccessToken+`"}]}`,
		"integration { id }", "shoes=integration.id")
	s.set("owner", "integrationAuthorize", `{"id":"$shoes","clientId":"`+shoptest.ClientID+`","clientSecret":"`+shoptest.ClientSecret+`","redirectUrl":"https://app.example/back"}`,
		"authorizationUrl", "authorize=authorizationUrl")
	s.agree()
	s.lastDay()
}

// lastDay names a time in which a shop can be asked for orders.
func (s *stage) lastDay() {
	s.Helper()
	now := s.now().UTC().Truncate(time.Second)
	s.withNames(map[string]string{"dayAgo": now.Add(-24 * time.Hour).Format(time.RFC3339), "justNow": now.Format(time.RFC3339)})
}

// took waits until the shop's messages are worked off.
func (s *stage) took() {
	s.Helper()
	s.eventually("the shop's messages are worked off", func() bool {
		a := s.ask("owner", `{ webhookReceipts(status: RECEIVED, first: 1) { edges { node { id reason } } } }`, "null")
		left, there := dig(a.data, "webhookReceipts", "edges").([]any)
		return there && len(left) == 0
	})
}

// S47: from nothing to a shop whose scopes are known, by mutations only.
func TestS47_AShopIsConnectedByMutationsOnly(t *testing.T) {
	t.Parallel()
	s := open(t).stage(t)
	s.joined()
	for _, step := range []struct{ do, in, get, want string }{
		{"integrationAuthorized", `{"query":"$brought"}`, "integration { status access account scopes missingScopes problem }",
			`{"integration":{"status":"ACTIVE","access":"OAUTH","account":"shoes.myshopify.com","missingScopes":[],"problem":"","scopes":["read_customers","read_orders","read_products","write_customers","write_discounts"]}}`},
		{"integrationTest", `{"id":"$shoes"}`, "label reachable", `{"label":"Shoes of Ann","reachable":true}`},
		{"integrationDisconnect", `{"id":"$shoes"}`, "integration { status access scopes }", `{"integration":{"status":"DISCONNECTED","access":"NONE","scopes":null}}`},
	} {
		a := s.ask("owner", mutation(step.do, step.get), s.text(`{"in":`+step.in+`}`))
		if fault := contains(dig(a.data, step.do), parse(step.want), ""); fault != "" || a.failed() != "" {
			t.Errorf("%s: %s %s", step.do, fault, a.text)
		}
	}
	a := s.ask("owner", mutation("integrationReconcile", "userErrors { code field } reconciliation { id }"), s.text(`{"in":{"id":"$shoes","from":"$dayAgo","to":"$justNow"}}`))
	if fault := contains(a.data, parse(`{"integrationReconcile":{"reconciliation":null,"userErrors":[{"code":"WRONG_STATE","field":["input","id"]}]}}`), ""); fault != "" {
		t.Errorf("a shop that is disconnected was asked: %s %s", fault, a.text)
	}
	a = s.ask("owner", `{ integrationProviders { provider oauth scopes keys { name description } } }`, "null")
	if fault := contains(a.data, parse(`{"integrationProviders":[{"provider":"HUBSPOT","oauth":true,"keys":[{"name":"accessToken"}]},{"provider":"SALESFORCE","oauth":false,"keys":[{"name":"consumerKey"},{"name":"consumerSecret"}]},{"provider":"SHOPIFY","oauth":true,"keys":[{"name":"accessToken"}]},{"provider":"STRIPE","oauth":false,"keys":[{"name":"restrictedKey"}]},{"provider":"WOOCOMMERCE","oauth":false,"scopes":["read"],"keys":[{"name":"consumerKey"},{"name":"consumerSecret"}]}]}`), ""); fault != "" {
		t.Errorf("%s %s", fault, a.text)
	}
}

// S4: a shop is asked for a time on demand, and the report counts what it was asked
// and names it; other times, and a shop that is not there, are not in it.
func TestS4_AShopIsAskedOnDemand(t *testing.T) {
	t.Parallel()
	s := open(t).stage(t)
	s.joined()
	s.set("owner", "integrationReconcile", `{"id":"$shoes","from":"$dayAgo","to":"$justNow"}`, "reconciliation { id scheduled sinceAt untilAt }", "asked=reconciliation.id")
	const report = `query($id: ID!, $from: Time!, $to: Time!) { reconciliationReport(integrationId: $id, from: $from, to: $to) {
		asked running seen missing differing reconciliations { id scheduled status missingIds } } }`
	s.eventually("the shop has been asked", func() bool {
		a := s.ask("owner", report, s.text(`{"id":"$shoes","from":"$dayAgo","to":"$justNow"}`))
		told, _ := dig(a.data, "reconciliationReport", "reconciliations").([]any)
		for _, one := range told {
			if fault := contains(one, parse(s.text(`{"id":"$asked","scheduled":false,"status":"DONE"}`)), ""); fault == "" {
				return true
			}
		}
		return false
	})
	a := s.ask("owner", report, s.text(`{"id":"$shoes","from":"2020-01-01T00:00:00Z","to":"2020-01-02T00:00:00Z"}`))
	if fault := contains(a.data, parse(`{"reconciliationReport":{"asked":0,"running":0,"seen":0,"missing":0,"differing":0,"reconciliations":[]}}`), ""); fault != "" {
		t.Errorf("a time that nobody asked for: %s %s", fault, a.text)
	}
	if a := s.ask("owner", report, s.text(`{"id":"int_00000000000000000000000000","from":"$dayAgo","to":"$justNow"}`)); a.failed() == "" {
		t.Errorf("a shop that is not there: %s", a.text)
	}
}
