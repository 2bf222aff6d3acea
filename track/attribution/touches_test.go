package attribution_test

import (
	"testing"
	"time"

	"github.com/tributary/tributary/track/attribution"
)

// sale is the instant of the conversion in the tables.
var sale = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

const hour = time.Hour

// click is an eligible click of an affiliate, some time before the sale.
func click(id, affiliate string, before time.Duration, with ...func(*attribution.Touch)) attribution.Touch {
	return apply(attribution.Touch{
		ID: id, Kind: attribution.KindClick, AffiliateID: affiliate, AffiliateStatus: "ACTIVE",
		LinkID: "lnk_" + affiliate, At: sale.Add(-before), Payable: true,
	}, with)
}

// coupon is an eligible code of an affiliate, used on the sale.
func coupon(id, affiliate string, position int, with ...func(*attribution.Touch)) attribution.Touch {
	return apply(attribution.Touch{
		ID: id, Kind: attribution.KindCoupon, AffiliateID: affiliate, AffiliateStatus: "ACTIVE",
		CouponID: "cpn_" + affiliate, At: sale, Position: position, Payable: true,
	}, with)
}

func apply(t attribution.Touch, with []func(*attribution.Touch)) attribution.Touch {
	for _, f := range with {
		f(&t)
	}
	return t
}

func status(s string) func(*attribution.Touch) {
	return func(t *attribution.Touch) { t.AffiliateStatus = s }
}

func notPayable(reason string) func(*attribution.Touch) {
	return func(t *attribution.Touch) { t.Payable, t.Reason = false, reason }
}

func ownWindow(d time.Duration) func(*attribution.Touch) {
	return func(t *attribution.Touch) { t.Window = d }
}

func self(via string) func(*attribution.Touch) {
	return func(t *attribution.Touch) { t.BuyerIsAffiliate, t.SelfVia = true, via }
}

func policy(with ...func(*attribution.Policy)) attribution.Policy {
	p := attribution.DefaultPolicy()
	p.Skew = 0
	for _, f := range with {
		f(&p)
	}
	return p
}

func precedence(kinds ...attribution.Kind) func(*attribution.Policy) {
	return func(p *attribution.Policy) { p.Precedence = kinds }
}

func noneWhenSuspended(p *attribution.Policy) { p.OnSuspended = attribution.SuspendedNone }

// row is one hand-typed expectation; excluded lists "touch=REASON" oldest first.
type row struct {
	name     string
	policy   attribution.Policy
	touches  []attribution.Touch
	winner   string // affiliate/touch, empty for nobody
	rule     attribution.Rule
	excluded []string
}

func check(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			d := attribution.Decide(r.policy, attribution.Freeze("cnv_1", sale, r.touches))
			expect(t, r, d)
		})
	}
}

func expect(t *testing.T, r row, d attribution.Decision) {
	t.Helper()
	winner := ""
	if d.Credited() {
		winner = d.AffiliateID + "/" + d.TouchID
	}
	if winner != r.winner || d.Rule != r.rule {
		t.Errorf("winner %q by %s, want %q by %s", winner, d.Rule, r.winner, r.rule)
	}
	var got []string
	for _, e := range d.Excluded {
		got = append(got, e.TouchID+"="+string(e.Reason))
	}
	if !equal(got, r.excluded) {
		t.Errorf("excluded %v, want %v", got, r.excluded)
	}
}

func equal(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
