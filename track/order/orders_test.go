package order_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/order"
)

// received is the instant at which the tables' messages arrive.
var received = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

func usd(minor int64) money.Money { return money.Of(minor, "USD") }

// sample is a valid order: 2 × 12.50 less 5.00, one book of 9.99, a gift card of 50.00.
func sample() order.Order {
	return order.Order{
		Source: "shopify", SourceScope: "int_1", ExternalID: "5001", Number: "#1001",
		Kind: order.KindSale, Status: order.StatusPaid, Version: 7,
		OccurredAt: received.Add(-time.Minute), Currency: "USD", Total: usd(9169),
		Lines: []order.Line{
			{ExternalID: "11", ProductID: "p1", Title: "Mug", Quantity: 2, Amount: usd(2000), Tax: usd(160), Discount: usd(500)},
			{ExternalID: "12", ProductID: "p1", Title: "Book", Quantity: 1, Amount: usd(999), Tax: usd(80)},
			{ExternalID: "13", Title: "Gift card", Quantity: 1, Amount: usd(5000), GiftCard: true},
		},
		Shipping: usd(930), Tax: usd(240), Discount: usd(500),
		Customer:   order.Customer{ExternalID: "c9", Email: "ann@example.com", Name: "Ann", Phone: "+15550100"},
		ClickToken: "abc", CouponCodes: []string{"SAVE", "VIP"},
		SubIDs: map[string]string{"sub1": "blog", "sub2": "top"},
	}
}

func refund() order.Refund {
	return order.Refund{
		Source: "shopify", SourceScope: "int_1", OrderExternalID: "5001", ExternalID: "r1",
		OccurredAt: received, Currency: "USD",
	}
}

// told renders faults as "CODE path" in the order found.
func told(list []*problem.Error) string {
	var out []string
	for _, f := range list {
		out = append(out, string(f.Code)+" "+strings.Join(f.Field, "."))
	}
	return strings.Join(out, "; ")
}

func TestQ23_BaseIsGoodsAfterDiscountWithoutGiftCards(t *testing.T) {
	t.Parallel()
	// 20.00 + 9.99; tax, shipping and the gift card of 50.00 do not count.
	if got := sample().Base(); got != usd(2999) {
		t.Errorf("base = %s, want 29.99 USD", got)
	}
	whole := order.Order{Currency: "JPY", Lines: order.Whole(money.Of(700, "JPY"))}
	if got := whole.Base(); got != money.Of(700, "JPY") {
		t.Errorf("base = %s, want 700 JPY", got)
	}
}

func TestQ50_ZeroAndGiftCardOrdersAreValid(t *testing.T) {
	t.Parallel()
	free := sample()
	free.Lines, free.Total = nil, usd(0)
	card := sample()
	card.Lines = card.Lines[2:]
	for name, o := range map[string]order.Order{"nothing bought": free, "only a gift card": card} {
		if got := told(o.Validate(received)); got != "" {
			t.Errorf("%s: %s", name, got)
		}
		if got := o.Base(); got != usd(0) {
			t.Errorf("%s: base %s", name, got)
		}
	}
}

// Without Settle in the mappings, refunds up to the total leave commission behind, and
// commission on tax and shipping may exceed what was paid.
func TestQ23_ATotalIsNotBelowLinesTaxAndShipping(t *testing.T) {
	t.Parallel()
	// 20.00 + 9.99 + 50.00, tax 2.40, shipping 9.30
	for total, want := range map[int64]string{9168: "AMOUNT_RANGE total", 9169: "", 9999: "", 0: "AMOUNT_RANGE total"} {
		o := sample()
		o.Total = usd(total)
		if got := settled(&o, true); got != want {
			t.Errorf("a total of %d: %q, want %q", total, got, want)
		}
	}
	o := sample()
	o.Total.Currency = "EUR"
	if got := settled(&o, true); got != "" { // which Validate finds
		t.Errorf("amounts of two currencies were compared: %s", got)
	}
}

func TestQ23_WhatASourceLeavesOutIsCompleted(t *testing.T) {
	t.Parallel()
	o := sample()
	o.Total = money.Money{}
	if got := settled(&o, false); got != "" || o.Total != usd(9169) {
		t.Errorf("lines alone: %s %s", got, o.Total)
	}
	o.Lines = nil
	if got := settled(&o, true); got != "" || o.Base() != usd(7999) { // less 2.40 and 9.30
		t.Errorf("a total alone: %s, base %s", got, o.Base())
	}
	o.Lines, o.Total = nil, usd(1169)
	if got := settled(&o, true); got != "AMOUNT_RANGE total" {
		t.Errorf("a total below tax and shipping: %q", got)
	}
	o.Lines, o.Total = nil, money.Money{}
	if got := settled(&o, false); got != "INVALID total" {
		t.Errorf("neither: %q", got)
	}
}

func settled(o *order.Order, given bool) string {
	if p, ok := problem.As(o.Settle(given)); ok {
		return told([]*problem.Error{p})
	}
	return ""
}
