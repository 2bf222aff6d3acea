package order_test

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/track/order"
)

// long is beyond every limit of text.
var long = strings.Repeat("x", 400)

var orderFaults = []struct {
	name, want string
	change     func(*order.Order)
}{
	{"OK", "", func(*order.Order) {}},
	{"OK sparse", "", func(o *order.Order) {
		*o = order.Order{
			Source: "api", ExternalID: "1", Kind: order.KindLead, Status: order.StatusPending,
			OccurredAt: received, Currency: "KWD", Total: money.Zero("KWD"),
		}
	}},
	{"OK largest amount", "", func(o *order.Order) { o.Total = usd(1_000_000_000_000_000) }},
	{"ErrSource", "INVALID source", func(o *order.Order) { o.Source = "Shopify" }},
	{"ErrSourceEmpty", "INVALID source", func(o *order.Order) { o.Source = "" }},
	{"ErrScope", "TOO_LARGE sourceScope", func(o *order.Order) { o.SourceScope = long }},
	{"ErrNoID", "INVALID externalId", func(o *order.Order) { o.ExternalID = "" }},
	{"ErrSpacedID", "INVALID externalId", func(o *order.Order) { o.ExternalID = "5001 " }},
	{"ErrControlInID", "INVALID externalId", func(o *order.Order) { o.ExternalID = "50\n01" }},
	{"ErrLongID", "TOO_LARGE externalId", func(o *order.Order) { o.ExternalID = long }},
	{"ErrNumber", "TOO_LARGE number", func(o *order.Order) { o.Number = long }},
	{"ErrProgram", "TOO_LARGE programId", func(o *order.Order) { o.ProgramID = long }},
	{"ErrKind", "INVALID kind", func(o *order.Order) { o.Kind = "GIFT" }},
	{"ErrStatus", "INVALID status", func(o *order.Order) { o.Status = "" }},
	{"ErrVersion", "INVALID version", func(o *order.Order) { o.Version = -1 }},
	{"ErrNegativeTotal", "AMOUNT_RANGE total", func(o *order.Order) { o.Total = usd(-1) }},
	{"ErrHugeTotal", "AMOUNT_RANGE total", func(o *order.Order) { o.Total = usd(1_000_000_000_000_001) }},
	{"ErrHugeLine", "AMOUNT_RANGE lines.1.amount", func(o *order.Order) { o.Lines[1].Amount = usd(math.MaxInt64) }},
	{"ErrNegativeLine", "AMOUNT_RANGE lines.0.amount", func(o *order.Order) { o.Lines[0].Amount = usd(-1) }},
	{"ErrMixedLine", "CURRENCY_MISMATCH lines.2.amount", func(o *order.Order) { o.Lines[2].Amount = money.Of(5000, "EUR") }},
	{"ErrLineWithoutCurrency", "CURRENCY_MISMATCH lines.0.amount", func(o *order.Order) { o.Lines[0].Amount = money.Money{} }},
	{"ErrMixedTax", "CURRENCY_MISMATCH lines.0.tax", func(o *order.Order) { o.Lines[0].Tax = money.Of(1, "EUR") }},
	{"ErrNegativeDiscount", "AMOUNT_RANGE lines.0.discount", func(o *order.Order) { o.Lines[0].Discount = usd(-1) }},
	{"ErrTotals", "CURRENCY_MISMATCH shipping; AMOUNT_RANGE tax; AMOUNT_RANGE discount", func(o *order.Order) {
		o.Shipping, o.Tax, o.Discount = money.Of(1, "JPY"), usd(-1), usd(-1)
	}},
	{"ErrTwiceTheSameLine", "TAKEN lines.2.externalId", func(o *order.Order) { o.Lines[2].ExternalID = "11" }},
	{"ErrQuantity", "AMOUNT_RANGE lines.0.quantity", func(o *order.Order) { o.Lines[0].Quantity = -1 }},
	{"ErrLineTexts", "INVALID lines.0.externalId; TOO_LARGE lines.0.productId; TOO_LARGE lines.0.sku; INVALID lines.0.title",
		func(o *order.Order) {
			o.Lines[0] = order.Line{ProductID: long, SKU: long, Title: "a\x00b", Amount: usd(1)}
		}},
	{"ErrSaleWithoutLines", "INVALID lines", func(o *order.Order) { o.Lines = nil }},
	{"ErrTooManyLines", "TOO_LARGE lines", func(o *order.Order) { o.Lines = make([]order.Line, 1001) }},
	{"ErrCustomer", "INVALID customer.externalId; TOO_LARGE customer.email; INVALID customer.name; TOO_LARGE customer.phone",
		func(o *order.Order) {
			o.Customer = order.Customer{ExternalID: " c", Email: long, Name: "\xff", Phone: long}
		}},
	{"ErrToken", "TOO_LARGE clickToken", func(o *order.Order) { o.ClickToken = long }},
	{"ErrCoupon", "INVALID couponCodes.1; TOO_LARGE couponCodes.2", func(o *order.Order) { o.CouponCodes = []string{"A", "", long} }},
	{"ErrTooManyCoupons", "TOO_LARGE couponCodes", func(o *order.Order) { o.CouponCodes = make([]string, 21) }},
	{"ErrSubIDs", "INVALID subIds; TOO_LARGE subIds.good", func(o *order.Order) { o.SubIDs = map[string]string{"a.b": "", "good": long} }},
	{"ErrTooManySubIDs", "TOO_LARGE subIds", func(o *order.Order) {
		for i := range 11 {
			o.SubIDs["k"+strconv.Itoa(i)] = ""
		}
	}},
}

func TestOrderValidateNamesTheField(t *testing.T) {
	t.Parallel()
	for _, c := range orderFaults {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := sample()
			c.change(&o)
			if got := told(o.Validate(received)); got != c.want {
				t.Errorf("faults %q, want %q", got, c.want)
			}
		})
	}
}

func TestQ19_UnknownCurrencyIsRefusedNeverAssumed(t *testing.T) {
	t.Parallel()
	for _, c := range []money.Currency{"", "usd", "XXX", "US", "BTC"} {
		o := order.Order{
			Source: "api", ExternalID: "1", Kind: order.KindLead, Status: order.StatusPaid,
			OccurredAt: received, Currency: c, Total: money.Zero(c),
		}
		if got := told(o.Validate(received)); got != "CURRENCY_UNKNOWN currency" {
			t.Errorf("%q: %q", c, got)
		}
	}
}

func TestQ43_ClaimedInstantWithinLimits(t *testing.T) {
	t.Parallel()
	// Accepted from 400 days = 9 600 h ago to 5 minutes ahead, both included.
	for _, c := range []struct {
		name  string
		at    time.Time
		fault bool
	}{
		{"missing", time.Time{}, true},
		{"5 min ahead", received.Add(5 * time.Minute), false},
		{"1 ms more", received.Add(5*time.Minute + time.Millisecond), true},
		{"400 days old", received.Add(-9600 * time.Hour), false},
		{"1 ms older", received.Add(-9600*time.Hour - time.Millisecond), true},
	} {
		o, r := sample(), refund()
		o.OccurredAt, r.OccurredAt = c.at, c.at
		want := ""
		if c.fault {
			want = "INVALID occurredAt"
		}
		if got := told(o.Validate(received)); got != want {
			t.Errorf("order, %s: %q", c.name, got)
		}
		if got := told(r.Validate(received)); got != want {
			t.Errorf("refund, %s: %q", c.name, got)
		}
	}
}

func TestValidateIsBounded(t *testing.T) {
	t.Parallel()
	o := sample()
	o.Lines = make([]order.Line, 1000) // each at least: no id, no currency
	if n := len(o.Validate(received)); n != 100 {
		t.Errorf("%d faults, want 100", n)
	}
}

func TestFaultsDoNotQuotePersonalValues(t *testing.T) {
	t.Parallel()
	o := sample()
	o.Customer.Email = "canary\x01@example.com"
	o.SubIDs = map[string]string{"canary key": "canary"}
	o.Lines[0].Title = "canary\x00"
	list := o.Validate(received)
	if len(list) != 3 {
		t.Fatalf("faults %q", told(list))
	}
	for _, f := range list {
		if strings.Contains(f.Error(), "canary") {
			t.Errorf("quotes the value: %s", f)
		}
	}
}

func TestRefundValidateNamesTheField(t *testing.T) {
	t.Parallel()
	line := func(id string, minor int64) []order.RefundLine {
		return []order.RefundLine{{LineExternalID: id, Quantity: 1, Amount: usd(minor)}}
	}
	for _, c := range []struct {
		name, want string
		change     func(*order.Refund)
	}{
		{"OK nothing taken", "", func(*order.Refund) {}},
		{"OK full", "", func(r *order.Refund) { r.Full = true }},
		{"OK amount", "", func(r *order.Refund) { r.Amount = usd(5) }},
		{"OK lines", "", func(r *order.Refund) { r.Lines = line("11", 5) }},
		{"ErrSource", "INVALID source", func(r *order.Refund) { r.Source = "-" }},
		{"ErrScope", "INVALID sourceScope", func(r *order.Refund) { r.SourceScope = " " }},
		{"ErrQ07NoOrder", "INVALID orderExternalId", func(r *order.Refund) { r.OrderExternalID = "" }},
		{"ErrNoID", "INVALID externalId", func(r *order.Refund) { r.ExternalID = "" }},
		{"ErrCurrency", "CURRENCY_UNKNOWN currency", func(r *order.Refund) { r.Currency = "ZZZ" }},
		{"ErrMixed", "CURRENCY_MISMATCH amount", func(r *order.Refund) { r.Amount = money.Of(5, "EUR") }},
		{"ErrNegative", "AMOUNT_RANGE amount", func(r *order.Refund) { r.Amount = usd(-5) }},
		{"ErrReason", "TOO_LARGE reason", func(r *order.Refund) { r.Reason = strings.Repeat("x", 301) }},
		{"ErrVersion", "INVALID version", func(r *order.Refund) { r.Version = -1 }},
		{"ErrFullWithLines", "INVALID lines", func(r *order.Refund) { r.Full, r.Lines = true, line("11", 5) }},
		{"ErrFullWithAmount", "INVALID amount", func(r *order.Refund) { r.Full, r.Amount = true, usd(5) }},
		{"ErrLinesWithAmount", "INVALID amount", func(r *order.Refund) { r.Lines, r.Amount = line("11", 5), usd(5) }},
		{"ErrLine", "INVALID lines.0.lineExternalId; AMOUNT_RANGE lines.0.amount", func(r *order.Refund) { r.Lines = line("", -5) }},
		{"ErrLineQuantity", "AMOUNT_RANGE lines.0.quantity", func(r *order.Refund) {
			r.Lines = line("11", 5)
			r.Lines[0].Quantity = -1
		}},
		{"ErrTooManyLines", "TOO_LARGE lines", func(r *order.Refund) { r.Lines = make([]order.RefundLine, 1001) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := refund()
			c.change(&r)
			if got := told(r.Validate(received)); got != c.want {
				t.Errorf("faults %q, want %q", got, c.want)
			}
		})
	}
}
