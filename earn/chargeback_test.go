package earn_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/order"
)

// chargedBack opens a chargeback of an amount, of everything that remains without one.
func (m *market) chargedBack(o order.Order, id string, amount int64) (earn.RefundOutcome, error) {
	r := refundOf(o, id, amount)
	r.Full = amount == 0
	return m.ChargebackOpen(m.ctx, earn.ChargebackInput{Refund: r})
}

func (m *market) ended(o order.Order, id string, won bool) (earn.RefundOutcome, error) {
	return m.ChargebackEnd(m.ctx, track.Ending{OrderExternalID: o.ExternalID, ExternalID: id, OccurredAt: m.clock.Now(), Won: won})
}

func TestQ13_E06_AChargebackAfterPayoutIsWon(t *testing.T) {
	t.Parallel()
	m, ada := hired(t, percent("10"))
	o := m.sale("1001", m.clicked(ada), "USD", 6000, 4000)
	out := m.accept(o)
	m.approve(out.CommissionIDs...)
	m.drain(ada, "USD")
	m.refund(o, "r1", 1000)
	m.books("a tenth was refunded", ada, "USD", 0, -100)
	back, err := m.chargedBack(o, "cb1", 0)
	if m.must(err); back.Status != "CHARGED_BACK" {
		t.Error(back.Status)
	}
	m.books("charged back", ada, "USD", 0, -1000)
	back, err = m.ended(o, "cb1", true)
	if m.must(err); back.Status != "PARTIALLY_REFUNDED" || !back.Created {
		t.Errorf("%+v", back)
	}
	m.books("won: what was refunded stays so", ada, "USD", 0, -100)
	if again, err := m.ended(o, "cb1", true); err != nil || again.Created || again.RefundID != back.RefundID {
		t.Errorf("%+v %v", again, err)
	}
	m.books("once", ada, "USD", 0, -100)
	_, err = m.ended(o, "cb1", false)
	m.refuses(err, problem.State, "externalId")
	_, err = m.ended(o, "cb2", false)
	m.refuses(err, problem.NotFound, "externalId")
	_, err = m.chargedBack(o, "r1", 10)
	m.refuses(err, problem.Conflict, "externalId")
	m.refund(o, "r2", 9000)
	m.books("the rest is refunded", ada, "USD", 0, -1000)
	if _, err = m.chargedBack(o, "cb3", 0); err != nil {
		t.Fatal(err)
	}
	_, err = m.ended(o, "cb3", true)
	m.must(err)
	m.books("a chargeback of nothing that is won gives nothing", ada, "USD", 0, -1000)
}

// Refunds and chargebacks in any order, ended in any order: what stands of the
// commission is what stands of the order, and never above what was accrued.
func TestQ13_N17_NothingAboveTheOriginal(t *testing.T) {
	t.Parallel()
	for seed := range uint64(16) { // in the first half none is lost
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(seed, 1))
			m, who := three(t)
			o := m.visited("1001", who, 3333, 3334)
			out := m.accept(o)
			var open []string
			var given int64 // by the shop, whoever held the money then
			for i := range 14 {
				id := fmt.Sprint("x", i)
				switch k := rnd.IntN(4); {
				case k == 0:
					amount := 1 + rnd.Int64N(900)
					if _, err := m.AcceptRefund(m.ctx, refundOf(o, id, amount)); err == nil {
						given += amount
					}
				case k == 1 || len(open) == 0:
					if _, err := m.chargedBack(o, id, 1+rnd.Int64N(2500)); err == nil {
						open = append(open, id)
					}
				default:
					at := rnd.IntN(len(open))
					_, err := m.ended(o, open[at], seed < 8 || rnd.IntN(3) > 0)
					m.must(err)
					open = append(open[:at], open[at+1:]...)
				}
				m.standsFor(out.ConversionID, who)
			}
			if seed < 8 {
				m.allWon(o, open, out.ConversionID, given)
			}
			_, err := m.chargedBack(o, "all", 0)
			m.must(err)
			m.allBooks("all charged back", who, 0, 0, 0)
		})
	}
}

// allWon wins what is open: what is gone from the order then is what the shop gave.
func (m *market) allWon(o order.Order, open []string, conversionID string, given int64) {
	m.t.Helper()
	for _, id := range open {
		_, err := m.ended(o, id, true)
		m.must(err)
	}
	sale, err := m.store.Client().Conversion.Get(m.ctx, conversionID)
	m.must(err)
	if sale.RefundedMinor != given {
		m.t.Errorf("%d are given back, the shop gave %d", sale.RefundedMinor, given)
	}
}

// What the shop gives back while a bank holds the money stays given back when the
// chargeback is won, and no more than the order had is ever taken.
func TestQ13_E06_ARefundWhileAChargebackIsOpen(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		refunds []int64 // 0 is a full one
		status  string
		pending int64 // once it is won
	}{
		"in full":        {[]int64{0}, "REFUNDED", 0},
		"in part":        {[]int64{3000}, "PARTIALLY_REFUNDED", 700},
		"bit by bit":     {[]int64{3000, 7000}, "REFUNDED", 0},
		"and all twice":  {[]int64{4000, 0, 0}, "REFUNDED", 0},
		"nothing at all": {nil, "ACCEPTED", 1000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, ada := hired(t, percent("10"))
			o := m.sale("1001", m.clicked(ada), "USD", 6000, 4000)
			m.accept(o)
			_, err := m.chargedBack(o, "cb", 0)
			m.must(err)
			for i, amount := range row.refunds {
				r := refundOf(o, fmt.Sprint("r", i), amount)
				r.Full = amount == 0
				back, err := m.AcceptRefund(m.ctx, r)
				if m.must(err); back.Status != "CHARGED_BACK" {
					t.Errorf("refund %d: %s", i, back.Status)
				}
			}
			_, err = m.AcceptRefund(m.ctx, refundOf(o, "more", 10_001))
			m.refuses(err, problem.RefundExceeds, "amount")
			m.books("while it is open", ada, "USD", 0, 0)
			back, err := m.ended(o, "cb", true)
			if m.must(err); back.Status != row.status {
				t.Errorf("won: %s", back.Status)
			}
			m.books("won", ada, "USD", row.pending, 0)
			_, err = m.ended(o, "cb", true)
			m.must(err)
			m.books("won again", ada, "USD", row.pending, 0)
		})
	}
}

// What a refund was owed of a chargeback that is lost does not come back: it is in the
// way of no later refund.
func TestQ13_E06_WhatALostChargebackKeepsIsOwedToNobody(t *testing.T) {
	t.Parallel()
	m, ada := hired(t, percent("10"))
	o := m.sale("1001", m.clicked(ada), "USD", 10_000)
	m.accept(o)
	_, err := m.chargedBack(o, "cb", 4000)
	m.must(err)
	m.refund(o, "r1", 8000) // of which 60.00 are there
	m.books("all of it is gone", ada, "USD", 0, 0)
	_, err = m.ended(o, "cb", false)
	m.must(err)
	o.Lines[0].Amount, o.Total, o.Version = money.Of(13_000, "USD"), money.Of(13_000, "USD"), 1
	m.accept(o)
	m.books("30.00 more were bought", ada, "USD", 300, 0)
	m.refund(o, "r2", 3000)
	m.books("and given back", ada, "USD", 0, 0)
}

// standsFor checks that commission is a tenth of what is left of the order, but for
// the rounding of two lines and three shares.
func (m *market) standsFor(conversionID string, who []string) {
	m.t.Helper()
	sale, err := m.store.Client().Conversion.Get(m.ctx, conversionID)
	m.must(err)
	var sum int64
	for _, w := range who {
		pending, _ := m.balance(w, money.Currency("USD"))
		sum += pending
	}
	left := sale.BaseMinor - sale.RefundedMinor
	if left < 0 || sale.RefundedMinor < 0 || sum > 667 || max(sum*10-left, left-sum*10) > 40 {
		m.t.Errorf("%d of commission for %d that are left", sum, left)
	}
	if charged := sale.Status == conversion.StatusACCEPTED; charged != (sale.RefundedMinor == 0) {
		m.t.Errorf("%s with %d given back", sale.Status, sale.RefundedMinor)
	}
}
