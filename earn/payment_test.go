package earn_test

import (
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/track/order"
)

// subscriber pays again and again.
type subscriber struct {
	*market
	who   string
	start time.Time
}

func subscribed(t *testing.T, in earn.PlanActivateInput) subscriber {
	t.Helper()
	m, who := planned(t, in)
	return subscriber{market: m, who: who, start: m.clock.Now()}
}

// pays reports a payment of 10.00 after so many days, of which the affiliate has
// the click.
func (s subscriber) pays(id string, days int) order.Order {
	s.t.Helper()
	s.clock.Advance(s.start.AddDate(0, 0, days).Sub(s.clock.Now()))
	o := s.sale(id, s.clicked(s.who), "USD", 1000)
	o.Customer.Email = "eve@mail.example"
	return o
}

func (s subscriber) earned(when string, pending int64) {
	s.t.Helper()
	s.books(when, s.who, "USD", pending, 0)
}

// recurring pays 50 % of the first payment, 20 % of the next two and 5 % from the
// fourth, nothing three months after the first.
func recurring() []plan.Rule {
	first := when(percent("50"), plan.Condition{Payments: plan.Span{From: 1, Until: 2}})
	next := when(percent("20"), plan.Condition{Payments: plan.Span{From: 2, Until: 4}})
	later := when(percent("5"), plan.Condition{Payments: plan.Span{From: 4}, Months: plan.Span{Until: 3}})
	return []plan.Rule{first, next, later}
}

func TestC09_C10_Q31_RecurringByPaymentsAndMonths(t *testing.T) {
	t.Parallel()
	s := subscribed(t, earn.PlanActivateInput{Rules: recurring()})
	trial := s.pays("trial", 0)
	trial.Lines[0].Amount, trial.Total = money.Of(0, "USD"), money.Of(0, "USD")
	s.accept(trial)
	s.earned("a trial is no payment", 0)
	s.explained(s.accept(s.pays("1", 14)))
	s.earned("the first payment: 50 %", 500)
	s.explained(s.accept(s.pays("2", 44)))
	s.earned("the second: 20 %", 700)
	s.accept(s.pays("3", 58))
	s.earned("the third: 20 %", 900)
	s.explained(s.accept(s.pays("4", 72)))
	s.earned("the fourth: 5 %", 950)
	out := s.accept(s.pays("5", 200))
	if s.earned("three months after the first, nothing", 950); s.reason(out.ConversionID) != "NO_RULE" {
		t.Errorf("rated %s", s.reason(out.ConversionID))
	}
	stranger := s.sale("6", s.clicked(s.who), "USD", 1000)
	s.accept(stranger)
	s.earned("an order of nobody is no payment", 950)
}

func TestQ32_AFirstPaymentGivenBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reanchor bool
		second   int64
	}{{false, 200}, {true, 500}} {
		s := subscribed(t, earn.PlanActivateInput{Rules: recurring(), Reanchor: c.reanchor})
		first := s.pays("1", 0)
		s.accept(first)
		s.refund(first, "r1", 1000)
		s.earned("the first is given back", 0)
		s.accept(s.pays("2", 1))
		s.earned("the next payment", c.second)
		s.accept(s.pays("3", 2))
		_, err := s.CancelOrder(s.ctx, earn.OrderCancelInput{OrderExternalID: "3", OccurredAt: s.clock.Now()})
		s.must(err)
		s.accept(s.pays("4", 3))
		s.earned("one that was cancelled is never counted", c.second+200)
	}
}

// Who began to pay under recurring terms stays under them; others are under the new.
func TestQ33_RecurrenceStaysWithTheTermsItBeganUnder(t *testing.T) {
	t.Parallel()
	s := subscribed(t, earn.PlanActivateInput{Rules: recurring()})
	s.accept(s.pays("1", 0))
	s.clock.Advance(time.Hour)
	s.terms(percent("1"))
	s.explained(s.accept(s.pays("2", 1)))
	s.earned("20 % as before", 700)
	other := s.pays("3", 2)
	other.Customer.Email = "kim@mail.example"
	s.accept(other)
	s.earned("1 % of a new customer", 710)
	s.clock.Advance(time.Hour)
	s.terms(percent("2"))
	s.accept(s.pays("4", 3))
	s.earned("20 % still, two versions later", 910)
}
