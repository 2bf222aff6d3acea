package attribution_test

import (
	"bytes"
	"testing"

	"github.com/tributary/tributary/track/attribution"
)

func exclusive(t *attribution.Touch) { t.Kind = attribution.KindExclusive }

func codes(r attribution.CouponRule) func(*attribution.Policy) {
	return func(p *attribution.Policy) { p.Coupons = r }
}

// Q38, D20: an exclusive code of A against the last click of B, both ways, and where
// the precedence knows no such codes.
func TestQ38_ExclusiveCodeAgainstClick(t *testing.T) {
	t.Parallel()
	both := []attribution.Touch{click("c1", "B", 2*hour), coupon("k1", "A", 0, exclusive)}
	check(t, []row{
		{
			name: "exclusive code before click", policy: policy(precedence("EXCLUSIVE_COUPON", "CLICK", "COUPON")), touches: both,
			winner: "A/k1", rule: attribution.RuleExclusive, excluded: []string{"c1=OUTRANKED"},
		},
		{
			name: "click before exclusive code", policy: policy(precedence("CLICK", "EXCLUSIVE_COUPON", "COUPON")), touches: both,
			winner: "B/c1", rule: attribution.RuleLastClick, excluded: []string{"k1=OUTRANKED"},
		},
		{
			name: "a code like others where it has no place of its own", policy: policy(precedence("CLICK", "COUPON")), touches: both,
			winner: "B/c1", rule: attribution.RuleLastClick, excluded: []string{"k1=OUTRANKED"},
		},
		{
			name: "by default a code like others", policy: policy(), touches: both,
			winner: "A/k1", rule: attribution.RuleFirstCoupon, excluded: []string{"c1=OUTRANKED"},
		},
		{
			name: "a code of everybody is not exclusive", policy: policy(precedence("EXCLUSIVE_COUPON", "CLICK", "COUPON")),
			touches: []attribution.Touch{click("c1", "B", 2*hour), coupon("k1", "A", 0)},
			winner:  "B/c1", rule: attribution.RuleLastClick, excluded: []string{"k1=OUTRANKED"},
		},
		{
			name: "only exclusive codes are credited", policy: policy(precedence("EXCLUSIVE_COUPON")),
			touches: []attribution.Touch{coupon("k1", "A", 0), click("c1", "B", hour)},
			rule:    attribution.RuleNoEligible, excluded: []string{"c1=KIND_NOT_CREDITED", "k1=KIND_NOT_CREDITED"},
		},
		{
			name: "an inactive owner gives way to the click", policy: policy(precedence("EXCLUSIVE_COUPON", "CLICK", "COUPON")),
			touches: []attribution.Touch{click("c1", "B", 2*hour), coupon("k1", "A", 0, exclusive, status("SUSPENDED"))},
			winner:  "B/c1", rule: attribution.RuleLastClick, excluded: []string{"k1=AFFILIATE_SUSPENDED"},
		},
	})
}

// Q39: a code of A, then an exclusive one of B, and a click of C.
func TestQ39_TwoCodesByRule(t *testing.T) {
	t.Parallel()
	order := precedence("EXCLUSIVE_COUPON", "CLICK", "COUPON")
	three := []attribution.Touch{coupon("k1", "A", 0), coupon("k2", "B", 1, exclusive), click("c1", "C", hour)}
	check(t, []row{
		{
			name: "the first listed, which comes after the click", policy: policy(order), touches: three,
			winner: "C/c1", rule: attribution.RuleLastClick, excluded: []string{"k1=OUTRANKED", "k2=SUPERSEDED"},
		},
		{
			name: "the first listed, with codes before clicks", policy: policy(precedence("EXCLUSIVE_COUPON", "COUPON", "CLICK")), touches: three,
			winner: "A/k1", rule: attribution.RuleFirstCoupon, excluded: []string{"c1=OUTRANKED", "k2=SUPERSEDED"},
		},
		{
			name: "the highest in precedence", policy: policy(order, codes(attribution.CouponHighest)), touches: three,
			winner: "B/k2", rule: attribution.RuleExclusive, excluded: []string{"c1=OUTRANKED", "k1=OUTRANKED"},
		},
		{
			name: "of two of the highest the first listed", policy: policy(order, codes(attribution.CouponHighest)),
			touches: []attribution.Touch{coupon("k9", "A", 1, exclusive), coupon("k1", "B", 2, exclusive), coupon("k0", "C", 0)},
			winner:  "A/k9", rule: attribution.RuleExclusive, excluded: []string{"k0=OUTRANKED", "k1=SUPERSEDED"},
		},
		{
			name: "the first listed is inactive, the next one counts", policy: policy(order),
			touches: []attribution.Touch{coupon("k1", "A", 0, status("SUSPENDED")), coupon("k2", "B", 1, exclusive), click("c1", "C", hour)},
			winner:  "B/k2", rule: attribution.RuleExclusive, excluded: []string{"c1=OUTRANKED", "k1=OUTRANKED"},
		},
		{
			name: "the first listed is inactive, and nobody steps in", policy: policy(precedence("EXCLUSIVE_COUPON", "COUPON", "CLICK"), noneWhenSuspended),
			touches: []attribution.Touch{coupon("k1", "A", 0, status("SUSPENDED")), coupon("k2", "B", 1, exclusive), click("c1", "C", hour)},
			rule:    attribution.RuleWinnerInactive, excluded: []string{"c1=OUTRANKED", "k1=AFFILIATE_SUSPENDED", "k2=SUPERSEDED"},
		},
	})
}

// Q39: codes that share have a part each, those of one affiliate too.
func TestQ39_CodesShare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		touches []attribution.Touch
		want    []attribution.Share
		rule    attribution.Rule
	}{
		{"two codes", []attribution.Touch{coupon("k1", "A", 0), coupon("k2", "B", 1), click("c1", "C", hour)},
			[]attribution.Share{{"A", "k1", 1, 2}, {"B", "k2", 1, 2}}, attribution.RuleCoupons},
		{"three codes of two", []attribution.Touch{coupon("k1", "A", 0), coupon("k2", "B", 1), coupon("k3", "A", 2)},
			[]attribution.Share{{"A", "k1", 1, 3}, {"B", "k2", 1, 3}, {"A", "k3", 1, 3}}, attribution.RuleCoupons},
		{"one is inactive", []attribution.Touch{coupon("k1", "A", 0, status("SUSPENDED")), coupon("k2", "B", 1)},
			[]attribution.Share{{"B", "k2", 1, 1}}, attribution.RuleCoupons},
	} {
		d := attribution.Decide(policy(codes(attribution.CouponSplit)), attribution.Freeze("cnv_1", sale, c.touches))
		if len(d.Shares) != len(c.want) || d.Rule != c.rule {
			t.Errorf("%s: %+v", c.name, d)
			continue
		}
		for i, s := range d.Shares {
			if s != c.want[i] {
				t.Errorf("%s: %+v, want %+v", c.name, s, c.want[i])
			}
		}
	}
	p := policy(precedence("EXCLUSIVE_COUPON", "COUPON"), codes(attribution.CouponSplit))
	d := attribution.Decide(p, attribution.Freeze("cnv_1", sale, []attribution.Touch{coupon("k1", "A", 0), coupon("k2", "B", 1, exclusive)}))
	expect(t, row{winner: "B/k2", rule: attribution.RuleCoupons, excluded: []string{"k1=OUTRANKED"}}, d)
}

// A policy that says nothing of several codes has the bytes it had, exclusive codes or
// not; one that does comes back as it was written.
func TestD22_PoliciesOnCodesKeepTheirBytes(t *testing.T) {
	t.Parallel()
	plain := policy(precedence("EXCLUSIVE_COUPON", "CLICK", "COUPON"))
	if b := plain.Encode(); b[0] != 1 {
		t.Errorf("layout %d", b[0])
	}
	for _, r := range []attribution.CouponRule{attribution.CouponHighest, attribution.CouponSplit} {
		p := policy(codes(r))
		p.Model = attribution.ModelLinear
		b := p.Encode()
		again, err := attribution.DecodePolicy(b)
		if err != nil || again.Coupons != r || !bytes.Equal(again.Encode(), b) || b[0] != 3 {
			t.Errorf("%x: %+v, %v", b, again, err)
		}
		b[0] = 2
		if _, err := attribution.DecodePolicy(b); err == nil {
			t.Error("a layout that does not hold it is read")
		}
	}
	if faults := policy(codes(attribution.CouponSplit), noneWhenSuspended).Validate(); len(faults) != 1 {
		t.Error(faults)
	}
	if faults := policy(codes("LAST")).Validate(); len(faults) != 1 {
		t.Error(faults)
	}
}
