package order_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tributary/tributary/track/order"
)

// 100.00 and 40.00 of goods, 168.00 paid with tax. By hand, of each line what of the
// total has been given back: 4001/16800 → 23.82 and 9.53; 7336/16800 → 43.67 and 17.47,
// which is 19.85 and 7.94 more; all → 100.00 and 40.00.
func TestQ08_WhatWasPaidIsGivenBackInTheSamePartOfEachLine(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string][]struct {
		paid int64
		want []int64
	}{
		"one, the other, the rest": {{4001, []int64{2382, 953}}, {3335, []int64{1985, 794}}, {9464, []int64{5633, 2253}}},
		// 3335/16800: 19.8512 → 19.85 and 7.9405 → 7.94; then up to 43.67 and 17.47.
		"the other first": {{3335, []int64{1985, 794}}, {4001, []int64{2382, 953}}, {9464, []int64{5633, 2253}}},
		"all at once":     {{16800, []int64{10000, 4000}}},
		"more than all":   {{16801, []int64{10000, 4000}}, {1, []int64{0, 0}}},
	} {
		rem := order.Remainder{Currency: "USD", Total: 16800, Paid: 16800, Lines: []order.LineRemainder{
			{ExternalID: "a", Amount: 10000, Sold: 10000}, {ExternalID: "b", Amount: 4000, Sold: 4000},
		}}
		for _, step := range steps {
			r := refund()
			r.Lines, r.Amount, r.Paid = nil, usd(0), usd(step.paid)
			got, err := r.Apportion(rem)
			if err != nil || !slices.Equal(got, step.want) {
				t.Errorf("%s: %d takes %v, %v; want %v", name, step.paid, got, err, step.want)
				break
			}
			rem.Total -= min(step.paid, rem.Total)
			for i := range rem.Lines {
				rem.Lines[i].Amount -= got[i]
			}
		}
	}
}

func TestPaidStandsAlone(t *testing.T) {
	t.Parallel()
	for _, change := range []func(*order.Refund){
		func(r *order.Refund) { r.Full = true }, func(r *order.Refund) { r.Amount = usd(1) },
		func(r *order.Refund) { r.Lines = []order.RefundLine{{"11", 1, usd(5)}} },
	} {
		r := refund()
		r.Lines, r.Amount, r.Paid = nil, usd(0), usd(100)
		bare := r.Digest()
		change(&r)
		if got := told(r.Validate(received)); !strings.Contains(got, "INVALID paid") {
			t.Errorf("%s", got)
		}
		r = refund()
		r.Lines, r.Amount, r.Paid = nil, usd(0), usd(101)
		if r.Digest() == bare {
			t.Error("other money has the same digest")
		}
	}
}
