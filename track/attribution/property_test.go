package attribution_test

import (
	"bytes"
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/track/attribution"
	"pgregory.net/rapid"
)

func drawPolicy(t *rapid.T) attribution.Policy {
	p := attribution.Policy{
		Window: time.Duration(rapid.SampledFrom([]int{72, 24, 5, 1}).Draw(t, "hours")) * hour,
		Skew:   time.Duration(rapid.IntRange(0, 3).Draw(t, "skew")) * time.Second,
		Precedence: rapid.SampledFrom([][]attribution.Kind{
			{"COUPON", "CLICK"}, {"CLICK", "COUPON"}, nil, {"CLICK"}, {"COUPON"},
		}).Draw(t, "precedence"),
		OnSuspended: rapid.SampledFrom([]attribution.SuspendedRule{
			attribution.SuspendedNext, attribution.SuspendedNone, "",
		}).Draw(t, "suspended"),
		Lifetime: rapid.SampledFrom([]attribution.Lifetime{"", "", "FIRST", "LAST", "UNTIL_EXPIRY"}).Draw(t, "lifetime"),
	}
	if p.Lifetime == attribution.LifetimeUntil {
		p.LifetimeFor = 48 * hour
	}
	return withModel(t, p)
}

func withModel(t *rapid.T, p attribution.Policy) attribution.Policy {
	p.Model = rapid.SampledFrom(append(attribution.Models(), "", "")).Draw(t, "model")
	switch p.Model {
	case attribution.ModelPosition:
		p.First = rapid.Int64Range(0, 100).Draw(t, "first")
		p.Last = rapid.Int64Range(max(0, 1-p.First), 100-p.First).Draw(t, "last")
	case attribution.ModelTimeDecay:
		p.HalfLife = time.Duration(rapid.IntRange(3600, 100_000).Draw(t, "half")) * time.Second
	}
	if shares(p.Model) {
		p.OnSuspended = attribution.SuspendedNext
	}
	if rapid.IntRange(0, 3).Draw(t, "override") == 3 {
		p.Overrides = []attribution.Override{{AffiliateID: "aff_b", Window: 22 * hour}}
	}
	return p
}

func shares(m attribution.Model) bool {
	return slices.Contains([]attribution.Model{"LINEAR", "POSITION", "TIME_DECAY"}, m)
}

// drawTouch makes collisions of instants likely and most touches eligible. The
// odd nanoseconds show whether an instant is compared before it is cut. Lists
// begin with what makes a touch eligible, because the generator prefers the front.
func drawTouch(t *rapid.T, n int) attribution.Touch {
	touch := attribution.Touch{
		ID:              "tch_" + string(rune('a'+n/26)) + string(rune('a'+n%26)),
		Kind:            rapid.SampledFrom([]attribution.Kind{"CLICK", "CLICK", "CLICK", "CLICK", "COUPON", "DIRECT", "BINDING"}).Draw(t, "kind"),
		AffiliateID:     rapid.SampledFrom([]string{"aff_a", "aff_b", "aff_c"}).Draw(t, "affiliate"),
		AffiliateStatus: rapid.SampledFrom([]string{"ACTIVE", "ACTIVE", "ACTIVE", "SUSPENDED"}).Draw(t, "status"),
		At: sale.Add(-time.Duration(rapid.SampledFrom([]int{1, 2, 4, 20, 5, 24, 0, 71, 72, -1, 80}).Draw(t, "age"))*hour +
			time.Duration(rapid.SampledFrom([]int{0, 0, 300, -300}).Draw(t, "ns"))),
		Payable:          rapid.SampledFrom([]bool{true, true, true, true, false}).Draw(t, "payable"),
		BuyerIsAffiliate: rapid.SampledFrom([]bool{false, false, false, false, true}).Draw(t, "self"),
	}
	if touch.Kind == attribution.KindCoupon {
		touch.Position = rapid.IntRange(0, 2).Draw(t, "position")
	}
	return touch
}

// drawFacts gives facts as a caller has them, not yet in canonical form.
func drawFacts(t *rapid.T) attribution.Facts {
	occurred := sale.Add(time.Duration(rapid.SampledFrom([]int{0, 300, -300}).Draw(t, "ns")))
	touches := make([]attribution.Touch, rapid.SampledFrom([]int{3, 5, 8, 2, 1, 0}).Draw(t, "touches"))
	for i := range touches {
		touches[i] = drawTouch(t, i)
	}
	return attribution.Facts{ConversionID: "cnv_x", OccurredAt: occurred, Touches: touches}
}

func TestN09_DecisionProperties(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	draws.Explore(t, seen, func(t *rapid.T) {
		for range 10 {
			p := drawPolicy(t)
			facts := drawFacts(t)
			d := attribution.Decide(p, facts)
			seen[string(d.Rule)]++
			for _, e := range d.Excluded {
				seen[string(e.Reason)]++
			}
			if len(d.Parties()) > 1 {
				seen["several parties"]++
			}
			if faults := p.Validate(); len(faults) > 0 {
				t.Fatalf("drew a policy that is none: %v", faults[0])
			}
			sharesAreWhole(t, d)
			everyTouchIsAnswered(t, d, facts.Touches)
			winnerIsBest(t, p, d, attribution.Freeze("cnv_x", facts.OccurredAt, facts.Touches))
			replaysToTheSameBytes(t, p, facts, d)
			orderDoesNotMatter(t, p, d, facts)
		}
	}, "LAST_CLICK", "FIRST_COUPON", "NO_TOUCH", "NO_ELIGIBLE_TOUCH", "WINNER_INACTIVE",
		"NOT_PAYABLE", "KIND_NOT_CREDITED", "AFTER_CONVERSION", "WINDOW_EXPIRED", "SELF_REFERRAL",
		"AFFILIATE_SUSPENDED", "OUTRANKED", "SUPERSEDED", "FIRST_CLICK", "LINEAR", "POSITION", "TIME_DECAY",
		"DIRECT_VISIT", "LIFETIME", "NO_WEIGHT", "several parties")
}

func sharesAreWhole(t *rapid.T, d attribution.Decision) {
	sum := new(big.Rat)
	for _, s := range d.Shares {
		if s.Num < 1 || s.Den != d.Shares[0].Den {
			t.Fatalf("share %+v", s)
		}
		sum.Add(sum, big.NewRat(s.Num, s.Den))
	}
	var parties int64
	for _, p := range d.Parties() {
		parties += p.Num
	}
	if d.Credited() && parties != d.Shares[0].Den || !d.Credited() && parties != 0 {
		t.Fatalf("parties %+v of %+v", d.Parties(), d.Shares)
	}
	if d.Credited() != (sum.Cmp(big.NewRat(1, 1)) == 0) || !d.Credited() && sum.Sign() != 0 {
		t.Fatalf("shares sum to %s in %+v", sum, d)
	}
}

func everyTouchIsAnswered(t *rapid.T, d attribution.Decision, touches []attribution.Touch) {
	answered := map[string]int{}
	for _, e := range d.Excluded {
		answered[e.TouchID]++
		if e.Reason == "" {
			t.Fatalf("%s has no reason", e.TouchID)
		}
	}
	for _, s := range d.Shares {
		answered[s.TouchID]++
	}
	for _, touch := range touches {
		if answered[touch.ID] != 1 {
			t.Fatalf("%s answered %d times", touch.ID, answered[touch.ID])
		}
	}
}

// everybodyIsEligible checks who shares against the rules restated as refusals.
func everybodyIsEligible(t *rapid.T, p attribution.Policy, d attribution.Decision, f attribution.Facts) {
	for _, x := range f.Touches {
		age := f.OccurredAt.Sub(x.At)
		bound := x.Kind == attribution.KindBinding
		late := age >= p.WindowOf(x.AffiliateID) && !bound || bound && p.Lifetime == attribution.LifetimeUntil && age >= p.LifetimeFor
		if d.ShareOf(x.ID).Num > 0 && (!x.Payable || x.BuyerIsAffiliate || x.AffiliateStatus != "ACTIVE" || age < -p.Skew ||
			late || x.Kind == attribution.KindDirect || bound && p.Lifetime == "") {
			t.Fatalf("credited %+v", x)
		}
	}
}

// winnerIsBest checks the winner of the models that have one.
func winnerIsBest(t *rapid.T, p attribution.Policy, d attribution.Decision, f attribution.Facts) {
	everybodyIsEligible(t, p, d, f)
	if !d.Credited() || shares(p.Model) || d.Rule == attribution.RuleLifetime {
		return
	}
	w := f.Touches[slices.IndexFunc(f.Touches, func(x attribution.Touch) bool { return x.ID == d.TouchID })]
	for _, o := range f.Touches {
		age := f.OccurredAt.Sub(o.At)
		rival := o.Kind == w.Kind && o.Payable && !o.BuyerIsAffiliate && o.AffiliateStatus == "ACTIVE" &&
			age >= -p.Skew && age < p.WindowOf(o.AffiliateID)
		earlier := p.Model == attribution.ModelFirst && w.Kind == attribution.KindClick
		if rival && (o.Position < w.Position || o.Position == w.Position && o.At.After(w.At) && !earlier || earlier && o.At.Before(w.At)) {
			t.Fatalf("credited %+v although %+v is stronger", w, o)
		}
	}
}

func replaysToTheSameBytes(t *rapid.T, p attribution.Policy, f attribution.Facts, d attribution.Decision) {
	again, err := attribution.Replay(p.Encode(), f.Encode())
	if err != nil || !bytes.Equal(again, d.Encode()) {
		t.Fatalf("replay gave other bytes: %v", err)
	}
	back, err := attribution.DecodeDecision(again)
	if err != nil || !bytes.Equal(back.Encode(), again) {
		t.Fatalf("decision does not survive its encoding: %v", err)
	}
}

func orderDoesNotMatter(t *rapid.T, p attribution.Policy, d attribution.Decision, f attribution.Facts) {
	shuffled := f
	shuffled.Touches = rapid.Permutation(f.Touches).Draw(t, "order")
	if !bytes.Equal(attribution.Decide(p, shuffled).Encode(), d.Encode()) {
		t.Fatal("another order of touches decided otherwise")
	}
	if !bytes.Equal(shuffled.Encode(), f.Encode()) {
		t.Fatal("another order of touches has other bytes")
	}
}

func TestFreezeKeepsCouponsAndTheLatest(t *testing.T) {
	t.Parallel()
	touches := []attribution.Touch{coupon("k1", "A", 0)}
	for i := range 250 { // c000 is the oldest; with the coupon 251 touches, so 51 go
		touches = append(touches, click(fmt.Sprintf("c%03d", i), "B", time.Duration(300-i)*hour))
	}
	f := attribution.Freeze("cnv_1", sale, touches)
	if len(f.Touches) != 200 || f.Dropped != 51 {
		t.Fatalf("kept %d, dropped %d", len(f.Touches), f.Dropped)
	}
	if first, last := f.Touches[0].At, f.Touches[199].ID; !first.Equal(sale.Add(-249*hour)) || last != "k1" {
		t.Errorf("oldest kept is at %s, last is %s", first, last)
	}
}
