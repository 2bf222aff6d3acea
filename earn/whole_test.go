package earn_test

import (
	"testing"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/track/order"
)

// bare is a sale of which only the total is told.
func (m *market) bare(externalID, clickToken string, total int64) order.Order {
	o := m.sale(externalID, clickToken, "USD", total)
	o.Lines = order.Whole(money.Of(total, "USD"))
	return o
}

// Without the second half of spread, the commission on the total is reversed and
// another one is made on the lines.
func TestQ47_Q49_LinesToldAfterABareTotalKeepItsCommission(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	token := m.clicked(who)
	m.accept(m.bare("1001", token, 10000))
	o := m.sale("1001", token, "USD", 6000, 4000)
	out := m.accept(o)
	rows := m.commissions(out.ConversionID)
	if len(rows) != 1 || rows[0].AmountMinor != 1000 || rows[0].ReversedMinor != 0 || rows[0].Status != "PENDING" {
		t.Fatalf("%d commissions, %+v", len(rows), rows[0])
	}
	m.books("lines known", who, "USD", 1000, 0)
	r := refundOf(o, "r1", 0)
	r.Lines = []order.RefundLine{{LineExternalID: "a", Quantity: 1, Amount: money.Of(6000, "USD")}}
	_, err := m.AcceptRefund(m.ctx, r)
	m.must(err)
	m.books("a line given back", who, "USD", 400, 0) // 1000 × 4000 / 10000
	m.refund(o, "r2", 4000)
	m.books("the rest given back", who, "USD", 0, 0)
	if rows = m.commissions(out.ConversionID); len(rows) != 1 || rows[0].Status != "REVERSED" {
		t.Errorf("%d commissions, %+v", len(rows), rows[0])
	}
}

// Lines above the total earn on top of it, lines below it take back the rest.
func TestQ49_LinesThatAreNotTheTotalPostTheDifference(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	token := m.clicked(who)
	for _, c := range []struct {
		id          string
		lines       []int64
		commissions int
		pending     int64 // of this order and those before
	}{
		{"more", []int64{6000, 5000}, 2, 1100},
		{"less", []int64{6000, 3000}, 1, 1100 + 900},
	} {
		m.accept(m.bare(c.id, token, 10000))
		out := m.accept(m.sale(c.id, token, "USD", c.lines...))
		if n := len(m.commissions(out.ConversionID)); n != c.commissions {
			t.Errorf("%s: %d commissions", c.id, n)
		}
		m.books(c.id, who, "USD", c.pending, 0)
	}
}
