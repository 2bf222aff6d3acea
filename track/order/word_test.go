package order_test

import (
	"slices"
	"testing"

	"github.com/tributary/tributary/track/order"
)

// What a message may do to what is known. Typed by hand.
func TestS34_Q47_WhoseWordStands(t *testing.T) {
	t.Parallel()
	const shop, imported, api, system = order.TellerShop, order.TellerImport, order.TellerAPI, order.TellerSystem
	for _, c := range []struct {
		says, known order.Saying
		want        order.Word
	}{
		{order.Saying{shop, 9}, order.Saying{shop, 8}, order.Edits},
		{order.Saying{shop, 9}, order.Saying{shop, 9}, order.Edits},
		{order.Saying{shop, 8}, order.Saying{shop, 9}, order.Older},
		{order.Saying{shop, 0}, order.Saying{shop, 9}, order.Completes},
		{order.Saying{shop, 0}, order.Saying{shop, 0}, order.Edits},
		{order.Saying{shop, 5}, order.Saying{api, 1000}, order.Edits},
		{order.Saying{shop, 0}, order.Saying{imported, 1000}, order.Edits},
		{order.Saying{api, 1000}, order.Saying{shop, 5}, order.Completes},
		{order.Saying{api, 0}, order.Saying{shop, 0}, order.Completes},
		{order.Saying{imported, 1000}, order.Saying{shop, 5}, order.Completes},
		{order.Saying{system, 0}, order.Saying{shop, 5}, order.Completes},
		{order.Saying{api, 2}, order.Saying{api, 1}, order.Edits},
		{order.Saying{api, 1}, order.Saying{api, 2}, order.Older},
		{order.Saying{api, 0}, order.Saying{api, 2}, order.Completes},
		{order.Saying{api, 0}, order.Saying{api, 0}, order.Edits},
		{order.Saying{imported, 1}, order.Saying{api, 2}, order.Completes},
		{order.Saying{imported, 0}, order.Saying{api, 0}, order.Edits},
		{order.Saying{api, 3}, order.Saying{imported, 2}, order.Edits},
		{order.Saying{api, 1}, order.Saying{"", 2}, order.Older}, // a row from before
		{order.Saying{api, 3}, order.Saying{"", 2}, order.Edits},
		{order.Saying{shop, 1}, order.Saying{"", 2}, order.Older},
	} {
		if got := c.says.Over(c.known); got != c.want {
			t.Errorf("%+v over %+v %v, want: %v", c.says, c.known, got, c.want)
		}
	}
}

func TestS34_KeysAreBare(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"1001": "1001", "#1001": "1001", "# 1001": "1001", " 1001 ": "1001", "gid://shopify/Order/1001": "1001",
		"gid://shopify/Order/1001?key=a": "1001", "EN-1001": "EN-1001", "#EN1001": "EN1001", "in_1aB": "in_1aB", "in_1Ab": "in_1Ab",
		"001001": "001001", "#": "#", "gid://": "gid://", "gid://shopify/Order/": "gid://shopify/Order/", "a/b": "a/b",
	} {
		if got := order.Bare(written); got != want {
			t.Errorf("%q is %q, want %q", written, got, want)
		}
	}
	o := order.Order{ExternalID: "gid://shopify/Order/5001"}
	if id, number := o.Keys(); id != "5001" || number != "5001" {
		t.Errorf("without a number the keys are %q and %q", id, number)
	}
	o.Number = "#1001"
	if id, number := o.Keys(); id != "5001" || number != "1001" {
		t.Errorf("the keys are %q and %q", id, number)
	}
}

// The bits are in rows: a part that moves would be read as another.
func TestS34_PartsKeepTheirBits(t *testing.T) {
	t.Parallel()
	want := []order.Part{
		"ORDER_NUMBER", "LINES", "CUSTOMER_ID", "CUSTOMER_EMAIL", "CUSTOMER_NAME", "CLICK_TOKEN", "COUPON_CODES", "SUB_IDS",
		"TAX", "SHIPPING", "DISCOUNT", "COUNTRY", "DEVICE", "CHANNEL", "FIELDS", "CUSTOMER_FIELDS",
	}
	for i, part := range want {
		if got := order.Parts(1 << i); !slices.Equal(got, []order.Part{part}) {
			t.Errorf("bit %d is %v, want %s", i, got, part)
		}
	}
	bare := order.Order{Lines: order.Whole(usd(100)), Total: usd(100)}
	if got := order.Parts(bare.Given()); len(got) != 0 {
		t.Errorf("a bare total gives %v", got)
	}
	if got := order.Parts(placed().Given()); !slices.Contains(got, "COUNTRY") || !slices.Contains(got, "LINES") {
		t.Errorf("it gives %v", got)
	}
}
