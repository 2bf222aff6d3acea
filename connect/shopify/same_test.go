package shopify_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/shopify"
	"github.com/tributary/tributary/connect/shopify/shoptest"
	"github.com/tributary/tributary/internal/egress"
)

var window = connect.PullAsk{Since: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)}

// The same order by webhook and by question is the same, byte for byte, in every state
// and currency that there is a recorded body of.
func TestS22_TheSameOrderByWebhookAndByQuestion(t *testing.T) {
	t.Parallel()
	for _, file := range []string{
		"created.json", "updated.json", "paid.json", "partially_refunded.json", "cancelled.json",
		"paid_jpy.json", "paid_kwd.json", "paid_seen_in_eur.json", "paid_tax_included.json",
	} {
		shop := shoptest.Open("shoes.myshopify.com")
		t.Cleanup(shop.Close)
		shop.Put(body(t, file))
		page := pulled(t, shop, window)
		if len(page.Orders) != 1 || page.Cursor != "" || page.Orders[0].Unread != nil {
			t.Fatalf("%s: %+v, refused %v", file, page, shop.Refused)
		}
		asked := message(t, page.Orders[0].Topic, page.Orders[0].Raw)
		told := message(t, "orders/updated", body(t, file))
		asked.Key, told.Key = "", "" // a mark of the bytes of one message
		if a, b := written(t, asked), written(t, told); a != b {
			t.Errorf("%s: by question\n%s\nby webhook\n%s", file, a, b)
		}
		if asked.Order.Digest() != told.Order.Digest() {
			t.Errorf("%s: the digests differ", file)
		}
	}
}

func written(t testing.TB, m connect.Message) string {
	t.Helper()
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func pulled(t testing.TB, shop *shoptest.Shop, ask connect.PullAsk) connect.Pulled {
	t.Helper()
	page, err := shopify.At(shop.Base).Pull(context.Background(), connect.Call(egress.New(egress.Options{Guard: egress.Guard{Loopback: true}}).Do),
		shop.Host, connect.Credentials{Keys: map[string]string{"accessToken": shoptest.AccessToken}}, ask)
	if err != nil {
		t.Fatalf("%v, refused %v", err, shop.Refused)
	}
	return page
}

// Lines that do not fit a page are asked for until they are all there.
func TestS22_AnOrderOfManyLines(t *testing.T) {
	t.Parallel()
	shop := shoptest.Open("shoes.myshopify.com")
	t.Cleanup(shop.Close)
	many := edited(t, "paid.json", func(o object) {
		first := lines(o)[0].(object)
		all := []any{}
		for i := range 120 {
			one := object{}
			for k, v := range first {
				one[k] = v
			}
			one["id"] = 5000 + i
			all = append(all, one)
		}
		o["line_items"] = all
	})
	shop.Put(many)
	page := pulled(t, shop, window)
	if n := len(message(t, orderTopicOf(page), page.Orders[0].Raw).Order.Lines); n != 120 || shop.Asked != 2 {
		t.Errorf("%d lines in %d questions", n, shop.Asked)
	}
}

func orderTopicOf(p connect.Pulled) string { return p.Orders[0].Topic }
