package attribution_test

import (
	"testing"
	"time"

	"github.com/tributary/tributary/track/attribution"
)

func TestQ38_CouponAgainstClick(t *testing.T) {
	t.Parallel()
	// Code of A, last click of B: whoever the program puts first.
	both := []attribution.Touch{click("c1", "B", 2*hour), coupon("k1", "A", 0)}
	check(t, []row{
		{
			name: "coupon first by default", policy: policy(), touches: both,
			winner: "A/k1", rule: attribution.RuleFirstCoupon,
			excluded: []string{"c1=OUTRANKED"},
		},
		{
			name: "empty precedence means the default", policy: policy(precedence()), touches: both,
			winner: "A/k1", rule: attribution.RuleFirstCoupon,
			excluded: []string{"c1=OUTRANKED"},
		},
		{
			name: "click first", policy: policy(precedence("CLICK", "COUPON")), touches: both,
			winner: "B/c1", rule: attribution.RuleLastClick,
			excluded: []string{"k1=OUTRANKED"},
		},
		{
			name: "coupons not credited at all", policy: policy(precedence("CLICK")), touches: both,
			winner: "B/c1", rule: attribution.RuleLastClick,
			excluded: []string{"k1=KIND_NOT_CREDITED"},
		},
		{
			name: "only the kind that is not credited", policy: policy(precedence("COUPON")),
			touches: []attribution.Touch{click("c1", "B", hour)},
			rule:    attribution.RuleNoEligible, excluded: []string{"c1=KIND_NOT_CREDITED"},
		},
	})
}

func TestQ39_TwoCouponsFirstListedWins(t *testing.T) {
	t.Parallel()
	check(t, []row{{
		name: "second code does not win by its id or instant", policy: policy(),
		touches: []attribution.Touch{coupon("k9", "B", 1), coupon("k1", "A", 0), click("c1", "C", hour)},
		winner:  "A/k1", rule: attribution.RuleFirstCoupon,
		excluded: []string{"c1=OUTRANKED", "k9=SUPERSEDED"},
	}})
}

func TestLastClick(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{name: "no touch", policy: policy(), rule: attribution.RuleNoTouch},
		{
			name: "the latest of three", policy: policy(),
			touches: []attribution.Touch{click("c2", "B", 3*hour), click("c3", "C", hour), click("c1", "A", 5*hour)},
			winner:  "C/c3", rule: attribution.RuleLastClick,
			excluded: []string{"c1=SUPERSEDED", "c2=SUPERSEDED"},
		},
		{
			name: "the same instant falls to the later id", policy: policy(),
			touches: []attribution.Touch{click("c2", "B", hour), click("c1", "A", hour)},
			winner:  "B/c2", rule: attribution.RuleLastClick,
			excluded: []string{"c1=SUPERSEDED"},
		},
		{
			name: "a repeated touch counts once", policy: policy(),
			touches: []attribution.Touch{click("c1", "A", hour), click("c1", "A", hour)},
			winner:  "A/c1", rule: attribution.RuleLastClick,
		},
	})
}

func TestQ41_WindowIsClosedOpen(t *testing.T) {
	t.Parallel()
	// 30 days = 720 h. The window is [touch, touch+720h): a touch exactly 720 h
	// before the sale is one instant too old, and one at the sale still counts.
	const days30 = 720 * hour
	one := func(before time.Duration, with ...func(*attribution.Touch)) []attribution.Touch {
		return []attribution.Touch{click("c1", "A", before, with...)}
	}
	won := func(name string, touches []attribution.Touch) row {
		return row{name: name, policy: policy(), touches: touches, winner: "A/c1", rule: attribution.RuleLastClick}
	}
	lost := func(name, reason string, touches []attribution.Touch) row {
		return row{name: name, policy: policy(), touches: touches, rule: attribution.RuleNoEligible, excluded: []string{"c1=" + reason}}
	}
	check(t, []row{
		won("1 ms before the end", one(days30-time.Millisecond)),
		lost("at the end", "WINDOW_EXPIRED", one(days30)),
		lost("1 ms after the end", "WINDOW_EXPIRED", one(days30+time.Millisecond)),
		won("at the sale", one(0)),
		lost("1 ms after the sale", "AFTER_CONVERSION", one(-time.Millisecond)),
		// A window of 7 days in force at the click beats today's 30: 168 h.
		won("own window, 1 ms before the end", one(168*hour-time.Millisecond, ownWindow(168*hour))),
		lost("own window, at the end", "WINDOW_EXPIRED", one(168*hour, ownWindow(168*hour))),
		// The program has shortened to 30 days; the click was made under 60.
		won("own window longer than today's", one(days30+hour, ownWindow(2*days30))),
	})
}

func TestQ41_WindowAcrossDaylightSaving(t *testing.T) {
	t.Parallel()
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	// Clocks go forward on 2026-03-08 02:00: that calendar day has 23 hours, so a
	// one-day window from the 7th at noon ends on the 8th at 13:00 local, not noon.
	// They go back on 2026-11-01: from October 31st noon it ends at 11:00 local.
	for _, c := range []struct {
		name       string
		touch, end time.Time
	}{
		{"forward", time.Date(2026, 3, 7, 12, 0, 0, 0, newYork), time.Date(2026, 3, 8, 13, 0, 0, 0, newYork)},
		{"back", time.Date(2026, 10, 31, 12, 0, 0, 0, newYork), time.Date(2026, 11, 1, 11, 0, 0, 0, newYork)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := policy(func(p *attribution.Policy) { p.Window = 24 * hour })
			touch := click("c1", "A", 0)
			touch.At = c.touch
			at := func(occurred time.Time) attribution.Decision {
				return attribution.Decide(p, attribution.Freeze("cnv_1", occurred, []attribution.Touch{touch}))
			}
			if !at(c.end.Add(-time.Millisecond)).Credited() {
				t.Error("1 ms before the end is not credited")
			}
			if at(c.end).Credited() {
				t.Error("the end itself is credited")
			}
		})
	}
}

func TestQ42_SecondClickStartsItsOwnWindow(t *testing.T) {
	t.Parallel()
	check(t, []row{{
		name: "first expired, second alive", policy: policy(),
		touches: []attribution.Touch{click("c1", "A", 721*hour), click("c2", "A", 10*hour)},
		winner:  "A/c2", rule: attribution.RuleLastClick,
		excluded: []string{"c1=WINDOW_EXPIRED"},
	}})
}

func TestQ43_SkewForgivesTheShopsClock(t *testing.T) {
	t.Parallel()
	// The shop cut the instant to whole seconds; the click came 1.4 s "later".
	twoSeconds := policy(func(p *attribution.Policy) { p.Skew = 2 * time.Second })
	check(t, []row{
		{
			name: "within", policy: twoSeconds, touches: []attribution.Touch{click("c1", "A", -1400*time.Millisecond)},
			winner: "A/c1", rule: attribution.RuleLastClick,
		},
		{
			name: "at its edge", policy: twoSeconds, touches: []attribution.Touch{click("c1", "A", -2*time.Second)},
			winner: "A/c1", rule: attribution.RuleLastClick,
		},
		{
			name: "beyond", policy: twoSeconds, touches: []attribution.Touch{click("c1", "A", -2001*time.Millisecond)},
			rule: attribution.RuleNoEligible, excluded: []string{"c1=AFTER_CONVERSION"},
		},
	})
}

func TestQ45_InactiveWinner(t *testing.T) {
	t.Parallel()
	last := []attribution.Touch{click("c1", "A", 5*hour), click("c2", "B", hour, status("SUSPENDED"))}
	check(t, []row{
		{
			name: "next eligible", policy: policy(), touches: last,
			winner: "A/c1", rule: attribution.RuleLastClick,
			excluded: []string{"c2=AFFILIATE_SUSPENDED"},
		},
		{
			name: "no credit", policy: policy(noneWhenSuspended), touches: last,
			rule:     attribution.RuleWinnerInactive,
			excluded: []string{"c1=SUPERSEDED", "c2=AFFILIATE_SUSPENDED"},
		},
		{
			name: "an inactive loser does not matter", policy: policy(noneWhenSuspended),
			touches: []attribution.Touch{click("c1", "A", 5*hour, status("SUSPENDED")), click("c2", "B", hour)},
			winner:  "B/c2", rule: attribution.RuleLastClick,
			excluded: []string{"c1=SUPERSEDED"},
		},
		{
			name: "an expired touch of a suspended affiliate is no winner", policy: policy(noneWhenSuspended),
			touches: []attribution.Touch{click("c1", "A", 721*hour, status("SUSPENDED")), coupon("k1", "B", 0)},
			winner:  "B/k1", rule: attribution.RuleFirstCoupon,
			excluded: []string{"c1=WINDOW_EXPIRED"},
		},
		{
			name: "suspended coupon gives way to a click", policy: policy(),
			touches: []attribution.Touch{coupon("k1", "A", 0, status("ARCHIVED")), click("c1", "B", hour)},
			winner:  "B/c1", rule: attribution.RuleLastClick,
			excluded: []string{"k1=AFFILIATE_ARCHIVED"},
		},
		{
			name: "suspended coupon and NONE", policy: policy(noneWhenSuspended),
			touches:  []attribution.Touch{coupon("k1", "A", 0, status("REJECTED")), click("c1", "B", hour)},
			rule:     attribution.RuleWinnerInactive,
			excluded: []string{"c1=OUTRANKED", "k1=AFFILIATE_REJECTED"},
		},
		{
			name: "nobody active", policy: policy(),
			touches:  []attribution.Touch{click("c1", "A", 2*hour, status("PENDING")), click("c2", "B", hour, status(""))},
			rule:     attribution.RuleNoEligible,
			excluded: []string{"c1=AFFILIATE_PENDING", "c2=AFFILIATE_UNKNOWN"},
		},
	})
}

func TestQ46_SelfReferralIsBlockedAndSaleOfOthersIsNot(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{
			name: "own click", policy: policy(),
			touches: []attribution.Touch{click("c1", "A", hour, self("EMAIL"))},
			rule:    attribution.RuleNoEligible, excluded: []string{"c1=SELF_REFERRAL"},
		},
		{
			name: "own code after an honest click", policy: policy(),
			touches: []attribution.Touch{click("c1", "B", hour), coupon("k1", "A", 0, self("CUSTOMER_ID"))},
			winner:  "B/c1", rule: attribution.RuleLastClick,
			excluded: []string{"k1=SELF_REFERRAL"},
		},
		{
			name: "self-referral is told before the status", policy: policy(noneWhenSuspended),
			touches: []attribution.Touch{click("c1", "A", hour, self("EMAIL"), status("SUSPENDED"))},
			rule:    attribution.RuleNoEligible, excluded: []string{"c1=SELF_REFERRAL"},
		},
	})
}

func TestQ62_BuyerInTheUpline(t *testing.T) {
	t.Parallel()
	d := attribution.Decide(policy(), attribution.Freeze("cnv_1", sale,
		[]attribution.Touch{click("c1", "A", hour, self("UPLINE_EMAIL"))}))
	want := attribution.Exclusion{TouchID: "c1", Reason: attribution.ReasonSelfReferral, Detail: "UPLINE_EMAIL"}
	if d.Credited() || len(d.Excluded) != 1 || d.Excluded[0] != want {
		t.Errorf("got %+v, want only %+v", d, want)
	}
	if !d.Excludes(attribution.ReasonSelfReferral) || d.Excludes(attribution.ReasonExpired) {
		t.Error("Excludes does not report the reasons that occurred")
	}
}

func TestQ52_NotPayableKeepsItsReason(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{
			name: "bot after a human", policy: policy(),
			touches: []attribution.Touch{click("c1", "A", 2*hour), click("c2", "B", hour, notPayable("BOT"))},
			winner:  "A/c1", rule: attribution.RuleLastClick, excluded: []string{"c2=BOT"},
		},
		{
			name: "suspended link, and one without a reason", policy: policy(),
			touches:  []attribution.Touch{click("c1", "A", 2*hour, notPayable("LINK_SUSPENDED")), click("c2", "B", hour, notPayable(""))},
			rule:     attribution.RuleNoEligible,
			excluded: []string{"c1=LINK_SUSPENDED", "c2=NOT_PAYABLE"},
		},
		{
			name: "its own reason comes before all others", policy: policy(precedence("COUPON")),
			touches: []attribution.Touch{click("c1", "A", 999*hour, notPayable("PREFETCH"), self("EMAIL"), status("SUSPENDED"))},
			rule:    attribution.RuleNoEligible, excluded: []string{"c1=PREFETCH"},
		},
	})
}
