package woocommerce_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/shopify"
	"github.com/tributary/tributary/track/order"
)

// asSold is the order of Shopify's testdata as WooCommerce would tell it: three iPods at
// 199.00, ten dollars off in all, which Shopify splits 3.34 + 3.33 + 3.33, and tax of 3.98
// on each.
func asSold(o object) {
	paid(o)
	for name, value := range (object{
		"id": 450789469, "number": "#1001", "created_via": "web", "total": "598.94", "total_tax": "11.94", "shipping_total": "0.00", "discount_total": "10.00",
		"customer_id": 207119551, "coupon_lines": []any{object{"code": "TENOFF"}}, "fee_lines": []any{}, "shipping_lines": []any{},
	}) {
		o[name] = value
	}
	line := func(id int, sku, total string) object {
		return object{"id": id, "name": "IPod Nano - 8gb", "product_id": 632910392, "sku": sku, "quantity": 1, "subtotal": "199.00", "total": total, "total_tax": "3.98"}
	}
	o["line_items"] = []any{line(466157049, "IPOD2008GREEN", "195.66"), line(518995019, "IPOD2008RED", "195.67"), line(703073504, "IPOD2008BLACK", "195.67")}
}

// The same order is the same in normal form whichever shop tells it: byte for byte but
// for when it was last changed, and of one digest.
func TestS22_TheSameOrderByWooCommerceAndByShopify(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../shopify/testdata/paid.json")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := shopify.New().Message("orders/paid", raw)
	if err != nil {
		t.Fatal(err)
	}
	ours := message(t, "order.updated", edited(t, asSold))
	a, b := normal(t, ours), normal(t, theirs)
	if a != b || ours.Order.Digest() != theirs.Order.Digest() {
		t.Errorf("by WooCommerce\n%s\nby Shopify\n%s", a, b)
	}
}

// normal writes what a message says, without its name and when it was changed.
func normal(t testing.TB, m connect.Message) string {
	t.Helper()
	o := *m.Order
	o.Version = 0
	out, err := json.Marshal(struct {
		Order   order.Order
		Refunds []connect.Refund
		Test    bool
	}{o, m.Refunds, m.Test})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
