package earn

import (
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/rates"
)

// ExchangeExplanation is how a commission becomes money in another currency.
type ExchangeExplanation struct {
	Currency         money.Currency
	Missing          bool // there is no rate yet: the rest is empty
	Amount, Reversed money.Money
	Source, Day      string
	From, To         string // what one of the source's base cost in either currency
}

// ExplainExchange converts a commission again by the rate that is frozen on it; nil
// for one that is paid in what it was earned in, or was rejected before its rate came.
// Errors: INTERNAL when the result is not what was posted.
func ExplainExchange(c *ent.Commission) (*ExchangeExplanation, error) {
	if c.PaidCurrency == nil || !c.RateMissing && !exchanges(c) {
		return nil, nil
	}
	e := &ExchangeExplanation{Currency: *c.PaidCurrency, Missing: c.RateMissing, Source: c.RateSource, Day: c.RateDay, From: c.RateFrom, To: c.RateTo}
	if c.RateMissing {
		return e, nil
	}
	if err := e.again(c); err != nil {
		return nil, problem.New(problem.Internal, "the rate does not yield the amount that was posted").Because(err)
	}
	reversed, err := worth(c, c.ReversedMinor)
	e.Reversed = money.Of(reversed, e.Currency)
	return e, err
}

// again converts, and compares with what is kept.
func (e *ExchangeExplanation) again(c *ent.Commission) error {
	from, err := money.ParseRate(c.RateFrom)
	if err != nil {
		return err
	}
	to, err := money.ParseRate(c.RateTo)
	if err != nil {
		return err
	}
	if e.Amount, err = rates.Exchange(c.Amount(), from, to, e.Currency); err == nil && e.Amount.Minor != c.PaidAmount {
		err = problem.New(problem.Internal, "%s of %s comes to %s", commission.FieldAmountMinor, c.ID, e.Amount)
	}
	return err
}
