package earn_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/ent/event"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust"
)

// as is an affiliate's own view, and its place in the program.
func (m *market) as(affiliateID string) (context.Context, *ent.Enrollment) {
	m.t.Helper()
	v, _ := trust.From(m.ctx)
	ctx := trust.With(m.ctx, trust.Viewer{MerchantID: v.MerchantID, PrincipalID: "usr_a", Kind: trust.KindUser, Role: trust.Affiliate, AffiliateID: affiliateID})
	return ctx, storetest.Must[*ent.Enrollment](m.t)(m.store.Client().Enrollment.Query().Where(enrollment.AffiliateID(affiliateID)).Only(ctx))
}

func only(affiliateID, rate string) plan.Rule {
	r := percent(rate)
	r.Level, r.TargetID = plan.LevelAffiliate, affiliateID
	return r
}

// told lists who was told of new terms, and what.
func (m *market) told() (all []string) {
	m.t.Helper()
	for _, e := range m.store.Client().Event.Query().Where(event.Type("terms.changed")).Order(ent.Asc(event.FieldID)).AllX(m.ctx) {
		f, err := canon.DecodeFacts(e.Facts)
		m.must(err)
		all = append(all, *e.AffiliateID+" "+f["paths"])
	}
	return all
}

// reads spells an affiliate's terms as "percent …, n changes, next: …".
func (m *market) reads(affiliateID string) string {
	m.t.Helper()
	ctx, e := m.as(affiliateID)
	now := storetest.Must[*earn.AffiliateTerms](m.t)(m.TermsOf(ctx, e))
	coming := storetest.Must[[]*earn.AffiliateTerms](m.t)(m.ComingTerms(ctx, e))
	out := ""
	for i, t := range append([]*earn.AffiliateTerms{now}, coming...) {
		out += fmt.Sprintf("[%d:", i)
		for _, r := range t.Rules {
			out += " " + r.Rate.String()
		}
		for _, c := range t.Changes {
			out += "; " + c.Text()
		}
		if out += "]"; t.Margin != (money.Rate{}) || len(t.Caps) > 0 {
			m.t.Errorf("%+v are shown to an affiliate", t.Version)
		}
	}
	return out
}

func TestN32_AffiliatesHearOfTheirTermsBeforeTheyBegin(t *testing.T) {
	t.Parallel()
	m := open(t)
	ann, bob := m.affiliate("ann"), m.affiliate("bob")
	first := m.terms(percent("10"), only(bob, "20"))
	storetest.Must[int](t)(m.TellTerms(m.ctx, 10))
	if all := m.told(); len(all) > 0 {
		t.Errorf("%q heard of the first terms", all)
	}
	next := earn.PlanActivateInput{
		PlanID: first.PlanID, Rules: []plan.Rule{percent("10"), only(bob, "25")}, HoldDays: 30, AutoApprove: true, ValidFrom: m.store.Now().Add(7 * 24 * time.Hour),
		Margin: percent("40").Rate, Caps: []plan.Cap{{Scope: plan.CapProgram, Period: plan.Month, Amount: money.Of(100_000, "USD"), Over: plan.OverCut}},
	}
	made := storetest.Must[earn.PlanActivateOutcome](t)(m.PlanActivate(m.ctx, next))
	for range 2 {
		storetest.Must[int](t)(m.TellTerms(m.ctx, 10))
	}
	if all := m.told(); !slices.Equal(all, []string{bob + " rules.1.percent"}) {
		t.Errorf("%q", all)
	}
	for who, want := range map[string]string{
		ann: "[0: 10][1: 10]",
		bob: "[0: 10 20][1: 10 25; rules.1.percent was 20 and is 25.]",
	} {
		if got := m.reads(who); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	row := m.store.Client().PlanVersion.GetX(m.ctx, made.PlanVersionID)
	var words []string
	for _, c := range storetest.Must[[]plan.Change](t)(m.VersionChanges(m.ctx, row)) {
		words = append(words, c.Path)
	}
	if want := []string{"marginPercent", "rules.1.percent", "caps.0"}; !slices.Equal(words, want) {
		t.Errorf("%q", words)
	}
	_, others := m.as(bob)
	if ctx, _ := m.as(ann); true {
		if _, err := m.TermsOf(ctx, others); !ent.IsNotFound(err) {
			t.Errorf("ann reads bob's terms: %v", err)
		}
	}
}

// More affiliates than one command tells are each told once.
func TestN32_EverybodyIsToldOnce(t *testing.T) {
	t.Parallel()
	m := open(t)
	for i := range 203 {
		m.affiliate(fmt.Sprint("a", i))
	}
	first := m.terms(percent("10"))
	m.activate(first.PlanID, percent("11"))
	for range 2 {
		storetest.Must[int](t)(m.TellTerms(m.ctx, 10))
	}
	all := m.told()
	slices.Sort(all)
	if n := len(slices.Compact(slices.Clone(all))); len(all) != 203 || n != 203 {
		t.Errorf("%d were told, %d of them once", len(all), n)
	}
}
