package earn_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/order"
)

// One sale through the house in currencies of two, no and three decimals.
func TestQ17_Q18_TheWalkByHand(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("7.5"))
	for _, c := range []struct {
		currency money.Currency
		lines    []int64
		base     int64
		want     []int64 // commission by line
		sum      int64
		first    int64 // reversed by a refund of the second line
	}{
		// 19.99 × 7.5 % = 1.49925 → 1.50; 33.33 × 7.5 % = 2.49975 → 2.50; together 4.00
		{"USD", []int64{1999, 3333}, 5332, []int64{150, 250}, 400, 250},
		// ¥ 1234 × 7.5 % = 92.55 → 93; ¥ 99 × 7.5 % = 7.425 → 7; together 100
		{"JPY", []int64{1234, 99}, 1333, []int64{93, 7}, 100, 7},
		// KD 9.999 × 7.5 % = 0.749925 → 0.750; KD 0.007 × 7.5 % = 0.000525 → 0.001; together 0.751
		{"KWD", []int64{9999, 7}, 10006, []int64{750, 1}, 751, 1},
	} {
		t.Run(string(c.currency), func(t *testing.T) {
			o := m.sale("order-"+string(c.currency), m.clicked(who), c.currency, c.lines...)
			out := m.accept(o)
			if !out.Created || out.Status != "ACCEPTED" || out.Rating != "RATED" || len(out.CommissionIDs) != 1 {
				t.Fatalf("outcome %+v", out)
			}
			row := m.commissions(out.ConversionID)[0]
			if row.ID != out.CommissionIDs[0] || row.BaseMinor != c.base || row.AmountMinor != c.sum || row.Currency != c.currency || row.AffiliateID != who {
				t.Errorf("commission %+v", row)
			}
			if due := m.clock.Now().Add(30 * 24 * time.Hour); !row.DueAt.Equal(due) || !row.EarnedAt.Equal(o.OccurredAt) { // Q63
				t.Errorf("due %s, want %s", row.DueAt, due)
			}
			e, err := m.ExplainCommission(m.ctx, row.ID)
			m.must(err)
			var byLine []int64
			for _, l := range e.Lines {
				byLine = append(byLine, l.Commission)
			}
			if !slices.Equal(byLine, c.want) || e.Amount != row.Amount() {
				t.Errorf("explained as %v = %s", byLine, e.Amount)
			}
			m.books("accrued", who, c.currency, c.sum, 0)
			m.approve(row.ID)
			m.books("approved", who, c.currency, 0, c.sum)
			_, err = m.AcceptRefund(m.ctx, order.Refund{
				Source: "api", OrderExternalID: o.ExternalID, ExternalID: "r1", OccurredAt: o.OccurredAt, Currency: c.currency,
				Lines: []order.RefundLine{{LineExternalID: "b", Quantity: 1, Amount: money.Of(c.lines[1], c.currency)}},
			})
			m.must(err)
			m.books("line refunded", who, c.currency, 0, c.sum-c.first)
		})
	}
}

func TestQ47_TheSameOrderHundredTimesAtOnce(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	o := m.sale("1001", m.clicked(who), "USD", 1999)
	outs := make([]earn.OrderOutcome, 100)
	errs := make([]error, len(outs))
	var all sync.WaitGroup
	for i := range outs {
		all.Go(func() {
			mine := o
			mine.Source = []string{"api", "import"}[i%2] // the same order, from two sources
			outs[i], errs[i] = m.AcceptOrder(m.ctx, mine)
		})
	}
	all.Wait()
	created := 0
	for i, out := range outs {
		m.must(errs[i])
		if out.Created {
			created++
		}
		if out.ConversionID != outs[0].ConversionID || !slices.Equal(out.CommissionIDs, outs[0].CommissionIDs) {
			t.Errorf("call %d: %+v, first %+v", i, out, outs[0])
		}
	}
	if created != 1 || len(m.commissions(outs[0].ConversionID)) != 1 {
		t.Errorf("%d conversions created, %d commissions", created, len(m.commissions(outs[0].ConversionID)))
	}
	m.books("after all", who, "USD", 200, 0) // 19.99 × 10 % = 1.999 → 2.00
	want := []string{"conversion.recorded", "commission.accrued", "conversion.accepted"}
	if got := m.said(outs[0].ConversionID, outs[0].CommissionIDs[0]); !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
}

func TestAPendingOrderEarnsOncePaid(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	o := m.sale("1001", m.clicked(who), "USD", 5000)
	o.Status, o.Version = order.StatusPending, 1
	if out := m.accept(o); out.Status != "PENDING" || out.Rating != "WAITING" || len(out.CommissionIDs) != 0 {
		t.Errorf("pending: %+v", out)
	}
	m.books("pending", who, "USD", 0, 0)
	o.Status, o.Version = order.StatusPaid, 2
	if out := m.accept(o); out.Status != "ACCEPTED" || out.Rating != "RATED" || len(out.CommissionIDs) != 1 || out.Created {
		t.Errorf("paid: %+v", out)
	}
	m.books("paid", who, "USD", 500, 0)
	o.Status, o.Version = order.StatusPending, 1
	if out := m.accept(o); out.Status != "ACCEPTED" || out.Rating != "RATED" {
		t.Errorf("the older message changed it: %+v", out)
	}
	m.books("older message", who, "USD", 500, 0)
}

func TestQ49_AnEditPostsTheDifference(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("7.5"))
	click := m.clicked(who)
	o := m.sale("1001", click, "USD", 2000, 1000) // 150 + 75
	conversion := m.accept(o).ConversionID
	m.books("sold", who, "USD", 225, 0)
	edit := func(when string, pending, payable int64, amounts ...int64) {
		t.Helper()
		next := m.sale("1001", click, "USD", amounts...)
		next.OccurredAt, next.Version = o.OccurredAt, o.Version+1
		o = next
		m.accept(o)
		m.books(when, who, "USD", pending, payable)
		m.accept(o)
		m.books(when+", again", who, "USD", pending, payable)
	}
	edit("cheaper", 225-38, 0, 2000, 500)              // 75 × 500/1000 = 37.5 → 38
	edit("as before", 225, 0, 2000, 1000)              // given again
	edit("dearer", 225+23, 0, 2300, 1000)              // 300 × 7.5 % = 22.5 → 23, a commission of its own
	edit("a line more", 225+23+75, 0, 2300, 1000, 999) // 999 × 7.5 % = 74.925 → 75
	m.approve(m.commissions(conversion)[0].ID)
	edit("without it", 23, 225, 2300, 1000) // what the edit had added is taken back
	edit("the dearer part goes first", 0, 225, 2000, 1000)
	edit("then what was approved", 0, 150, 2000) // the second line is gone
	if n := len(m.commissions(conversion)); n != 3 {
		t.Errorf("%d commissions, want 3", n)
	}
}

func TestQ49_AFixedAmountIsPaidOnceForAnOrder(t *testing.T) {
	t.Parallel()
	m, who := hired(t, fixed(500, "USD"))
	click := m.clicked(who)
	o := m.sale("1001", click, "USD", 2000)
	m.accept(o)
	m.books("sold", who, "USD", 500, 0)
	o = m.sale("1001", click, "USD", 2000, 3000)
	o.Version = 1
	m.accept(o)
	m.books("a line more", who, "USD", 500, 0)
	o.Lines, o.Version, o.Total = o.Lines[1:], 2, money.Of(3000, "USD")
	m.accept(o)
	m.books("one line exchanged for another", who, "USD", 500, 0)
	o.Lines[0].Amount, o.Version = money.Of(1000, "USD"), 3
	m.accept(o)
	m.books("half of what it was", who, "USD", 250, 0) // 500 × 1000/2000
}

// What was let off for what an edit put in its place stays let off, whatever settles
// the order next: once that has a commission of its own, too (Q03).
func TestQ49_WhatWasLetOffIsNotTakenBackByTheNextMessage(t *testing.T) {
	t.Parallel()
	once, rate := fixed(500, "USD"), percent("10")
	once.When, rate.When = &plan.Condition{ProductIDs: []string{"a"}}, &plan.Condition{ProductIDs: []string{"b"}}
	m, who := hired(t, once, rate)
	o := m.sale("1001", m.clicked(who), "USD", 2000)
	o.Lines[0].ProductID = "a"
	m.accept(o)
	m.books("sold", who, "USD", 500, 0)
	o.Lines = []order.Line{{ExternalID: "other", ProductID: "b", Quantity: 1, Amount: money.Of(2000, "USD")}}
	for version := range int64(3) {
		o.Version, o.Number = version+1, fmt.Sprint(version)
		m.accept(o)
		m.books("exchanged, and told again", who, "USD", 700, 0) // 5.00, and 10 % of 20.00
	}
	m.refund(o, "r1", 2000)
	m.books("all of it given back", who, "USD", 0, 0)
}

func TestQ20_NothingIsConverted(t *testing.T) {
	t.Parallel()
	m, who := hired(t, fixed(500, "USD"))
	out := m.accept(m.sale("1001", m.clicked(who), "EUR", 2000))
	if out.Rating != "NO_CREDIT" || len(out.CommissionIDs) != 0 || m.reason(out.ConversionID) != "CURRENCY_MISMATCH" {
		t.Errorf("%+v, %s", out, m.reason(out.ConversionID))
	}
	m.books("no commission", who, "EUR", 0, 0)
}

func TestQ50_NothingSoldEarnsNothing(t *testing.T) {
	t.Parallel()
	m, who := hired(t, percent("10"))
	free := m.sale("1001", m.clicked(who), "USD", 0)
	gift := m.sale("1002", m.clicked(who), "USD", 5000)
	gift.Lines[0].GiftCard = true
	dust := m.sale("1003", m.clicked(who), "USD", 4) // 0.04 × 10 % = 0.004 → 0
	for want, o := range map[string][]order.Order{"ZERO_BASE": {free, gift}, "ZERO_AMOUNT": {dust}} {
		for _, one := range o {
			if out := m.accept(one); out.Rating != "NO_CREDIT" || m.reason(out.ConversionID) != want {
				t.Errorf("%s: %s, %s", one.ExternalID, out.Rating, m.reason(out.ConversionID))
			}
		}
	}
	free = m.sale("1001", free.ClickToken, "USD", 1000)
	free.Version = 1
	if out := m.accept(free); out.Rating != "RATED" || out.Created {
		t.Errorf("edited to cost something: %+v", out)
	}
	m.books("after the edit", who, "USD", 100, 0)
}

func TestALeadEarnsAFixedAmount(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := m.affiliate("ada")
	lead := fixed(500, "USD")
	lead.PayOnZero = true
	m.terms(lead)
	o := m.sale("lead-1", m.clicked(who), "USD")
	o.Kind = order.KindLead
	m.accept(o)
	m.books("lead", who, "USD", 500, 0)
	out, err := m.CancelOrder(m.ctx, earn.OrderCancelInput{ProgramID: m.program, OrderExternalID: "lead-1", OccurredAt: m.clock.Now()})
	m.must(err)
	if out.Status != "CANCELLED" {
		t.Errorf("%+v", out)
	}
	m.books("withdrawn", who, "USD", 0, 0)
}

func TestABadOrderNamesEveryFault(t *testing.T) {
	t.Parallel()
	m := open(t)
	o := m.sale("1001", "", "USD", -5, 10)
	o.Lines[1].Amount.Currency = "EUR"
	o.ExternalID = ""
	_, err := m.AcceptOrder(m.ctx, o)
	var got []string
	for _, p := range earn.Faults(err) {
		got = append(got, fmt.Sprint(p.Code, p.Field))
	}
	want := []string{"INVALID[externalId]", "AMOUNT_RANGE[lines 0 amount]", "CURRENCY_MISMATCH[lines 1 amount]"}
	if !slices.Equal(got, want) {
		t.Errorf("faults %v, want %v", got, want)
	}
	if n, err := m.store.Client().Conversion.Query().Count(m.ctx); n != 0 || err != nil {
		t.Errorf("%d conversions (%v)", n, err)
	}
	if problem.CodeOf(err) != problem.Invalid {
		t.Errorf("code %s", problem.CodeOf(err))
	}
}
