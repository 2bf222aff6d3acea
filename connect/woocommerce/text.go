package woocommerce

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tributary/tributary/internal/facts"
	"github.com/tributary/tributary/track/order"
)

// Names in an order's meta data.
const (
	clickParam   = "trb_click" // also the script's cookie and the query parameter of links
	sessionEntry = "_wc_order_attribution_session_entry"
	paymentMode  = "_wcpay_mode"
	testMark     = "_trb_test"
)

// clickKeys are the meta data that may hold a click token, the first before the others.
// Those with an underscore are hidden from people who edit orders.
var clickKeys = []string{"_" + clickParam, clickParam, "_tributary_click"}

// clickToken finds the click that brought the buyer: the meta data that checkout wrote,
// else the address at which the visit began, which WooCommerce itself may write down.
func (b *orderBody) clickToken() string {
	for _, key := range clickKeys {
		if token := label(b.meta(key), order.MaxToken); token != "" {
			return token
		}
	}
	_, query, _ := strings.Cut(b.meta(sessionEntry), "?")
	query, _, _ = strings.Cut(query, "#")
	values, _ := url.ParseQuery(query) // what can be read of a broken query is read
	return label(values.Get(clickParam), order.MaxToken)
}

// meta is the last value of a key; "" for one that is no text.
func (b *orderBody) meta(key string) string {
	for _, m := range slices.Backward(b.Meta) {
		if string(m.Key) == key {
			return m.text()
		}
	}
	return ""
}

// test reports whether the order was paid in WooPayments' test mode, or is marked.
func (b *orderBody) test() bool {
	mark := strings.ToLower(b.meta(testMark))
	return strings.EqualFold(b.meta(paymentMode), "test") || mark == "yes" || mark == "1" || mark == "true"
}

// coupons lists the codes in the shop's order, each once.
func (b *orderBody) coupons() []string {
	var codes []string
	for _, c := range b.Coupons {
		code := label(string(c.Code), order.MaxCoupon)
		if code == "" || slices.Contains(codes, code) || len(codes) == order.MaxCoupons {
			continue
		}
		codes = append(codes, code)
	}
	return codes
}

// buyer gives who bought. A guest has no customer, only an address.
func (b *orderBody) buyer() order.Customer {
	c := order.Customer{
		Email: label(b.Billing.Email, order.MaxEmail),
		Name:  cut(strings.TrimSpace(b.Billing.FirstName+" "+b.Billing.LastName), order.MaxName),
	}
	if b.CustomerID != "0" {
		c.ExternalID = label(string(b.CustomerID), order.MaxID)
	}
	return c
}

// country is where the buyer is: by the bill, else by the parcel; "" when neither says.
func (b *orderBody) country() string {
	for _, a := range []address{b.Billing, b.ShippingTo} {
		if code := strings.ToUpper(strings.TrimSpace(a.Country)); facts.Country(code) {
			return code
		}
	}
	return ""
}

// label gives text that is compared, without spaces around it; "" for what no order may
// hold. A part of a code would be another code, so nothing is cut.
func label(written string, limit int) string {
	written = strings.TrimSpace(written)
	if len(written) > limit || strings.ContainsFunc(written, unicode.IsControl) || !utf8.ValidString(written) {
		return ""
	}
	return written
}

// cut gives text that is only shown, shortened to whole characters.
func cut(written string, limit int) string {
	written = strings.ReplaceAll(strings.ToValidUTF8(written, ""), "\x00", "")
	if len(written) <= limit {
		return written
	}
	return strings.ToValidUTF8(written[:limit], "")
}
