package server_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/connect/woocommerce/woocommercetest"
	"github.com/tributary/tributary/server"
)

const siteSecret = "hush-hush" // #nosec G101 -- of a shop that is played

// site is a WooCommerce shop that is connected.
type site struct {
	*stage
	fake  *woocommercetest.Shop
	order string // a paid order of a minute from now, with ann's click
}

func openSite(t *testing.T) *site {
	t.Helper()
	fake := woocommercetest.Open()
	t.Cleanup(fake.Close)
	w := &site{stage: open(t, func(c *server.Config) { c.ShopBase = fake.URL }).stage(t), fake: fake}
	raw, err := os.ReadFile("../connect/woocommerce/testdata/order.json")
	if err != nil {
		t.Fatal(err)
	}
	soon := w.now().UTC().Add(time.Minute).Format("2006-01-02T15:04:05")
	w.order = strings.NewReplacer(
		"2026-03-01T15:00:00", soon, `"status": "pending"`, `"status": "processing"`, `"date_paid_gmt": null`, `"date_paid_gmt": "`+soon+`"`,
		strings.Repeat("0", 48), w.open(w.names["annSlug"]).token,
	).Replace(string(raw))
	w.withNames(map[string]string{"yesterday": w.now().Add(-24 * time.Hour).UTC().Format(time.RFC3339), "soon": w.now().Add(4 * time.Minute).UTC().Format(time.RFC3339)})
	w.set("owner", "integrationConnect", `{"programId":"$program","provider":"WOOCOMMERCE","name":"Shop","account":"https://Shoes.example/","secret":"`+siteSecret+`",
		"keys":[{"name":"consumerKey","value":"`+woocommercetest.Key+`"},{"name":"consumerSecret","value":"`+woocommercetest.Secret+`"}]}`, "integration { id }", "site=integration.id")
	return w
}

// as gives the order under another id.
func (w *site) as(id string) string {
	return strings.Replace(w.order, `"id": 727`, `"id": `+id, 1)
}

// tells posts a body, signed unless the topic is none.
func (w *site) tells(topic, raw string) int {
	w.Helper()
	h := http.Header{}
	if topic != "" {
		woocommercetest.Sign(h, topic, []byte(raw), 1, siteSecret)
	}
	var headers []string
	for name := range h {
		headers = append(headers, name, h.Get(name))
	}
	answer := w.http(http.MethodPost, "/hooks/"+w.names["site"], raw, headers...)
	return answer.StatusCode
}

// earned waits until ann has so much of so many orders.
func (w *site) earned(what, want string) {
	w.Helper()
	w.eventually(what, func() bool {
		a := w.ask("owner", w.text(`{ commissions(affiliateId: "$ann", first: 5) { totalCount } conversions(first: 5) { totalCount } }`), "null")
		return contains(a.data, parse(want), "") == ""
	})
}

// From nothing to orders of a WooCommerce shop by mutations only: the address is pinged,
// one order is told by a webhook, another, whose webhook never came, is found by asking.
func TestS47_AWooCommerceShopIsConnectedByMutationsOnly(t *testing.T) {
	t.Parallel()
	w := openSite(t)
	a := w.ask("owner", mutation("integrationTest", "label reachable integration { scopes missingScopes account }"), w.text(`{"in":{"id":"$site"}}`))
	if fault := contains(a.data, parse(`{"integrationTest":{"label":"Shoes of Ann","reachable":true,"integration":{"scopes":["read"],"missingScopes":[],"account":"shoes.example"}}}`), ""); fault != "" {
		t.Errorf("%s %s", fault, a.text)
	}
	if code := w.tells("", "webhook_id=7"); code != http.StatusOK {
		t.Errorf("the ping is answered %d", code)
	}
	if code := w.tells("", w.as("5001")); code != http.StatusUnauthorized {
		t.Errorf("an order that nobody signed is answered %d", code)
	}
	for range 2 {
		if code := w.tells("order.updated", w.as("5001")); code != http.StatusOK {
			t.Errorf("an order is answered %d", code)
		}
	}
	w.earned("the order that was told earns", `{"conversions":{"totalCount":1},"commissions":{"totalCount":1}}`)
	w.fake.Put([]byte(w.as("5001")))
	w.fake.Put([]byte(w.as("5002")))
	w.set("owner", "integrationReconcile", `{"id":"$site","from":"$yesterday","to":"$soon"}`, "reconciliation { id }")
	w.earned("the order whose webhook was lost earns", `{"conversions":{"totalCount":2},"commissions":{"totalCount":2}}`)
	a = w.ask("owner", mutation("integrationDisconnect", "integration { status access }"), w.text(`{"in":{"id":"$site"}}`))
	if fault := contains(a.data, parse(`{"integrationDisconnect":{"integration":{"status":"DISCONNECTED","access":"NONE"}}}`), ""); fault != "" {
		t.Errorf("%s %s", fault, a.text)
	}
	if code := w.tells("order.updated", w.as("5003")); code != http.StatusNotFound {
		t.Errorf("a shop that is disconnected is answered %d", code)
	}
}
