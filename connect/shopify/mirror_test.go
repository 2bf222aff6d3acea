package shopify_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commissionplan"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/trust"
)

// terms lists what a program pays, by version: the plan's state, the number and the
// percentage for everybody.
func (m *market) terms(ctx context.Context) (all []string) {
	m.t.Helper()
	rows, err := m.store.Client().PlanVersion.Query().WithPlan().Order(ent.Asc("number")).All(ctx)
	m.must(err)
	for _, row := range rows {
		v, err := plan.DecodeVersion(row.Document)
		m.must(err)
		if v.ID != row.ID || len(v.Rules) != 1 {
			m.t.Errorf("%s says of itself %+v", row.ID, v)
		}
		all = append(all, fmt.Sprint(row.Edges.Plan.Status, " ", v.Number, " ", v.Rules[0].Rate, " ", v.HoldDays, " ", row.ValidFrom.Unix()))
	}
	return all
}

func (m *market) activate(ctx context.Context, rate string, more ...plan.Rule) {
	m.t.Helper()
	p, err := m.store.Client().CommissionPlan.Query().Where(commissionplan.StatusEQ(commissionplan.StatusACTIVE)).Only(ctx)
	m.must(err)
	r, err := money.ParseRate(rate)
	m.must(err)
	_, err = m.earn.PlanActivate(ctx, earn.PlanActivateInput{PlanID: p.ID, HoldDays: 7, Rules: append(more, plan.Rule{Level: plan.LevelProgram, Kind: plan.KindPercent, Rate: r})})
	m.must(err)
}

// Q76: a test order finds the terms that a live one would. Without TermsMirror the
// sandbox has none; without the look at its own it would lose them.
func TestQ76_TheSandboxFollowsTheTermsUntilItHasItsOwn(t *testing.T) {
	t.Parallel()
	m := open(t)
	play := trust.With(t.Context(), trust.System(m.twin()))
	order := func(number int) {
		t.Helper()
		m.expect(m.send("orders/paid", edited(t, "paid.json", isTest, func(o object) { o["id"] = 9000 + number })), "200 APPLIED")
	}
	follows := func() {
		t.Helper()
		if here, there := fmt.Sprint(m.terms(m.ctx)), fmt.Sprint(m.terms(play)); here != there || here == "[]" {
			t.Errorf("terms %s, in the sandbox %s", here, there)
		}
	}
	order(1)
	follows()
	five, err := money.ParseRate("5")
	m.must(err)
	m.activate(m.ctx, "20")
	order(2)
	follows()
	m.activate(m.ctx, "30", plan.Rule{Level: plan.LevelAffiliate, TargetID: m.affiliate, Kind: plan.KindPercent, Rate: five})
	order(3)
	if got := m.terms(play); len(got) != 3 { // but for the rule of an affiliate who is not there
		t.Errorf("%v", got)
	}
	m.activate(play, "40")
	own := fmt.Sprint(m.terms(play))
	m.activate(m.ctx, "50")
	order(4)
	if got := fmt.Sprint(m.terms(play)); got != own {
		t.Errorf("the sandbox's own terms %s became %s", own, got)
	}
}
