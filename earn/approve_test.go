package earn_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store/storetest"
)

func TestQ73_ApprovalAndRejectionAreFinal(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	var ids []string
	for _, ext := range []string{"1", "2", "3"} {
		ids = append(ids, m.accept(m.sale(ext, m.clicked(who), "USD", 1000)).CommissionIDs...)
	}
	reject := func(id string) error {
		_, err := m.CommissionReject(m.ctx, earn.CommissionRejectInput{ID: id, Reason: "fraud"})
		return err
	}
	approve := func(ids ...string) error {
		_, err := m.CommissionApprove(m.ctx, earn.CommissionApproveInput{IDs: ids})
		return err
	}
	m.approve(ids[0])
	m.must(reject(ids[1]))
	m.books("one of each", who, "USD", 100, 100)
	m.refuses(approve(ids[2], ids[0]), problem.State, "ids.1")
	m.refuses(approve(ids[1]), problem.State, "ids.0")
	m.refuses(reject(ids[0]), problem.State, "id")
	m.refuses(reject(ids[1]), problem.State, "id")
	m.refuses(approve(ids[2], ids[2]), problem.Invalid, "ids.1")
	m.refuses(approve(ids[2], "com_x"), problem.NotFound, "ids.1")
	m.refuses(approve(), problem.Invalid, "ids")
	m.refuses(approve(make([]string, 101)...), problem.TooLarge, "ids")
	m.refuses(reject("com_x"), problem.NotFound, "id")
	m.books("nothing changed", who, "USD", 100, 100)
	m.refund(m.sale("2", "", "USD", 1000), "r1", 1000)
	m.books("a refund of a rejected one takes nothing", who, "USD", 100, 100)
	m.clock.Advance(time.Minute)
	stranger := *m
	stranger.ctx, _ = storetest.Merchant(t, m.store)
	_, err := stranger.CommissionApprove(stranger.ctx, earn.CommissionApproveInput{IDs: ids[2:]})
	m.refuses(err, problem.NotFound, "ids.0")
}

func TestApproveDueGoesByScheduleAndStanding(t *testing.T) {
	t.Parallel()
	m := open(t)
	who, suspended := m.affiliate("ada"), m.affiliate("bob")
	m.terms(percent("10"))
	m.accept(m.sale("1", m.clicked(who), "USD", 1000))
	m.accept(m.sale("2", m.clicked(suspended), "USD", 1000))
	part := m.sale("3", m.clicked(who), "USD", 1000)
	m.accept(part)
	m.refund(part, "r1", 400)
	m.suspend(suspended)
	due := func(want int) {
		t.Helper()
		if n, err := m.ApproveDue(m.ctx, 100); n != want || err != nil {
			t.Errorf("approved %d (%v), want %d", n, err, want)
		}
	}
	m.clock.Advance(window - time.Millisecond) // the hold is 30 days too
	due(0)
	m.clock.Advance(time.Millisecond)
	due(2)
	due(0)
	m.books("100 and what is left of 100", who, "USD", 0, 160)
	m.books("a suspended affiliate's waits for a person", suspended, "USD", 100, 0)
}

func TestQ37_AnAdjustmentIsPayableAtOnce(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.affiliate("ada")
	adjust := func(amount money.Money, reason string) (earn.CommissionOutcome, error) {
		return m.CommissionAdjust(m.ctx, earn.CommissionAdjustInput{AffiliateID: who, ProgramID: m.program, Amount: amount, Reason: reason})
	}
	out, err := adjust(money.Of(2500, "USD"), "Bonus for spring")
	m.must(err)
	m.books("bonus", who, "USD", 0, 2500)
	_, err = adjust(money.Of(-3000, "USD"), "Paid twice")
	m.must(err)
	m.books("debt", who, "USD", 0, -500)
	e, err := m.ExplainCommission(m.ctx, out.CommissionID)
	m.must(err)
	if c := e.Commission; c.Kind != "ADJUSTMENT" || c.Status != "APPROVED" || c.Reason != "Bonus for spring" || e.Amount != money.Of(2500, "USD") {
		t.Errorf("%+v", c)
	}
	_, err = m.CommissionReject(m.ctx, earn.CommissionRejectInput{ID: out.CommissionID, Reason: "x"})
	m.refuses(err, problem.State, "id")
	_, err = adjust(money.Of(0, "USD"), "x")
	m.refuses(err, problem.AmountRange, "amount")
	_, err = adjust(money.Of(1, "XXX"), "x")
	m.refuses(err, problem.CurrencyUnknown, "amount")
	_, err = adjust(money.Of(1, "USD"), "  ")
	m.refuses(err, problem.Invalid, "reason")
	_, err = adjust(money.Of(1, "USD"), strings.Repeat("x", 501))
	m.refuses(err, problem.Invalid, "reason")
	who = "aff_x"
	_, err = adjust(money.Of(1, "USD"), "x")
	m.refuses(err, problem.NotFound, "affiliateId")
}
