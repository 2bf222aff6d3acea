package shopify

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tributary/tributary/track/order"
)

// clickParam is the name under which storefronts carry the click token.
const clickParam = "trb_click"

// clickToken finds the click that brought the buyer: the cart attribute written by
// the storefront script, else the address at which the visit began.
func (b *orderBody) clickToken() string {
	for _, n := range b.NoteAttributes {
		if value, is := n.Value.(string); is && n.Name == clickParam {
			if token := label(value, order.MaxToken); token != "" {
				return token
			}
		}
	}
	_, query, _ := strings.Cut(b.LandingSite, "?")
	query, _, _ = strings.Cut(query, "#")
	values, _ := url.ParseQuery(query) // what can be read of a broken query is read
	return label(values.Get(clickParam), order.MaxToken)
}

// coupons lists the codes in the shop's order, each once.
func (b *orderBody) coupons() []string {
	var codes []string
	seen := map[string]bool{}
	for _, c := range b.DiscountCodes {
		text := label(c.Code, order.MaxCoupon)
		if text == "" || seen[text] || len(codes) == order.MaxCoupons {
			continue
		}
		seen[text] = true
		codes = append(codes, text)
	}
	return codes
}

// label gives text that is compared, without spaces around it; "" for what no
// order may hold. A part of a code would be another code, so nothing is cut.
func label(text string, limit int) string {
	text = strings.TrimSpace(text)
	if len(text) > limit || strings.ContainsFunc(text, unicode.IsControl) || !utf8.ValidString(text) {
		return ""
	}
	return text
}

// cut gives text that is only shown, shortened to whole characters.
func cut(text string, limit int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
