package earn_test

import (
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/report"
)

// balance gives what is pending and what is payable of an affiliate.
func (m *market) balance(affiliateID string, c money.Currency) (pending, payable int64) {
	m.t.Helper()
	balances, err := m.ledger.Balances(m.ctx, affiliateID)
	m.must(err)
	for _, b := range balances {
		if b.Currency == c {
			return b.Pending.Minor, b.Payable.Minor
		}
	}
	return 0, 0
}

// trial checks that the ledger sums to zero in every currency, and that each commission is
// what the book holds.
func (m *market) trial(when string) {
	m.t.Helper()
	sums, err := m.ledger.TrialBalance(m.ctx)
	m.must(err)
	for c, sum := range sums {
		if sum != 0 {
			m.t.Errorf("%s: the ledger sums to %d %s", when, sum, c)
		}
	}
	unlike, err := report.New(report.Config{Store: m.store}).VerifyCommissions(m.ctx)
	if err != nil || len(unlike) > 0 {
		m.t.Errorf("%s: commissions are not what the book holds: %v, %v", when, unlike, err)
	}
}
