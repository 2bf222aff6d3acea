package earn_test

import (
	"context"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/trust"
)

const window = 30 * 24 * time.Hour // of the policy a program starts with

// decision is what the market decided about a conversion; it replays to the byte.
func (m *market) decision(conversionID string) earn.AttributionExplanation {
	m.t.Helper()
	e, err := m.ExplainAttribution(m.ctx, conversionID)
	m.must(err)
	if !e.Replays {
		m.t.Error("the decision does not replay")
	}
	return e
}

func TestQ41_TheWindowIsClosedOpen(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.terms(percent("10"))
	for _, c := range []struct {
		name   string
		before time.Duration
		rating string
	}{
		{"a millisecond inside", window - time.Millisecond, "RATED"},
		{"on the edge", window, "NO_CREDIT"},
		{"a millisecond outside", window + time.Millisecond, "NO_CREDIT"},
	} {
		link := m.link(m.affiliate("ada" + c.before.String()))
		out := m.accept(m.sale(c.name, m.click(link, m.clock.Now().Add(-c.before)), "USD", 1000))
		if out.Rating != c.rating {
			t.Errorf("%s: %s (%s)", c.name, out.Rating, m.reason(out.ConversionID))
		}
	}
}

func TestQ38_CouponBeforeClick(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.terms(percent("10"))
	clicker, coder := m.affiliate("ada"), m.affiliate("bob")
	m.coupon(coder, "Spring", 1)
	o := m.sale("1001", m.clicked(clicker), "USD", 1000)
	o.CouponCodes = []string{" sPRING"[1:]} // Q40: case does not matter
	out := m.accept(o)
	e := m.decision(out.ConversionID)
	if e.Decision.AffiliateID != coder || e.Decision.Kind != attribution.KindCoupon || !e.Decision.Excludes(attribution.ReasonOutranked) {
		t.Errorf("%+v", e.Decision)
	}
	m.books("the coupon earns", coder, "USD", 100, 0)
	m.books("the click does not", clicker, "USD", 0, 0)
	o = m.sale("1002", o.ClickToken, "USD", 1000)
	o.CouponCodes = []string{"SPRING"}
	m.accept(o)
	m.books("the code may be used once", coder, "USD", 100, 0)
	m.books("so the click earns", clicker, "USD", 100, 0)
}

func TestQ45_ASuspendedWinnerIsNeverCredited(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.terms(percent("10"))
	first, last := m.affiliate("ada"), m.affiliate("bob")
	m.coupon(last, "BOB", 100)
	o := m.sale("1001", m.clicked(first), "USD", 1000)
	o.CouponCodes = []string{"BOB"}
	out := m.accept(o)
	m.suspend(last) // after the sale: what was earned stays owed
	m.books("suspended after the sale", last, "USD", 100, 0)
	o.ExternalID = "1002" // between touch and sale
	m.accept(o)
	m.books("suspended before the sale", last, "USD", 100, 0)
	m.books("the next eligible touch wins", first, "USD", 100, 0)
	alone := m.sale("1003", "", "USD", 1000)
	alone.CouponCodes = []string{"BOB"}
	if out := m.accept(alone); out.Rating != "NO_CREDIT" || m.reason(out.ConversionID) != "NO_ELIGIBLE_TOUCH" {
		t.Errorf("%+v, %s", out, m.reason(out.ConversionID))
	}
	if n := len(m.commissions(out.ConversionID)); n != 1 {
		t.Errorf("%d commissions", n)
	}
}

func TestQ46_Q62_SelfReferral(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.terms(percent("10"))
	boss := m.recruit("boss", "boss@firm.example", "", "")
	who := m.recruit("Jane", "jane.doe@gmail.com", "", boss)
	for _, c := range []struct{ name, email, reason string }{
		{"same", "jane.doe@gmail.com", "SELF_REFERRAL"},
		{"case", "Jane.Doe@GMAIL.com", "SELF_REFERRAL"},
		{"plus", "jane.doe+shop@gmail.com", "SELF_REFERRAL"},
		{"dots", "j.a.n.e.doe@gmail.com", "SELF_REFERRAL"},
		{"host", "janedoe@googlemail.com", "SELF_REFERRAL"},
		{"upline", "boss+x@firm.example", "SELF_REFERRAL"},
		{"colleague", "joe@firm.example", ""},
		{"nobody", "", ""},
	} {
		o := m.sale(c.name, m.clicked(who), "USD", 1000)
		o.Customer.Email = c.email
		out := m.accept(o)
		if got := m.reason(out.ConversionID); got != c.reason || out.Status != "ACCEPTED" {
			t.Errorf("%s: %q, %s", c.name, got, out.Status)
		}
		if c.reason != "" && !m.decision(out.ConversionID).Decision.Excludes(attribution.ReasonSelfReferral) {
			t.Errorf("%s is not explained", c.name)
		}
	}
	m.books("two honest sales", who, "USD", 200, 0)
}

func TestAnHonestEarlierTouchWinsOverTheBuyersOwn(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.terms(percent("10"))
	honest, buyer := m.affiliate("ada"), m.affiliate("bob")
	m.coupon(buyer, "MINE", 10)
	o := m.sale("1001", m.clicked(honest), "USD", 1000)
	o.CouponCodes, o.Customer.Email = []string{"MINE"}, "bob@aff.example"
	m.accept(o)
	m.books("honest", honest, "USD", 100, 0)
	m.books("buyer", buyer, "USD", 0, 0)
}

func TestReasonsForNoCredit(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.affiliate("ada")
	if out := m.accept(m.sale("1", m.clicked(who), "USD", 1000)); m.reason(out.ConversionID) != "NO_PLAN" {
		t.Errorf("no plan: %s", m.reason(out.ConversionID))
	}
	m.terms(percent("10"))
	if out := m.accept(m.sale("2", "", "USD", 1000)); m.reason(out.ConversionID) != "NO_TOUCH" {
		t.Errorf("no touch: %s", m.reason(out.ConversionID))
	}
	forged := storetest.Altered(m.clicked(who))
	if out := m.accept(m.sale("3", forged, "USD", 1000)); out.Rating != "NO_CREDIT" || m.reason(out.ConversionID) != "NO_ELIGIBLE_TOUCH" {
		t.Errorf("forged token: %+v, %s", out, m.reason(out.ConversionID))
	}
	paused := "PAUSED"
	_, err := m.roster.ProgramUpdate(m.ctx, roster.ProgramUpdateInput{ID: m.program, Status: &paused})
	m.must(err)
	if out := m.accept(m.sale("4", m.clicked(who), "USD", 1000)); out.Rating != "NO_CREDIT" {
		t.Errorf("paused program: %+v", out)
	}
	m.books("nothing earned", who, "USD", 0, 0)
}

func TestAnAffiliateSeesItsOwnTouchesOnly(t *testing.T) {
	t.Parallel()
	m := open(t)
	m.terms(percent("10"))
	rival, winner := m.affiliate("ada"), m.affiliate("bob")
	m.coupon(winner, "BOB", 10)
	o := m.sale("1001", m.clicked(rival), "USD", 1000)
	o.CouponCodes = []string{"BOB"}
	out := m.accept(o)
	if n := len(m.decision(out.ConversionID).Facts.Touches); n != 2 {
		t.Fatalf("the merchant sees %d touches", n)
	}
	v, _ := trust.From(m.ctx)
	as := func(affiliateID string) (earn.AttributionExplanation, error) {
		return m.ExplainAttribution(trust.With(t.Context(), trust.Viewer{
			MerchantID: v.MerchantID, PrincipalID: "usr", Kind: trust.KindUser, Role: trust.Affiliate, AffiliateID: affiliateID,
		}), out.ConversionID)
	}
	e, err := as(winner)
	m.must(err)
	if len(e.Facts.Touches) != 1 || e.Facts.Touches[0].AffiliateID != winner || len(e.Decision.Excluded) != 0 || !e.Replays {
		t.Errorf("the winner sees %+v", e)
	}
	_, err = as(rival)
	m.refuses(err, problem.NotFound, "conversionId")
}

// Without the touch that stands for a refused token, the first three are NO_TOUCH
// and nothing says that a token was there.
func TestQ51_ARefusedTokenStandsInTheDecision(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	good := m.clicked(who)
	other := m.clicked(who)
	m.run(func(ctx context.Context, tx *store.Tx) error {
		p, err := tx.Ent().Program.Create().SetName("Other").SetCurrency("USD").SetFallbackURL("https://shop.example/").Save(ctx)
		if err != nil {
			return err
		}
		return tx.Ent().Link.Create().SetProgramID(p.ID).SetAffiliateID(who).SetNumber(900).SetSlug("elsewhere").SetDestination("https://shop.example/").Exec(ctx)
	})
	for name, c := range map[string]struct{ token, coupon, reason, credited string }{
		"damaged":         {token: "garbage", reason: "TOKEN_DAMAGED"},
		"no such link":    {token: m.click(901, m.clock.Now()), reason: "TOKEN_UNKNOWN"},
		"another program": {token: m.click(900, m.clock.Now()), reason: "TOKEN_OF_ANOTHER_PROGRAM"},
		"with a coupon":   {token: other[:len(other)-2], coupon: "ADA10", reason: "TOKEN_DAMAGED", credited: who},
		"sound":           {token: good, credited: who},
	} {
		o := m.sale(name, c.token, "USD", 1000)
		if c.coupon != "" {
			m.coupon(who, c.coupon, 10)
			o.CouponCodes = []string{c.coupon}
		}
		e, err := m.ExplainAttribution(m.ctx, m.accept(o).ConversionID)
		m.must(err)
		var reason string
		for _, x := range e.Decision.Excluded {
			reason = string(x.Reason)
		}
		if reason != c.reason || e.Decision.AffiliateID != c.credited || !e.Replays {
			t.Errorf("%s: %q, credit for %q, replays %t; want %q, %q", name, reason, e.Decision.AffiliateID, e.Replays, c.reason, c.credited)
		}
	}
}
