package earn_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/roster"
)

func TestANewVersionLeavesOldExplanationsAsTheyAre(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.affiliate("ada")
	first := m.terms(percent("7.5"))
	sold := m.clock.Now()
	old := m.accept(m.sale("1001", m.clicked(who), "USD", 1999)).CommissionIDs[0]
	before, err := m.ExplainCommission(m.ctx, old)
	m.must(err)
	m.clock.Advance(time.Hour)
	second := m.activate(first.PlanID, percent("20"))
	if first.Number != 1 || second.Number != 2 || first.PlanVersionID == second.PlanVersionID {
		t.Errorf("versions %+v, %+v", first, second)
	}
	m.books("nothing is posted by a new version", who, "USD", 150, 0)
	after, err := m.ExplainCommission(m.ctx, old)
	m.must(err)
	if !reflect.DeepEqual(before.Explanation, after.Explanation) {
		t.Errorf("explained as %+v, before as %+v", after.Explanation, before.Explanation)
	}
	late := m.sale("1002", m.click(m.link(who), sold.Add(-time.Hour)), "USD", 1999)
	late.OccurredAt = sold
	m.accept(late)
	m.books("an event of before earns by the terms of before", who, "USD", 300, 0)
	m.accept(m.sale("1003", m.clicked(who), "USD", 1999)) // 1999 × 20 % = 399.8 → 400
	m.books("an event of now by the terms of now", who, "USD", 700, 0)
	m.refund(m.sale("1001", "", "USD", 1999), "r1", 1999)
	m.books("a refund goes by the version of the commission", who, "USD", 550, 0)
}

func TestTheMostSpecificRuleApplies(t *testing.T) {
	t.Parallel()
	m := open(t)
	g, err := m.roster.GroupCreate(m.ctx, roster.GroupCreateInput{Name: "Gold"})
	m.must(err)
	anyone, gold := m.affiliate("ada"), m.recruit("bob", "bob@aff.example", g.GroupID, "")
	star := m.recruit("eve", "eve@aff.example", g.GroupID, "")
	group, own := percent("20"), fixed(777, "USD")
	group.Level, group.TargetID = plan.LevelGroup, g.GroupID
	own.Level, own.TargetID = plan.LevelAffiliate, star
	m.terms(percent("10"), group, own)
	for who, want := range map[string]int64{anyone: 100, gold: 200, star: 777} {
		m.accept(m.sale(who, m.clicked(who), "USD", 1000))
		m.books("", who, "USD", want, 0)
	}
}

func TestAProgramHasOneActivePlan(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.affiliate("ada")
	first := m.terms(percent("10"))
	m.clock.Advance(time.Minute)
	second := m.terms(percent("20"))
	for id, want := range map[string]string{first.PlanID: "ARCHIVED", second.PlanID: "ACTIVE"} {
		p, err := m.store.Client().CommissionPlan.Get(m.ctx, id)
		m.must(err)
		if string(p.Status) != want {
			t.Errorf("plan is %s, want %s", p.Status, want)
		}
	}
	m.accept(m.sale("1001", m.clicked(who), "USD", 1000))
	m.books("by the active plan", who, "USD", 200, 0)
}

func TestPlanActivateRefuses(t *testing.T) {
	t.Parallel()
	m := open(t)
	p, err := m.PlanCreate(m.ctx, earn.PlanCreateInput{ProgramID: m.program, Name: "Standard"})
	m.must(err)
	elsewhere := percent("5")
	elsewhere.Level, elsewhere.TargetID = plan.LevelAffiliate, "aff_00000000000000000000000000"
	for _, c := range []struct {
		name string
		in   earn.PlanActivateInput
		want string
	}{
		{"ErrNoRules", earn.PlanActivateInput{}, "INVALID rules"},
		{"ErrHold", earn.PlanActivateInput{Rules: []plan.Rule{percent("1")}, HoldDays: 366}, "INVALID holdDays"},
		{"ErrPercent", earn.PlanActivateInput{Rules: []plan.Rule{percent("100.01")}}, "INVALID rules.0.rate"},
		{"ErrPercentDigits", earn.PlanActivateInput{Rules: []plan.Rule{percent("1.23456")}}, "INVALID rules.0.rate"},
		{"ErrCurrency", earn.PlanActivateInput{Rules: []plan.Rule{fixed(1, "XXX")}}, "CURRENCY_UNKNOWN rules.0.fixed"},
		{"ErrTarget", earn.PlanActivateInput{Rules: []plan.Rule{percent("1"), elsewhere}}, "NOT_FOUND rules.1.targetId"},
		{"ErrTwo", earn.PlanActivateInput{Rules: []plan.Rule{percent("200"), percent("1")}, HoldDays: -1}, "INVALID holdDays; INVALID rules.0.rate; TAKEN rules.1.targetId"},
		{"ErrVersion", earn.PlanActivateInput{Rules: []plan.Rule{percent("1")}, ExpectedVersion: 7}, "CONFLICT expectedVersion"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.in.PlanID = p.PlanID
			_, err := m.PlanActivate(m.ctx, c.in)
			var got []string
			for _, f := range earn.Faults(err) {
				got = append(got, string(f.Code)+" "+strings.Join(f.Field, "."))
			}
			if strings.Join(got, "; ") != c.want {
				t.Errorf("got %v, want %s", got, c.want)
			}
		})
	}
	_, err = m.PlanActivate(m.ctx, earn.PlanActivateInput{PlanID: "pln_x", Rules: []plan.Rule{percent("1")}})
	m.refuses(err, problem.NotFound, "planId")
	m.activate(p.PlanID, percent("1.2345"))
	_, err = m.PlanActivate(m.ctx, earn.PlanActivateInput{PlanID: p.PlanID, Rules: []plan.Rule{percent("1")}, ValidFrom: m.clock.Now().Add(-time.Second)})
	m.refuses(err, problem.Invalid, "validFrom")
	_, err = m.PlanCreate(m.ctx, earn.PlanCreateInput{ProgramID: m.program, Name: " "})
	m.refuses(err, problem.Invalid, "name")
	_, err = m.PlanCreate(m.ctx, earn.PlanCreateInput{ProgramID: "prg_x", Name: "x"})
	m.refuses(err, problem.NotFound, "programId")
	want := []string{"plan.activated"}
	if got := m.said(p.PlanID); !slices.Equal(got, want) {
		t.Errorf("events %v", got)
	}
}
