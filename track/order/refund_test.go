package order_test

import (
	"slices"
	"testing"

	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/order"
	"pgregory.net/rapid"
)

// left is what remains of sample() at first: 20.00, 9.99 and the gift card of
// 50.00, together 79.99 of the 91.69 paid with shipping and tax.
func left() order.Remainder { return sample().Remainder() }

func TestQ06_RefundOverLines(t *testing.T) {
	t.Parallel()
	byLines := func(lines ...order.RefundLine) func(*order.Refund) {
		return func(r *order.Refund) { r.Lines = lines }
	}
	amount := func(minor int64) func(*order.Refund) {
		return func(r *order.Refund) { r.Amount = usd(minor) }
	}
	for _, c := range []struct {
		name   string
		refund func(*order.Refund)
		want   []int64
	}{
		{"everything", func(r *order.Refund) { r.Full = true }, []int64{2000, 999, 5000}},
		{"Q08 only shipping", func(*order.Refund) {}, []int64{0, 0, 0}},
		{"one line", byLines(order.RefundLine{LineExternalID: "12", Quantity: 1, Amount: usd(999)}), []int64{0, 999, 0}},
		{"one line twice: 3.00 + 4.50", byLines(
			order.RefundLine{LineExternalID: "11", Amount: usd(300)},
			order.RefundLine{LineExternalID: "11", Amount: usd(450)}), []int64{750, 0, 0}},
		// 10.00 over 20.00 : 9.99 : 50.00 of 79.99. Exact: 250.03…, 124.89…, 625.07….
		// Cut: 250 + 124 + 625 = 999; the cent left goes to the largest rest, .89.
		{"an amount", amount(1000), []int64{250, 125, 625}},
		// All goods and 11.70 of shipping and tax.
		{"the whole total", amount(9169), []int64{2000, 999, 5000}},
		{"a little more than the goods", amount(8000), []int64{2000, 999, 5000}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := refund()
			c.refund(&r)
			if got, err := r.Apportion(left()); err != nil || !slices.Equal(got, c.want) {
				t.Errorf("takes %v (%v), want %v", got, err, c.want)
			}
		})
	}
}

func TestQ05_RefundAboveTheOrderIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		refund func(*order.Refund)
		want   string
	}{
		{"a cent above the total", func(r *order.Refund) { r.Amount = usd(9170) }, "REFUND_EXCEEDS_ORDER amount"},
		{"a cent above the line", func(r *order.Refund) {
			r.Lines = []order.RefundLine{{LineExternalID: "12", Amount: usd(1000)}}
		}, "REFUND_EXCEEDS_ORDER lines.0.amount"},
		{"above it in two parts", func(r *order.Refund) {
			r.Lines = []order.RefundLine{{LineExternalID: "12", Amount: usd(999)}, {LineExternalID: "12", Amount: usd(1)}}
		}, "REFUND_EXCEEDS_ORDER lines.1.amount"},
		{"a product instead of a line", func(r *order.Refund) {
			r.Lines = []order.RefundLine{{LineExternalID: "p1", Amount: usd(1)}}
		}, "NOT_FOUND lines.0.lineExternalId"},
		{"another currency", func(r *order.Refund) { r.Currency = "EUR" }, "CURRENCY_MISMATCH currency"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := refund()
			c.refund(&r)
			taken, err := r.Apportion(left())
			p, ok := problem.As(err)
			if !ok || taken != nil || told([]*problem.Error{p}) != c.want {
				t.Errorf("gives %v and %v, want %s", taken, err, c.want)
			}
		})
	}
}

func TestApportionRefusesAnInconsistentRemainder(t *testing.T) {
	t.Parallel()
	r := refund()
	r.Amount = usd(1)
	rem := order.Remainder{Currency: "USD", Total: 5, Lines: []order.LineRemainder{{ExternalID: "a", Amount: 3}, {ExternalID: "a", Amount: 2}}}
	if _, err := r.Apportion(rem); problem.CodeOf(err) != problem.Internal {
		t.Errorf("a repeated line gave %v", err)
	}
}

// Any mixture of refunds never takes a line below zero, and after the last one
// ("everything that remains") each line is at exactly zero.
func TestQ03_RefundsEndAtZero(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	draws.Explore(t, seen, func(t *rapid.T) {
		rem := drawRemainder(t)
		for range rapid.IntRange(1, 5).Draw(t, "refunds") {
			r, kind := drawRefund(t, rem)
			taken, err := r.Apportion(rem)
			if err != nil {
				t.Fatalf("%+v: %v", r, err)
			}
			seen[kind]++
			take(t, &rem, r, taken)
		}
		last := refund()
		last.Full = true
		taken, err := last.Apportion(rem)
		if err != nil {
			t.Fatal(err)
		}
		take(t, &rem, last, taken)
		for _, l := range rem.Lines {
			if l.Amount != 0 {
				t.Fatalf("%d left of %s", l.Amount, l.ExternalID)
			}
		}
	}, "line", "amount", "amount beyond goods", "nothing")
}

func drawRemainder(t *rapid.T) order.Remainder {
	rem := order.Remainder{Currency: "USD", Total: rapid.Int64Range(0, 500).Draw(t, "shipping and tax")}
	for i := range rapid.IntRange(1, 5).Draw(t, "lines") {
		l := order.LineRemainder{ExternalID: string(rune('a' + i)), Amount: rapid.Int64Range(0, 10_000).Draw(t, "amount")}
		rem.Lines = append(rem.Lines, l)
		rem.Total += l.Amount
	}
	return rem
}

func drawRefund(t *rapid.T, rem order.Remainder) (order.Refund, string) {
	r := refund()
	switch rapid.SampledFrom([]string{"line", "amount", "nothing"}).Draw(t, "kind") {
	case "line":
		l := rapid.SampledFrom(rem.Lines).Draw(t, "line")
		r.Lines = []order.RefundLine{{LineExternalID: l.ExternalID, Amount: usd(rapid.Int64Range(0, l.Amount).Draw(t, "part"))}}
		return r, "line"
	case "amount":
		r.Amount = usd(rapid.Int64Range(0, rem.Total).Draw(t, "part"))
		if r.Amount.Minor > goods(rem) {
			return r, "amount beyond goods"
		}
		return r, "amount"
	}
	return r, "nothing"
}

func goods(rem order.Remainder) (sum int64) {
	for _, l := range rem.Lines {
		sum += l.Amount
	}
	return sum
}

// take applies a refund and checks that what was asked for is what was taken.
func take(t *rapid.T, rem *order.Remainder, r order.Refund, taken []int64) {
	before := goods(*rem)
	for i, n := range taken {
		rem.Lines[i].Amount -= n
		if n < 0 || rem.Lines[i].Amount < 0 {
			t.Fatalf("takes %v from %+v", taken, rem.Lines)
		}
	}
	asked := r.Amount.Minor
	for _, l := range r.Lines {
		asked += l.Amount.Minor
	}
	if got := before - goods(*rem); !r.Full && got != min(asked, before) {
		t.Fatalf("took %d of %d asked and %d left", got, asked, before)
	}
	rem.Total = max(rem.Total-asked, goods(*rem))
}

func TestRefundOfAnotherCurrencyNeverMixes(t *testing.T) {
	t.Parallel()
	r := refund()
	r.Currency, r.Full = "JPY", true
	rem := order.Remainder{Currency: "JPY", Lines: []order.LineRemainder{{ExternalID: "a", Amount: 700}}}
	if got, err := r.Apportion(rem); err != nil || got[0] != money.Of(700, "JPY").Minor {
		t.Errorf("takes %v, %v", got, err)
	}
}
