package graph

import (
	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/internal/money"
)

// showExchange turns the explanation of an exchange into the API's.
func showExchange(e *earn.ExchangeExplanation) *model.CommissionExchange {
	switch {
	case e == nil:
		return nil
	case e.Missing:
		return &model.CommissionExchange{State: model.ExchangeStateRateMissing, Currency: e.Currency}
	}
	net := money.Of(e.Amount.Minor-e.Reversed.Minor, e.Currency)
	return &model.CommissionExchange{
		State: model.ExchangeStateConverted, Currency: e.Currency, Amount: &e.Amount, Reversed: &e.Reversed, Net: &net,
		Source: &e.Source, Day: &e.Day, From: &e.From, To: &e.To,
	}
}
