package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
)

const p, g, a = plan.LevelProgram, plan.LevelGroup, plan.LevelAffiliate

func with(rules ...plan.Rule) func(*plan.Version) {
	return func(v *plan.Version) { v.Rules = rules }
}

func policy(mode plan.RefundMode, at int64) func(*plan.Version) {
	return func(v *plan.Version) { v.RefundPolicy = plan.RefundPolicy{Mode: mode, AtPercent: at} }
}

// odd is a fixed rule with a rate and an unknown refund mode, mix a percent rule
// with an amount.
func odd() plan.Rule {
	r := fixed("f", p, "", 1, "USD")
	r.Rate, r.Refund.Mode = rate("1"), "SOME"
	return r
}

func mix() plan.Rule {
	r := percent("m", p, "", "1")
	r.Fixed = money.Of(1, "USD")
	return r
}

var versionFaults = []struct {
	name, want string
	change     func(*plan.Version)
}{
	{"OK", "", func(*plan.Version) {}},
	{"OK nothing", "", with()},
	{"OK each level", "", with(percent("1", p, "", "100"), percent("2", g, "x", "0"), percent("3", a, "x", "0.000001"))},
	{"OK currencies", "", with(fixed("1", p, "", 0, "USD"), onZero(fixed("2", p, "", 1e15, "EUR")))},
	{"OK threshold", "", policy(plan.RefundAllOrNothing, 100)},
	{"ErrHold", "INVALID holdDays", func(v *plan.Version) { v.HoldDays = 366 }},
	{"ErrHoldNegative", "INVALID holdDays", func(v *plan.Version) { v.HoldDays = -1 }},
	{"ErrMode", "INVALID refundPolicy.mode", policy("SOME", 0)},
	{"ErrThresholdZero", "INVALID refundPolicy.atPercent", policy(plan.RefundAllOrNothing, 0)},
	{"ErrThresholdHigh", "INVALID refundPolicy.atPercent", policy(plan.RefundAllOrNothing, 101)},
	{"ErrThresholdOfKeep", "INVALID refundPolicy.atPercent", policy(plan.RefundKeep, 1)},
	{"ErrNoID", "INVALID rules.0.id", with(percent("", p, "", "1"))},
	{"ErrSameID", "TAKEN rules.1.id", with(percent("1", p, "", "1"), percent("1", g, "x", "1"))},
	{"ErrLevel", "INVALID rules.0.level", with(percent("1", "SHOP", "x", "1"))},
	{"ErrTargetMissing", "INVALID rules.0.targetId", with(percent("1", g, "", "1"))},
	{"ErrTargetOfProgram", "INVALID rules.0.targetId", with(percent("1", p, "x", "1"))},
	{"ErrKind", "INVALID rules.0.kind", with(plan.Rule{ID: "1", Level: p, Kind: "BOTH"})},
	{"ErrAboveAll", "INVALID rules.0.rate", with(percent("1", p, "", "100.01"))},
	{"ErrNegativeRate", "INVALID rules.0.rate", with(percent("1", p, "", "-1"))},
	{"ErrRateDigits", "INVALID rules.0.rate", with(percent("1", p, "", "1.1234567"))},
	{"ErrPercentWithFixed", "INVALID rules.0.fixed", with(mix())},
	{"ErrPercentOnZero", "INVALID rules.0.fixed", with(onZero(percent("1", p, "", "1")))},
	{"ErrFixedCurrency", "CURRENCY_UNKNOWN rules.0.fixed", with(fixed("1", p, "", 1, "XXX"))},
	{"ErrFixedNegative", "AMOUNT_RANGE rules.0.fixed", with(fixed("1", p, "", -1, "USD"))},
	{"ErrFixedHuge", "AMOUNT_RANGE rules.0.fixed", with(fixed("1", p, "", 1e15+1, "USD"))},
	{"ErrFixedOdd", "INVALID rules.0.rate; INVALID rules.0.refund.mode", with(odd())},
	{"ErrTwoPercents", "TAKEN rules.1.targetId", with(percent("1", g, "x", "1"), percent("2", g, "x", "2"))},
	{"ErrPercentThenFixed", "TAKEN rules.1.targetId", with(percent("1", p, "", "1"), fixed("2", p, "", 1, "USD"))},
	{"ErrFixedThenPercent", "TAKEN rules.1.targetId", with(fixed("1", p, "", 1, "USD"), percent("2", p, "", "1"))},
	{"ErrSameCurrency", "TAKEN rules.1.targetId", with(fixed("1", p, "", 1, "USD"), fixed("2", p, "", 2, "USD"))},
	{"ErrTooMany", "TOO_LARGE rules", with(make([]plan.Rule, 1001)...)},
}

func TestVersionValidateNamesTheField(t *testing.T) {
	t.Parallel()
	for _, c := range versionFaults {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := version(percent("r", p, "", "10"))
			c.change(&v)
			var got []string
			for _, f := range v.Validate() {
				got = append(got, string(f.Code)+" "+strings.Join(f.Field, "."))
			}
			if s := strings.Join(got, "; "); s != c.want {
				t.Errorf("faults %q, want %q", s, c.want)
			}
		})
	}
}

func TestQ63_HoldIsCountedFromTheEvent(t *testing.T) {
	t.Parallel()
	event := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	if got := version().HoldUntil(event); !got.Equal(time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("30 days after March 1st is %s", got)
	}
}
