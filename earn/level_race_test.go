package earn_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/track/order"
)

// together runs so many at the same time and reports every error.
func (m *market) together(n int, do func(i int) error) {
	m.t.Helper()
	var all sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		all.Go(func() { errs[i] = do(i) })
	}
	all.Wait()
	for i, err := range errs {
		if err != nil {
			m.t.Errorf("%d: %v", i, err)
		}
	}
}

// Fifty orders at once of two sellers with one upline, all approved at once, and then
// given back at once from what is payable: each step comes to the serial total.
func TestN16_N17_LevelsOfOrdersAtOnce(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.chain(4)
	other := m.recruit("other", "other@aff.example", "", who[1])
	m.leveled(of("5 sale, 40 lower, 20 net"), percent("10"))
	orders, ids := make([]order.Order, 50), make([][]string, 50)
	for i := range orders {
		seller := who[0]
		if i%2 == 1 {
			seller = other
		}
		orders[i] = m.sale(fmt.Sprint("o", i), m.clicked(seller), "USD", 10_000)
	}
	m.together(50, func(i int) error {
		out, err := m.AcceptOrder(m.ctx, orders[i])
		ids[i] = out.CommissionIDs
		return err
	})
	// Each pays 10.00, 5.00, 2.00 and 20.00 − 17.00 = 3.00.
	check := func(when string, sellers, first, second, third int64, payable bool) {
		for i, want := range []int64{sellers, first, second, third} {
			if payable {
				m.books(when, who[i], "USD", 0, want)
			} else {
				m.books(when, who[i], "USD", want, 0)
			}
		}
	}
	check("accrued", 25_000, 25_000, 10_000, 15_000, false)
	m.together(50, func(i int) error {
		_, err := m.CommissionApprove(m.ctx, approvalOf(ids[i]))
		return err
	})
	check("approved", 25_000, 25_000, 10_000, 15_000, true)
	m.together(50, func(i int) error {
		_, err := m.AcceptRefund(m.ctx, refundOf(orders[i], fmt.Sprint("h", i), 5_000))
		return err
	})
	check("half given back", 12_500, 12_500, 5_000, 7_500, true)
	m.together(100, func(i int) error {
		if i < 50 {
			_, err := m.AcceptRefund(m.ctx, refundOf(orders[i], fmt.Sprint("r", i), 5_000))
			return err
		}
		o := orders[i-50]
		o.ExternalID += "-more"
		o.Lines, o.Total = []order.Line{{ExternalID: "a", Quantity: 1, Amount: money.Of(100, "USD")}}, money.Of(100, "USD")
		_, err := m.AcceptOrder(m.ctx, o)
		return err
	})
	// Fifty orders of 1.00 are left: 0.10, 0.05, 0.02 and 0.03 each.
	check("the rest given back, others come", 250, 250, 100, 150, false)
}

func approvalOf(ids []string) earn.CommissionApproveInput {
	return earn.CommissionApproveInput{IDs: ids}
}
