package connect

import (
	"fmt"
	"testing"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/track/order"
	"pgregory.net/rapid"
)

// told is a refund of lines.
func told(currency money.Currency, lines ...order.RefundLine) Refund {
	return Refund{Refund: order.Refund{Currency: currency, Lines: lines}}
}

// back is units of a line given back.
func back(line string, units, amount int64) order.RefundLine {
	return order.RefundLine{LineExternalID: line, Quantity: units, Amount: money.Of(amount, "USD")}
}

// The order lines, by hand. "apart": 100.00 and 20.00 of tax on top. "inside": a price
// of 120.00 that holds 20.00. "four": four at 10.00 with 8.00 of tax on top. "three":
// three at 10.00 holding 1.67 each: 30.00 − 5.00 = 25.00. "free": nothing, tax on top
// of nothing. "edited": half of "inside" was edited away: 50.00 and 10.00, one unit of
// 60.00. "nearly": "three" after two were given back at 8.33.
var soldLines = []sold{
	{ID: "apart", Quantity: 1, Amount: 10000, Tax: 2000},
	{ID: "inside", Quantity: 1, Amount: 10000, Tax: 2000},
	{ID: "four", Quantity: 4, Amount: 4000, Tax: 800},
	{ID: "three", Quantity: 3, Amount: 2500, Tax: 500},
	{ID: "free", Quantity: 1, Amount: 0, Tax: 40},
	{ID: "edited", Quantity: 1, Amount: 5000, Tax: 1000},
	{ID: "nearly", Quantity: 3, Amount: 2500, Tax: 500, Refunded: 1666},
}

func TestQ08_RefundsAreSettledInTheTermsOfTheirOrder(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		line                          string
		units, amount, tax, kept, net int64
	}{
		"tax apart":                {"apart", 1, 10000, 2000, 0, 10000},
		"tax apart, two of four":   {"four", 2, 2000, 400, 0, 2000},
		"tax apart, half kept":     {"apart", 1, 10000, 2000, 5000, 5000},
		"tax inside":               {"inside", 1, 12000, 2000, 0, 10000},
		"tax inside, half kept":    {"inside", 1, 12000, 2000, 6000, 5000}, // (120.00 − 20.00) × 60.00 / 120.00
		"all kept":                 {"inside", 1, 12000, 2000, 99999, 0},
		"one of three":             {"three", 1, 1000, 167, 0, 833},  // 10.00 − 1.67
		"two of three":             {"three", 2, 2000, 333, 0, 1667}, // 20.00 − 3.33
		"the last of three":        {"nearly", 1, 1000, 166, 0, 834}, // 25.00 − 16.66 = 8.34
		"a cent of rounding above": {"nearly", 1, 1000, 163, 0, 834}, // 8.37 is 3 above what is left
		"no tax told":              {"apart", 1, 10000, 0, 0, 10000},
		"nothing":                  {"free", 1, 0, 40, 0, 0},
		"an edited line":           {"edited", 1, 6000, 1000, 0, 5000}, // 60.00 − 10.00
		"far above, not forgiven":  {"apart", 1, 10002, 2000, 0, 10002},
		"a cent above, forgiven":   {"apart", 1, 10001, 2000, 0, 10000},
		"a line nobody knows":      {"other", 1, 700, 100, 0, 700},
	} {
		r := told("USD", back(row.line, row.units, row.amount))
		r.Tax, r.Kept = []money.Money{money.Of(row.tax, "USD")}, money.Of(row.kept, "USD")
		out, _ := settled(r, "USD", soldLines)
		if got := out.Lines[0].Amount.Minor; got != row.net {
			t.Errorf("%s: %d, want %d", name, got, row.net)
		}
	}
}

func TestARefundThatNamesALineTwiceIsSettledTogether(t *testing.T) {
	t.Parallel()
	// 60.00 and 40.01 of 100.00: a cent too many, forgiven once, at the second.
	r, cut := settled(told("USD", back("apart", 0, 6000), back("apart", 1, 4001)), "USD", soldLines)
	if r.Lines[0].Amount.Minor != 6000 || r.Lines[1].Amount.Minor != 4000 || cut != 1 {
		t.Errorf("got %+v, cut %d", r.Lines, cut)
	}
}

func TestARefundWithoutAmountsIsInTheOrdersCurrency(t *testing.T) {
	t.Parallel()
	if out, _ := settled(told(""), "JPY", nil); out.Currency != "JPY" {
		t.Errorf("got %q", out.Currency)
	}
}

func TestSettleTakesTaxAndWhatWasKeptOffOnce(t *testing.T) {
	t.Parallel()
	// 12.00 holding 2.00 and 0.30 that cannot hold 0.40; 4.10 kept of 12.30, split by
	// price 4.00 + 0.10: (12.00 − 2.00) × 8.00 / 12.00 = 6.67; nothing.
	r := told("USD", back("a", 1, 1200), back("b", 1, 30))
	r.Tax, r.Kept = []money.Money{money.Of(200, "USD"), money.Of(40, "USD")}, money.Of(410, "USD")
	for range 2 {
		r.Settle(func(int) bool { return true })
		if r.Lines[0].Amount.Minor != 667 || r.Lines[1].Amount.Minor != 0 || r.Tax != nil || !r.Kept.IsZero() {
			t.Errorf("got %+v", r)
		}
	}
}

// Whatever the price, the rate and the number of units, a line that is given back
// unit by unit, each rounded by the shop, ends at nothing left and at no cent beyond,
// whether its price holds the tax or not.
func TestQ03_UnitByUnitEndsAtNothing(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.Int64Range(1, 12).Draw(t, "units")
		price := rapid.Int64Range(50, 1_000_000).Draw(t, "price")
		rate := rapid.Int64Range(4, 27).Draw(t, "rate")
		inside := rapid.Bool().Draw(t, "inside")
		seen[fmt.Sprint(inside)]++
		tax := func(gross int64) int64 { // the shop's rounding
			den := int64(100)
			if inside {
				den += rate
			}
			return (gross*rate*2 + den) / (2 * den)
		}
		gross := price * units
		line := sold{ID: "a", Quantity: units, Amount: gross, Tax: tax(gross)}
		if inside {
			line.Amount -= line.Tax
		}
		for range units {
			r := told("USD", back("a", 1, price))
			r.Tax = []money.Money{money.Of(tax(price), "USD")}
			out, _ := settled(r, "USD", []sold{line})
			line.Refunded += out.Lines[0].Amount.Minor
		}
		if left := line.Amount - line.Refunded; left < 0 || left > units {
			t.Fatalf("left %d of %+v", left, line)
		}
	})
	if seen["true"] < 20 || seen["false"] < 20 {
		t.Errorf("the generator made %v", seen)
	}
}
