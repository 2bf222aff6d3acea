package plan_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/money"
)

// dice draws plans and orders.
type dice struct {
	*rand.Rand
	seen map[string]int
}

func (d dice) one(of int) bool { return d.IntN(of) == 0 }

func pick[T any](d dice, list ...T) T { return list[d.IntN(len(list))] }

var theDay = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func (d dice) version() plan.Version {
	v := plan.Version{ID: "plv_1", Number: 1, Precedence: pick(d, "", plan.MostSpecific, plan.FirstMatch, plan.Best, plan.Sum)}
	v.Base = plan.Base{Tax: d.one(3), Shipping: d.one(3), Discount: d.one(3), GiftCards: d.one(3)}
	d.seen["precedence "+string(v.Precedence)]++
	for range d.IntN(4) - 1 {
		v.Caps = append(v.Caps, plan.Cap{Scope: pick(d, plan.CapAffiliate, plan.CapProgram), Period: plan.Month,
			Amount: money.Of(d.Int64N(3000), pick(d, money.Currency("USD"), "USD", "JPY")), Over: pick(d, plan.OverCut, plan.OverCut, plan.OverNothing)})
	}
	v.HoldFrom, v.Bonuses = pick(d, "", "", plan.FromApproval), d.bonuses()
	for i := range d.IntN(7) {
		v.Rules = append(v.Rules, d.rule(fmt.Sprintf("r%d", i)))
	}
	return v
}

func (d dice) rule(id string) plan.Rule {
	r := plan.Rule{ID: id, Level: pick(d, plan.LevelProgram, plan.LevelProgram, plan.LevelGroup, plan.LevelAffiliate), Kind: pick(d, plan.KindPercent, plan.KindFixed, plan.KindBoth)}
	if r.Level != plan.LevelProgram {
		r.TargetID = pick(d, "aff_1", "grp_1", "other")
	}
	c := pick(d, money.Currency("USD"), "USD", "USD", "JPY")
	if r.Kind != plan.KindFixed {
		r.Rate = rate(pick(d, "0", "1", "7.5", "10", "33.333333", "99.99", "100"))
	}
	if r.Kind != plan.KindPercent {
		r.Fixed, r.PayOnZero = money.Of(d.Int64N(2000), c), d.one(2)
	}
	for _, clamp := range []*plan.Clamp{&r.PerLine, &r.PerOrder} {
		if low := d.Int64N(300); d.one(4) {
			clamp.Min = money.Of(low, c)
			clamp.Max = money.Of(low+d.Int64N(300), c)
		} else if d.one(4) {
			clamp.Max = money.Of(low, c)
		}
	}
	if d.one(2) {
		when := d.condition(0)
		r.When = &when
	}
	if d.one(5) {
		r.From = theDay.Add(time.Duration(d.IntN(3)-1) * time.Microsecond)
	}
	if d.one(5) {
		r.Until = theDay.Add(time.Duration(d.IntN(3)) * time.Microsecond)
	}
	for range d.IntN(5) - 2 {
		from := d.IntN(1439)
		r.DayParts = append(r.DayParts, plan.DayPart{Days: uint8(1 + d.IntN(127)), From: from, Until: from + 1 + d.IntN(1440-from)})
	}
	d.seen["kind "+string(r.Kind)]++
	if d.one(3) {
		r.Tiers = d.tiers(r.Kind, c)
	}
	return r
}

func (d dice) tiers(k plan.Kind, c money.Currency) *plan.Tiers {
	t := &plan.Tiers{Metric: pick(d, plan.MetricCount, plan.MetricRevenue, plan.MetricCommission), Mode: plan.Prospective, Period: plan.Month}
	if t.Metric == plan.MetricRevenue && k == plan.KindPercent && d.one(2) {
		t.Mode = plan.Marginal
	}
	for i := range 1 + d.IntN(3) {
		var s plan.Tier
		if from := 1 + d.Int64N(900) + int64(i)*1000; t.Metric == plan.MetricCount {
			s.Count = from
		} else {
			s.Amount = money.Of(from, c)
		}
		if k != plan.KindFixed {
			s.Rate = rate(pick(d, "2", "12.5", "33.333333"))
		}
		if k != plan.KindPercent {
			s.Fixed = money.Of(d.Int64N(2000), c)
		}
		t.Steps = append(t.Steps, s)
	}
	if t.Mode == plan.Prospective && d.one(3) {
		t.Mode = plan.Retroactive
	}
	t.Counts = pick(d, "", "", plan.CountsApproved)
	d.seen[fmt.Sprint("tiers ", t.Metric, " ", t.Mode)]++
	return t
}

func (d dice) condition(depth int) (c plan.Condition) {
	words := func() []string { return []string{pick(d, "a", "b", "c"), pick(d, "a", "d")} }
	switch pick(d, "product", "sku", "coupon", "affiliate", "group", "buyer", "kind", "label", "least", "below", "payments", "months", "country", "device", "channel", "category", "field", "field", "all", "any", "not") {
	case "product":
		c.ProductIDs = words()
	case "sku":
		c.SKUs = words()
	case "coupon":
		c.CouponCodes = words()
	case "affiliate":
		c.AffiliateIDs = []string{pick(d, "aff_1", "aff_2")}
	case "group":
		c.GroupIDs = []string{pick(d, "grp_1", "grp_2")}
	case "buyer":
		c.Buyers = []plan.Buyer{pick(d, plan.BuyerNew, plan.BuyerReturning)}
	case "kind":
		c.Kinds = []string{pick(d, "SALE", "LEAD")}
	case "label":
		c.SubIDs = []plan.SubID{{Name: pick(d, "s1", "s2"), Values: words()}}
	case "least":
		c.OrderAtLeast = money.Of(d.Int64N(8000), pick(d, money.Currency("USD"), "USD", "JPY"))
	case "below":
		c.OrderBelow = money.Of(d.Int64N(8000), "USD")
	case "payments":
		c.Payments = plan.Span{From: 1 + d.IntN(3), Until: pick(d, 0, 4, 5)}
	case "months":
		c.Months = plan.Span{From: d.IntN(3), Until: pick(d, 0, 3, 12)}
	case "country":
		c.Countries = []string{pick(d, "US", "DE"), "FR"}
	case "device":
		c.Devices = []string{pick(d, "MOBILE", "DESKTOP")}
	case "channel":
		c.Channels = words()
	case "category":
		c.Categories = words()
	case "field":
		c.Fields = []plan.FieldTest{d.fieldTest()}
	case "all", "any", "not":
		if d.joined(&c, depth); depth > 0 {
			d.seen["deep condition"]++
		}
	}
	if d.one(6) {
		c.ProductIDs = words()
	}
	return c
}

func (d dice) joined(c *plan.Condition, depth int) {
	if depth == 2 {
		c.SKUs = []string{"a"}
		return
	}
	one := []plan.Condition{d.condition(depth + 1), d.condition(depth + 1)}
	switch pick(d, "all", "any", "not") {
	case "all":
		c.All = one
	case "any":
		c.Any = one
	default:
		c.Not = &one[0]
	}
}

func (d dice) input() plan.Input {
	in := plan.Input{
		AffiliateID: "aff_1", GroupID: pick(d, "grp_1", ""), Currency: "USD", Share: pick(d, plan.Share{}, plan.Share{}, plan.Share{Num: 1, Den: 3}, plan.Share{Num: 2, Den: 7}),
		Kind: pick(d, "SALE", "LEAD"), Buyer: pick(d, plan.BuyerNew, plan.BuyerReturning, ""), At: theDay, LocalMinute: d.IntN(7 * 1440),
	}
	in.Country, in.Device, in.Channel = pick(d, "US", "FR", ""), pick(d, "MOBILE", "DESKTOP", ""), pick(d, "a", "c", "")
	d.fields(&in)
	if in.Payment = d.IntN(5); in.Payment > 1 {
		in.Month = d.IntN(13)
	}
	d.seen[fmt.Sprint("payment ", in.Payment)]++
	for range d.IntN(3) {
		in.Coupons = append(in.Coupons, pick(d, "a", "b"))
	}
	if d.one(2) {
		in.SubIDs = []plan.Label{{Name: pick(d, "s1", "s2"), Value: pick(d, "a", "b")}}
	}
	for i := range d.IntN(5) {
		l := plan.LineIn{ID: string(rune('p' + i)), Amount: money.Of(pick(d, 0, 1, 5, d.Int64N(5000)), "USD"), GiftCard: d.one(5), ProductID: pick(d, "a", "b", "c", ""), SKU: pick(d, "a", "b", "")}
		l.Tax, l.Shipping, l.Discount = pick(d, 0, d.Int64N(500)), pick(d, 0, d.Int64N(500)), pick(d, 0, d.Int64N(500))
		l.Category = pick(d, "a", "b", "")
		in.Order += l.Amount.Minor
		in.Lines = append(in.Lines, l)
	}
	for range d.IntN(6) - 3 {
		in.Paid = append(in.Paid, plan.Paid{RuleID: fmt.Sprintf("r%d", d.IntN(4)), LineID: string(rune('p' + d.IntN(4))), Minor: d.Int64N(200)})
	}
	for i := range 7 {
		in.Counters = append(in.Counters, plan.Counter{RuleID: fmt.Sprintf("r%d", i), AffiliateID: "aff_1", Before: pick(d, 0, d.Int64N(3000))})
	}
	for i := range 3 {
		in.Used = append(in.Used, plan.Used{Cap: i, Minor: pick(d, 0, d.Int64N(2000))})
	}
	d.seen[fmt.Sprint(len(in.Lines), " lines")]++
	return in
}

// Two evaluators, written apart from each other, pay the same on every line by
// every rule in 100 000 plans and orders; and what is kept of each explains itself.
func TestC08_TwoEvaluatorsAgree(t *testing.T) {
	t.Parallel()
	d := dice{rand.New(rand.NewPCG(8, 24)), map[string]int{}}
	for n := range draws.Cases(100_000) {
		v, in := d.version(), d.input()
		want := judged(v, in, d.seen)
		r, err := plan.Evaluate(v, in)
		if err != nil {
			t.Fatal(n, err)
		}
		got := map[string]map[string]int64{}
		for id := range want {
			got[id] = map[string]int64{}
		}
		for _, l := range r.Lines {
			for _, p := range l.Parts {
				got[l.ID][p.RuleID] = p.Amount
			}
		}
		if !maps.EqualFunc(got, want, maps.Equal[map[string]int64, map[string]int64]) {
			t.Fatalf("case %d: %v, want %v\n%+v\n%+v", n, got, want, v, in)
		}
		d.seen["reason "+string(r.Reason)]++
		d.goals(t, v)
		d.telescopes(t, v, r)
		if n%10 == 0 {
			stored(t, v, r)
		}
	}
	covered(t, d.seen, "precedence ", "precedence FIRST_MATCH", "precedence BEST", "precedence SUM", "kind PERCENT", "kind FIXED", "kind PERCENT_AND_FIXED",
		"0 lines", "4 lines", "payment 0", "payment 4", "reason ", "reason NO_RULE", "reason CURRENCY_MISMATCH", "reason ZERO_BASE", "reason OVER_CAP", "capped CUT", "capped NOTHING", "across a threshold",
		"tiers COUNT PROSPECTIVE", "tiers REVENUE PROSPECTIVE", "tiers REVENUE MARGINAL", "tiers COMMISSION PROSPECTIVE", "tiers COUNT RETROACTIVE", "tiers REVENUE RETROACTIVE", "tiers COMMISSION RETROACTIVE", "restated", "goal of every multiple", "goal reached", "goal not reached", "deep condition", "bounded per order", "in another currency",
		"field absent", "field IS true", "field IS false", "field IS_NOT true", "field IS_NOT false", "field ONE_OF true", "field ONE_OF false",
		"field AT_LEAST true", "field AT_LEAST false", "field BELOW true", "field BELOW false")
}

// stored checks that the bytes of version and trace give the same again.
func stored(t *testing.T, v plan.Version, r plan.Result) {
	t.Helper()
	again, err := plan.DecodeVersion(v.Encode())
	if err != nil {
		t.Fatal(err)
	}
	trace, err := plan.DecodeTrace(r.Trace.Encode())
	if err != nil || !bytes.Equal(trace.Encode(), r.Trace.Encode()) {
		t.Fatal(err)
	}
	e, err := plan.Explain(trace, again)
	if err != nil || e.Amount != r.Amount || e.Steps[len(e.Steps)-1].After != r.Amount.Minor {
		t.Fatalf("explained %+v, %v; posted %s", e, err, r.Amount)
	}
	whole, err := trace.Due(again, plan.Refunded{Whole: true}, 0)
	if err != nil || whole != r.Amount.Minor {
		t.Fatalf("all of it back leaves %d of %s, %v", r.Amount.Minor-whole, r.Amount, err)
	}
}
