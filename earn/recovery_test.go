package earn_test

import (
	"context"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent/planversion"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// bearing is a market whose merchant bears what these terms say.
func bearing(t *testing.T, r earn.Recovery) (m *market, ada string) {
	t.Helper()
	return planned(t, earn.PlanActivateInput{Rules: []plan.Rule{percent("10")}, HoldDays: 30, Recovery: r})
}

// An order of 100.00 at ten percent: a tenth is given back while the commission is
// pending, a tenth once it is approved, three tenths after a payout, and the rest
// forty days after the sale.
func TestQ02_WhoBearsWhatIsGivenBackAfterAPayout(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		terms         earn.Recovery
		soon, late    int64 // the balance after the payout: of refunds within days, and after them
		soonBy, inAll int64 // absorbed
	}{
		{earn.Recovery{}, -300, -800, 0, 0},
		{earn.Recovery{Mode: planversion.RecoveryRECOVER}, -300, -800, 0, 0},
		{earn.Recovery{Mode: planversion.RecoveryABSORB}, 0, 0, 300, 800},
		{earn.Recovery{Mode: planversion.RecoveryRECOVER_WITHIN, Days: 30}, -300, -300, 0, 500},
	} {
		t.Run(string(c.terms.Mode), func(t *testing.T) {
			t.Parallel()
			m, ada := bearing(t, c.terms)
			o := m.sale("1001", m.clicked(ada), "USD", 10_000)
			out := m.accept(o)
			m.refund(o, "r1", 1000)
			m.books("pending", ada, "USD", 900, 0)
			m.approve(out.CommissionIDs...)
			m.refund(o, "r2", 1000)
			m.books("approved and not paid out", ada, "USD", 0, 800)
			m.drain(ada, "USD")
			m.refund(o, "r3", 3000)
			m.books("paid out", ada, "USD", 0, c.soon)
			m.clock.Advance(40 * 24 * time.Hour)
			if got := m.commissions(out.ConversionID)[0].AbsorbedMinor; got != c.soonBy {
				t.Errorf("%d absorbed, want %d", got, c.soonBy)
			}
			_, err := m.chargedBack(o, "cb", 0)
			m.must(err)
			m.books("long after", ada, "USD", 0, c.late)
			if row := m.commissions(out.ConversionID)[0]; row.AbsorbedMinor != c.inAll || row.AmountMinor != 1000 || row.ReversedMinor+row.AbsorbedMinor != 1000 {
				t.Errorf("%d reversed and %d absorbed of %d", row.ReversedMinor, row.AbsorbedMinor, row.AmountMinor)
			}
			_, err = m.ended(o, "cb", true)
			m.must(err)
			m.books("won", ada, "USD", 0, c.soon)
			if got := m.commissions(out.ConversionID)[0].AbsorbedMinor; got != c.soonBy {
				t.Errorf("won: %d absorbed, want %d", got, c.soonBy)
			}
		})
	}
}

func TestQ02_APayoutThatFailedPaidNothingOut(t *testing.T) {
	t.Parallel()
	m, ada := bearing(t, earn.Recovery{Mode: planversion.RecoveryABSORB})
	o := m.sale("1001", m.clicked(ada), "USD", 10_000)
	m.approve(m.accept(o).CommissionIDs...)
	m.run(func(ctx context.Context, tx *store.Tx) error {
		payout := tx.ID(id.Payout)
		if err := m.ledger.ReserveIn(ctx, tx, payout, ada, money.Of(1000, "USD")); err != nil {
			return err
		}
		return m.ledger.ReleaseIn(ctx, tx, payout, ada, money.Of(1000, "USD"))
	})
	m.refund(o, "r1", 5000)
	m.books("taken back", ada, "USD", 0, 500)
	later := m.accept(m.sale("1002", m.clicked(ada), "USD", 1000))
	m.drain(ada, "USD")
	m.clock.Advance(time.Minute)
	m.approve(later.CommissionIDs...)
	m.refund(m.sale("1002", "", "USD", 1000), "r1", 1000)
	m.books("approved after the payout: taken back", ada, "USD", 0, 0)
}

func TestQ02_TermsThatCannotBe(t *testing.T) {
	t.Parallel()
	m := open(t)
	p, err := m.PlanCreate(m.ctx, earn.PlanCreateInput{ProgramID: m.program, Name: "Standard"})
	m.must(err)
	for _, c := range []struct {
		r     earn.Recovery
		field string
	}{
		{earn.Recovery{Mode: "KEEP"}, "recovery.kind"},
		{earn.Recovery{Mode: planversion.RecoveryRECOVER_WITHIN}, "recovery.days"},
		{earn.Recovery{Mode: planversion.RecoveryRECOVER_WITHIN, Days: 401}, "recovery.days"},
		{earn.Recovery{Mode: planversion.RecoveryABSORB, Days: 1}, "recovery.days"},
	} {
		_, err := m.PlanActivate(m.ctx, earn.PlanActivateInput{PlanID: p.PlanID, Rules: []plan.Rule{percent("10")}, Recovery: c.r})
		for _, f := range earn.Faults(err) {
			m.refuses(f, problem.Invalid, c.field)
		}
		if len(earn.Faults(err)) != 1 {
			t.Errorf("%+v: %v", c.r, err)
		}
	}
}
