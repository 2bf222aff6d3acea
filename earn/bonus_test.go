package earn_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/roster"
)

// goal pays 5.00 at 100.00 of revenue in a month.
func goal() plan.Bonus {
	return plan.Bonus{Name: "hundred", Kind: plan.BonusGoal, Amount: money.Of(500, "USD"), Metric: plan.MetricRevenue, Period: plan.Month, Goal: money.Of(10_000, "USD")}
}

// bonuses reads an affiliate's bonuses and checks that each explains itself.
func (m *market) bonuses(affiliateID string) []*ent.Commission {
	m.t.Helper()
	rows, err := m.store.Client().Commission.Query().Where(commission.AffiliateID(affiliateID), commission.OnceKeyNotNil()).Order(ent.Asc(commission.FieldID)).All(m.ctx)
	m.must(err)
	for _, c := range rows {
		e, err := m.ExplainCommission(m.ctx, c.ID)
		if m.must(err); e.Amount != c.Amount() || len(e.Steps) == 0 || e.Steps[len(e.Steps)-1].After != c.AmountMinor {
			m.t.Errorf("%s is explained as %s: %+v", c.Amount(), e.Amount, e.Steps)
		}
	}
	return rows
}

// welcomed lets what is owed for joining be paid, and reads the journal to its end.
func (m *market) welcomed() {
	m.t.Helper()
	for {
		m.place()
		n, err := m.store.Catch(m.ctx, m.Welcomer())
		m.must(err)
		if n == 0 {
			return
		}
	}
}

func TestC16_AGoalIsPaidOnceInAPeriod(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{percent("10")}, Bonuses: []plan.Bonus{goal()}})
	m.sells(who, "a", 9_990)
	m.books("below the goal", who, "USD", 999, 0)
	last := m.sells(who, "b", 10, 20_000)
	m.books("300.00: once, however far beyond", who, "USD", 999+1+2000+500, 0)
	m.refund(last[1], "r1", 20_000)
	m.books("100.00 are left: at the goal", who, "USD", 1000+500, 0)
	m.refund(last[0], "r2", 1)
	m.books("99.99: taken back", who, "USD", 1000, 0)
	m.sells(who, "c", 1_000)
	m.books("109.99: given again, not once more", who, "USD", 1000+100+500, 0)
	if rows := m.bonuses(who); len(rows) != 1 || rows[0].Kind != commission.KindBONUS || rows[0].DueAt == nil {
		t.Errorf("%+v", rows)
	}
	m.clock.Advance(40 * 24 * time.Hour)
	m.sells(who, "d", 10_000)
	m.books("the next month has its own", who, "USD", 1600+1000+500, 0)
	bob := m.affiliate("bob")
	m.sells(bob, "e", 5_000)
	m.books("another affiliate's sales are its own", bob, "USD", 500, 0)
}

func TestC16_EveryMultipleOfAGoal(t *testing.T) {
	t.Parallel()
	b := goal()
	b.Metric, b.Count, b.Goal, b.Every, b.Keep = plan.MetricCount, 2, money.Money{}, true, true
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{percent("10")}, Bonuses: []plan.Bonus{b}})
	orders := m.sells(who, "a", 1000, 1000, 1000, 1000, 1000)
	m.books("5 sales are twice 2", who, "USD", 5*100+2*500, 0)
	_, err := m.CommissionReject(m.ctx, earn.CommissionRejectInput{ID: m.commissions(m.accept(orders[0]).ConversionID)[0].ID, Reason: "fraud"})
	m.must(err)
	_, err = m.CommissionReject(m.ctx, earn.CommissionRejectInput{ID: m.commissions(m.accept(orders[1]).ConversionID)[0].ID, Reason: "fraud"})
	m.must(err)
	m.books("3 are left; the terms let both be kept", who, "USD", 3*100+2*500, 0)
}

// What is taken back is so only while it is not paid out.
func TestC16_RejectedAndApprovedBonuses(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{percent("10")}, Bonuses: []plan.Bonus{goal()}})
	o := m.sells(who, "a", 10_000)[0]
	b := m.bonuses(who)[0]
	m.approve(b.ID)
	m.books("the bonus is approved as commissions are", who, "USD", 1000, 500)
	m.refund(o, "r1", 10_000)
	m.books("payable, not paid: taken back", who, "USD", 0, 0)
	m.sells(who, "b", 10_000)
	m.books("given again to where it was", who, "USD", 1000, 500)
}

// Orders at once that reach a goal together find one bonus. Without the lock the
// second breaks the key, and its order with it (PostgreSQL).
func TestC16_Q30_AGoalReachedAtOnce(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{percent("10")}, Bonuses: []plan.Bonus{goal()}})
	m.atOnce(who, 30, 1000)
	m.books("300.00 and one bonus", who, "USD", 3000+500, 0)
}

func joining() []plan.Bonus {
	return []plan.Bonus{
		{Name: "hello", Kind: plan.BonusSignup, Amount: money.Of(700, "USD")},
		{Name: "brought", Kind: plan.BonusRecruiter, Amount: money.Of(300, "USD")},
		{Name: "sold", Kind: plan.BonusRecruiter, Amount: money.Of(900, "USD"), FirstSale: true},
	}
}

// Who joins is paid, and who recruited; each once, however often the journal is read.
func TestC17_SignupAndRecruiterBonuses(t *testing.T) {
	t.Parallel()
	m := open(t)
	p, err := m.PlanCreate(m.ctx, earn.PlanCreateInput{ProgramID: m.program, Name: "Standard"})
	m.must(err)
	_, err = m.PlanActivate(m.ctx, earn.PlanActivateInput{PlanID: p.PlanID, Rules: []plan.Rule{percent("10")}, HoldDays: 30, Bonuses: joining()})
	m.must(err)
	ada := m.recruit("ada", "ada@aff.example", "", "")
	out, err := m.roster.AffiliateCreate(m.ctx, roster.AffiliateCreateInput{Name: "bea", Email: "bea@aff.example", ParentID: ada, ProgramIDs: []string{m.program}, Status: "PENDING"})
	m.must(err)
	bea := out.AffiliateID
	m.welcomed()
	m.books("ada joined", ada, "USD", 700, 0)
	m.books("bea waits for approval", bea, "USD", 0, 0)
	_, err = m.roster.AffiliateApprove(m.ctx, roster.StandingInput{ID: bea})
	m.must(err)
	m.welcomed()
	m.books("bea joined", bea, "USD", 700, 0)
	m.books("ada recruited her", ada, "USD", 700+300, 0)
	m.run(func(ctx context.Context, tx *store.Tx) error { // the journal is read again from its beginning
		_, err := tx.Exec(ctx, `UPDATE followers SET seq = 0 WHERE id = $1`, m.Welcomer().Name)
		return err
	})
	m.welcomed()
	m.books("nothing twice", ada, "USD", 1000, 0)
	first := m.accept(m.sale("a", m.clicked(bea), "USD", 5000))
	m.books("the sale is not approved", ada, "USD", 1000, 0)
	m.approve(first.CommissionIDs...)
	m.books("bea's first sale", ada, "USD", 1000+900, 0)
	m.approve(m.accept(m.sale("b", m.clicked(bea), "USD", 5000)).CommissionIDs...)
	m.books("and no other", ada, "USD", 1900, 0)
	var kinds []string
	for _, c := range m.bonuses(ada) {
		kinds = append(kinds, string(c.Kind))
	}
	if !slices.Equal(kinds, []string{"SIGNUP_BONUS", "RECRUITER_BONUS", "RECRUITER_BONUS"}) {
		t.Error(kinds)
	}
}

// The database holds a bonus once, whoever would make it again.
func TestC17_ABonusIsHeldOnce(t *testing.T) {
	t.Parallel()
	m, who := planned(t, earn.PlanActivateInput{Rules: []plan.Rule{percent("10")}, Bonuses: []plan.Bonus{goal()}})
	m.sells(who, "a", 10_000)
	b := m.bonuses(who)[0]
	_, err := store.Run(m.ctx, m.store, store.Command{Name: "test"}, func(ctx context.Context, tx *store.Tx) (int, error) {
		return 0, tx.Ent().Commission.Create().SetProgramID(m.program).SetAffiliateID(who).SetKind(commission.KindBONUS).SetCurrency("USD").
			SetBaseMinor(0).SetAmountMinor(500).SetEarnedAt(m.clock.Now()).SetOnceKey(*b.OnceKey).Exec(ctx)
	})
	if err == nil {
		t.Error("the same bonus is there twice")
	}
}
