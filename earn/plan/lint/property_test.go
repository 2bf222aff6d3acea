package lint_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/earn/plan/lint"
	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/money"
)

// drawOrder gives an order such as there may be: only a sale of a known buyer of more
// than nothing is a payment, every one of these is, the first is in month 0 and the
// later ones are of a buyer who returns.
func drawOrder(r *rand.Rand) plan.Input {
	c := pick(r, money.Currency("USD"), "EUR", "GBP")
	in := plan.Input{
		AffiliateID: pick(r, "aff_1", "aff_2", "aff_3"), GroupID: pick(r, "", "grp_1", "grp_2"), Currency: c,
		Kind: pick(r, "SALE", "SALE", "SALE", "LEAD", "SIGNUP"), Buyer: pick(r, plan.BuyerNew, plan.BuyerReturning, ""),
		At: begin.Add(time.Duration(r.IntN(20*24*60)) * time.Minute),
	}
	in.LocalMinute = int(in.At.Sub(begin)/time.Minute) % (7 * 24 * 60)
	in.Country, in.Device, in.Channel = pick(r, "", "DE", "AT", "FR"), pick(r, "", "MOBILE", "DESKTOP"), pick(r, "", "web", "pos")
	in.Coupons = pick(r, nil, []string{"june"}, []string{"july"}, []string{"june", "july"})
	if value := pick(r, "", "x", "y", "z"); value != "" {
		in.SubIDs = []plan.Label{{Name: "s1", Value: value}}
	}
	for i := range 1 + r.IntN(3) {
		l := plan.LineIn{ID: string(rune('a' + i)), Amount: money.Of(pick(r, int64(0), 1, 4999, 5000, 20_000), c), ProductID: pick(r, "", "shoes", "hats"), SKU: pick(r, "", "a", "b"), Category: pick(r, "", "mugs", "cups")}
		in.Order += l.Amount.Minor
		in.Lines = append(in.Lines, l)
	}
	if in.Kind == "SALE" && in.Buyer != "" && in.Order > 0 {
		in.Payment = 1
		if in.Buyer == plan.BuyerReturning && r.IntN(3) > 0 {
			in.Payment, in.Month = 2+r.IntN(3), r.IntN(4)
		}
	}
	return in
}

// N31: over 10 000 random terms no order is ever paid by a rule that was called
// unreachable, or whose condition or dates were said never to be met.
func TestN31_UnreachableIsNeverContradicted(t *testing.T) {
	t.Parallel()
	n := draws.Cases(10_000)
	found, orders, hits := map[lint.Code]int{}, 0, 0
	for i := range n {
		r := rand.New(rand.NewPCG(11, uint64(i)))
		v := draw(r)
		report := lint.Check(v, lint.Setting{Currency: "USD", From: begin})
		if !report.Complete {
			t.Fatalf("terms %d were left open", i)
		}
		never := map[string]lint.Code{}
		for _, f := range report.Findings {
			found[f.Code]++
			if slices.Contains([]lint.Code{lint.RuleUnreachable, lint.ConditionNeverHolds, lint.DatesNeverCome}, f.Code) {
				never[f.Rules[0]] = f.Code
			}
		}
		ready := v.Ready()
		for range 30 {
			in := drawOrder(r)
			orders++
			got, err := ready.Evaluate(in)
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range paying(got) {
				hits++
				if code, is := never[id]; is {
					t.Fatalf("terms %d: %s of %s, and it pays on %+v\n%+v", i, code, id, in, v.Rules)
				}
			}
		}
	}
	t.Log(found, orders, "orders", hits, "payments")
	for _, c := range []lint.Code{lint.RuleUnreachable, lint.ConditionNeverHolds, lint.DatesNeverCome} {
		if found[c] < n/200 {
			t.Errorf("%s was found %d times in %d terms", c, found[c], n)
		}
	}
	if hits < orders/4 {
		t.Errorf("of %d orders only %d were paid", orders, hits)
	}
}
