package order_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/track/order"
)

// given applies refunds one after the other and gives what is left of each line.
func given(t *rapid.T, rem order.Remainder, refunds []order.Refund) (left []int64) {
	rem.Lines = slices.Clone(rem.Lines)
	for _, r := range refunds {
		taken, err := r.Apportion(rem)
		if err != nil {
			t.Fatalf("%+v after others: %v", r, err)
		}
		rem.Amounts += r.Amount.Minor
		for i, named := range r.Named(rem) {
			rem.Lines[i].Amount -= taken[i]
			rem.Lines[i].Spread += taken[i] - named
			rem.Total -= named
		}
		rem.Total -= r.Amount.Minor
	}
	for _, l := range rem.Lines {
		if l.Amount < 0 || l.Amount > l.Sold {
			t.Fatalf("left %+v", rem.Lines)
		}
		left = append(left, l.Amount)
	}
	return left
}

// However money that is given back is split, and in whichever order its parts come, the
// lines lose the same, and no order of them makes one be refused.
func TestQ03_AnySplitAndOrderOfRefundsLeavesTheSame(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	draws.Explore(t, seen, func(t *rapid.T) {
		rem := drawRemainder(t)
		var refunds []order.Refund
		for i, l := range rem.Lines {
			rem.Lines[i].Sold = l.Amount
			if rapid.Bool().Draw(t, "named") {
				part := rapid.Int64Range(0, min(l.Amount, 200)).Draw(t, "of the line")
				refunds = append(refunds, pieces(t, part, func(r *order.Refund, minor int64) {
					r.Lines = []order.RefundLine{{LineExternalID: l.ExternalID, Amount: usd(minor)}}
				})...)
				seen["line"]++
			}
		}
		room := rem.Total
		for _, r := range refunds {
			room -= r.Lines[0].Amount.Minor
		}
		amount := rapid.Int64Range(0, room).Draw(t, "amount")
		whole := append(slices.Clone(refunds), amountOf(amount))
		refunds = append(refunds, pieces(t, amount, func(r *order.Refund, minor int64) { r.Amount = usd(minor) })...)
		want := given(t, rem, whole)
		random := rand.New(rand.NewPCG(3, rapid.Uint64().Draw(t, "order")))
		for range 3 {
			random.Shuffle(len(refunds), func(i, j int) { refunds[i], refunds[j] = refunds[j], refunds[i] })
			if got := given(t, rem, refunds); !slices.Equal(got, want) {
				t.Fatalf("left %v, in another order %v", want, got)
			}
		}
		seen[fmt.Sprint("many lines ", len(rem.Lines) > 2)]++
	}, "line", "many lines true")
}

func amountOf(minor int64) order.Refund {
	r := refund()
	r.Amount = usd(minor)
	return r
}

// pieces cuts an amount into refunds, small ones first.
func pieces(t *rapid.T, minor int64, say func(*order.Refund, int64)) (all []order.Refund) {
	for minor > 0 && len(all) < 20 {
		part := rapid.Int64Range(1, max(1, minor/8)).Draw(t, "piece")
		r := refund()
		say(&r, part)
		all, minor = append(all, r), minor-part
	}
	if minor > 0 {
		r := refund()
		say(&r, minor)
		all = append(all, r)
	}
	return all
}
