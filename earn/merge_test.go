package earn_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track"
	rules "github.com/tributary/tributary/track/attribution"
)

func (m *market) merge(from, into string) error {
	m.t.Helper()
	_, err := m.AffiliateMerge(m.ctx, earn.AffiliateMergeInput{FromID: from, IntoID: into, Reason: "one person"})
	return err
}

// standing spells an affiliate's pending, payable, reserved and paid USD in cents.
func (m *market) standing(affiliateID string) string {
	m.t.Helper()
	all, err := m.ledger.Balances(m.ctx, affiliateID)
	m.must(err)
	for _, b := range all {
		if b.Currency == "USD" {
			return fmt.Sprint(b.Pending.Minor, " ", b.Payable.Minor, " ", b.Reserved.Minor, " ", b.Paid.Minor)
		}
	}
	return "0 0 0 0"
}

func (m *market) stands(when, affiliateID, want string) {
	m.t.Helper()
	if got := m.standing(affiliateID); got != want {
		m.t.Errorf("%s: pending, payable, reserved, paid are %s, want %s", when, got, want)
	}
	m.sound()
}

// At 10 %: before the merge ada has 10.00 pending of 100.00 and 20.00 approved of
// 200.00, bea 5.00 pending of 50.00. Bea gets all of it: 15.00 pending, 20.00 payable.
// Then, on ada's commissions: 10.00 approved: 5.00 and 30.00. 150.00 of the 200.00 given
// back takes 15.00: 5.00 and 15.00. The rest takes 5.00: 5.00 and 10.00. The 100.00 given
// back take 10.00: 5.00 and 0.
func TestQ80_MergeMovesTheBalancesAndWhatFollows(t *testing.T) {
	t.Parallel()
	m, ada := hired(t, percent("10"))
	bea := m.affiliate("bea")
	one, two := m.sale("1", m.clicked(ada), "USD", 100_00), m.sale("2", m.clicked(ada), "USD", 200_00)
	first, second := m.accept(one), m.accept(two)
	m.accept(m.sale("3", m.clicked(bea), "USD", 50_00))
	m.approve(second.CommissionIDs...)
	m.must(m.merge(ada, bea))
	m.stands("merged away", ada, "0 0 0 0")
	m.stands("survivor", bea, "1500 2000 0 0")
	m.approve(first.CommissionIDs...)
	m.stands("approved", bea, "500 3000 0 0")
	m.refund(two, "r1", 150_00)
	m.stands("a part given back", bea, "500 1500 0 0")
	m.refund(two, "r2", 50_00)
	m.refund(one, "r3", 100_00)
	m.stands("all given back", bea, "500 0 0 0") // N17: of ada's nothing is left
	m.stands("merged away", ada, "0 0 0 0")
	row := m.commissions(first.ConversionID)[0]
	if row.AffiliateID != ada { // its history stays
		t.Error("the commission is not ada's any more")
	}
	st, err := m.ledger.Statement(m.ctx, ledger.StatementInput{AffiliateID: bea, Currency: "USD", From: m.clock.Now().Add(-time.Hour), To: m.clock.Now().Add(time.Hour)})
	m.must(err)
	moved := slices.IndexFunc(st.Movements, func(x ledger.Movement) bool { return x.Kind == "MERGE" })
	if moved < 0 || st.Movements[moved].Change.Pending.Minor != 10_00 || st.Movements[moved].Change.Payable.Minor != 20_00 || st.Movements[moved].CauseID == "" {
		t.Errorf("the survivor's statement: %+v", st.Movements)
	}
	if said := m.said(ada); !slices.Contains(said, "affiliate.merged") {
		t.Errorf("said of ada: %v", said)
	}
}

// What was merged is credited to the survivor: clicks of before, codes, links, and
// buyers who were bound; what is merged once more goes to the last.
func TestQ80_ClicksCodesAndBuyersAreTheSurvivors(t *testing.T) {
	t.Parallel()
	m, ada := hired(t, percent("10"))
	bea, eve := m.affiliate("bea"), m.affiliate("eve")
	m.rules(track.PolicyActivateInput{Lifetime: rules.LifetimeFirst})
	early, link := m.clicked(ada), m.link(ada)
	m.coupon(ada, "ADA10", 5)
	bound := m.sale("1", m.clicked(ada), "USD", 100_00)
	bound.Customer.Email = "buyer@shop.example"
	m.accept(bound)
	m.must(m.merge(ada, bea))
	m.must(m.merge(bea, eve))
	again := m.sale("2", "", "USD", 100_00) // bound to ada
	again.Customer.Email = "buyer@shop.example"
	coded := m.sale("3", "", "USD", 100_00)
	coded.CouponCodes = []string{"ADA10"}
	m.paid("bound", m.accept(again), map[string]int64{eve: 10_00})
	m.paid("code", m.accept(coded), map[string]int64{eve: 10_00})
	m.paid("click of before", m.accept(m.sale("4", early, "USD", 100_00)), map[string]int64{eve: 10_00})
	m.paid("link", m.accept(m.sale("5", m.click(link, m.clock.Now().Add(-time.Minute)), "USD", 100_00)), map[string]int64{eve: 10_00})
	m.stands("of both", eve, "5000 0 0 0")
	own := m.sale("6", m.clicked(eve), "USD", 100_00)
	own.Customer.Email = "ada@aff.example" // the two are one person
	if out := m.accept(own); m.reason(out.ConversionID) != "SELF_REFERRAL" {
		t.Errorf("ada's own purchase by eve's link: %q", m.reason(out.ConversionID))
	}
}

// The hold of a merged one's commission ends for the survivor; the merged one is archived.
func TestQ80_HoldsEndForTheSurvivor(t *testing.T) {
	t.Parallel()
	m, ada := hired(t, percent("10"))
	bea := m.affiliate("bea")
	m.accept(m.sale("1", m.clicked(ada), "USD", 100_00))
	m.must(m.merge(ada, bea))
	m.clock.Advance(31 * 24 * time.Hour)
	n, err := m.ApproveDue(t.Context(), 10)
	m.must(err)
	if n != 1 {
		t.Errorf("approved %d", n)
	}
	m.stands("after the hold", bea, "0 1000 0 0")
}

// top recruited ada, ada recruited mid, mid recruited bea, ada recruited kim. Bea takes
// ada's place: top, then bea, with mid and kim below it.
func TestQ80_SurvivorBelowTakesThePlaceAndNoCircleCloses(t *testing.T) {
	t.Parallel()
	m := open(t)
	top := m.affiliate("top")
	ada := m.recruit("ada", "ada@aff.example", "", top)
	mid := m.recruit("mid", "mid@aff.example", "", ada)
	bea := m.recruit("bea", "bea@aff.example", "", mid)
	kim := m.recruit("kim", "kim@aff.example", "", ada)
	m.must(m.merge(ada, bea))
	for who, want := range map[string]string{bea: top, mid: bea, kim: bea, ada: top} {
		row := m.store.Client().Affiliate.GetX(m.ctx, who)
		if row.ParentID == nil || *row.ParentID != want {
			t.Errorf("%s is below %v, want %s", row.Name, row.ParentID, want)
		}
	}
	if row := m.store.Client().Affiliate.GetX(m.ctx, ada); row.Status != affiliate.StatusARCHIVED {
		t.Errorf("ada is %s", row.Status)
	}
	survivor, err := roster.Survivor(m.ctx, m.store.Client(), ada)
	m.must(err)
	if survivor != bea {
		t.Errorf("ada is %s now", survivor)
	}
}

func TestQ80_PlacesAreJoinedAndNobodyIsWelcomedTwice(t *testing.T) {
	t.Parallel()
	m := open(t)
	ada := m.affiliate("ada")
	out, err := m.roster.AffiliateCreate(m.ctx, roster.AffiliateCreateInput{Name: "bea", Email: "bea@aff.example"})
	m.must(err)
	m.must(m.merge(ada, out.AffiliateID))
	places := m.store.Client().Enrollment.Query().Where(enrollment.ProgramID(m.program)).AllX(m.ctx)
	got := map[string]enrollment.Status{}
	for _, p := range places {
		got[p.AffiliateID] = p.Status
	}
	if got[ada] != enrollment.StatusENDED || got[out.AffiliateID] != enrollment.StatusACTIVE {
		t.Errorf("places: %v", got)
	}
}

func TestQ80_MergeRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	m, ada := hired(t, percent("10"))
	bea, eve := m.affiliate("bea"), m.affiliate("eve")
	m.refuses(m.merge(ada, ada), problem.Invalid, "intoId")
	m.refuses(m.merge(ada, "aff_00000000000000000000000000"), problem.NotFound, "intoId")
	m.refuses(m.merge("aff_00000000000000000000000000", ada), problem.NotFound, "fromId")
	m.refuses(m.merge("x", ada), problem.NotFound, "fromId")
	_, err := m.AffiliateMerge(m.ctx, earn.AffiliateMergeInput{FromID: ada, IntoID: bea})
	m.refuses(err, problem.Invalid, "reason")
	m.suspend(eve)
	m.refuses(m.merge(ada, eve), problem.State, "intoId")
	m.must(m.merge(ada, bea))
	m.refuses(m.merge(ada, bea), problem.State, "fromId") // twice
	m.refuses(m.merge(bea, ada), problem.State, "intoId") // a circle
	m.must(m.merge(eve, bea))                             // a suspended one may be merged
}
