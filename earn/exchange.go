package earn

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/rates"
)

// exchanged is how a commission is converted into the currency it is paid in; the
// zero value, when that is the one it is earned in.
type exchanged struct {
	to      money.Currency
	by      rates.Converted
	missing bool // there is no rate of the day yet
}

// exchange converts what an affiliate earns from the conversion by the rate of the
// day it happened on. Without one it is to wait: the sale is accrued all the same.
func (w *work) exchange(ctx context.Context, affiliateID string, m money.Money, at time.Time) (exchanged, error) {
	to, err := w.paidIn(ctx, affiliateID, m.Currency)
	if err != nil || to == m.Currency {
		return exchanged{}, err
	}
	by, err := rates.ConvertIn(ctx, w.tx, m, to, at)
	if problem.CodeOf(err) == problem.NotFound {
		return exchanged{to: to, missing: true}, nil
	}
	return exchanged{to: to, by: by}, err
}

// paidIn gives the currency an affiliate is paid in: what it asked for, else what the
// program says, else the order's own. What an edit adds is paid as what it adds to.
func (w *work) paidIn(ctx context.Context, affiliateID string, own money.Currency) (money.Currency, error) {
	for _, c := range slices.Concat(w.commissions, w.levels) {
		if c.AffiliateID == affiliateID && c.Currency == own {
			return cmp.Or(of(c.PaidCurrency), c.Currency), nil
		}
	}
	asked, known := w.payIn[affiliateID]
	if !known {
		row, err := w.tx.Ent().Affiliate.Query().Where(affiliate.ID(affiliateID)).Select(affiliate.FieldID, affiliate.FieldPayoutCurrency).Only(ctx)
		if err != nil {
			return "", err
		}
		asked = string(of(row.PayoutCurrency))
	}
	return cmp.Or(money.Currency(asked), of(w.program.PayoutCurrency), own), nil
}

func of(c *money.Currency) money.Currency {
	if c == nil {
		return ""
	}
	return *c
}

// keep freezes the rate on the commission's row.
func (x exchanged) keep(row *ent.CommissionCreate) *ent.CommissionCreate {
	switch {
	case x.to == "":
		return row
	case x.missing:
		return row.SetPaidCurrency(x.to).SetRateMissing(true)
	}
	return row.SetPaidCurrency(x.to).SetPaidAmount(x.by.Amount.Minor).SetRateSource(x.by.Source).SetRateDay(x.by.Day).
		SetRateFrom(x.by.From.String()).SetRateTo(x.by.To.String()).SetRateFromID(x.by.FromID).SetRateToID(x.by.ToID)
}

// exchanges reports whether the commission is in the book in another currency than
// it was earned in.
func exchanges(c *ent.Commission) bool { return c.PaidCurrency != nil && c.RateSource != "" }

// bookCurrency is the currency of the accounts the commission is in.
func bookCurrency(c *ent.Commission) money.Currency {
	if exchanges(c) {
		return *c.PaidCurrency
	}
	return c.Currency
}

// worth is what so much of a commission is in the currency it is paid in, at the rate
// frozen on it. It depends on how much in all alone: parts that come to the whole
// come to the whole here too, in whatever order (N17).
func worth(c *ent.Commission, part int64) (int64, error) {
	if part == 0 || c.PaidAmount == 0 {
		return 0, nil
	}
	return money.MulDiv(c.PaidAmount, part, c.AmountMinor)
}

// between is what lies between two states of a commission, in both currencies: so
// much reversed before, and after.
func between(c *ent.Commission, before, after int64) (ledger.Exchanged, error) {
	x := ledger.Exchanged{Earned: money.Of(after-before, c.Currency), Paid: money.Of(after-before, c.Currency)}
	if !exchanges(c) {
		return x, nil
	}
	a, err := worth(c, before)
	if err != nil {
		return x, err
	}
	b, err := worth(c, after)
	x.Paid = money.Of(b-a, *c.PaidCurrency)
	return x, err
}

// restOf is what is left of a commission; Paid is what it is in the book.
func restOf(c *ent.Commission) (ledger.Exchanged, error) {
	return between(c, c.ReversedMinor, c.AmountMinor)
}

// book accrues a commission in the ledger, where it will be paid from.
func (s *Service) book(ctx context.Context, w *work, c *ent.Commission, why ledger.Cause) error {
	if !exchanges(c) {
		return s.ledger.AccrueIn(ctx, w.tx, c.ID, c.AffiliateID, c.Amount(), why)
	}
	return s.ledger.AccrueExchangedIn(ctx, w.tx, c.ID, c.AffiliateID, ledger.Exchanged{Earned: c.Amount(), Paid: money.Of(c.PaidAmount, *c.PaidCurrency)}, why)
}

// bookAll books the commissions of one sale: those that are paid as they were earned
// together.
func (s *Service) bookAll(ctx context.Context, w *work, rows []*ent.Commission) error {
	why := ledger.Cause{ID: w.sale.ID, At: w.sale.OccurredAt}
	var plain []ledger.Accrued
	for _, c := range rows {
		if !exchanges(c) {
			plain = append(plain, ledger.Accrued{CommissionID: c.ID, AffiliateID: c.AffiliateID, Amount: c.Amount()})
		} else if err := s.book(ctx, w, c, why); err != nil {
			return err
		}
	}
	if len(plain) == 0 {
		return nil
	}
	return s.ledger.AccrueAllIn(ctx, w.tx, plain, why)
}

// readPayIn reads what those asked to be paid in of whom it is not known, at once.
func (w *work) readPayIn(ctx context.Context, drafts []draft) error {
	var unknown []string
	for _, d := range drafts {
		if _, known := w.payIn[d.affiliate]; !known && d.kind == commission.KindOVERRIDE {
			unknown = append(unknown, d.affiliate)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	rows, err := w.tx.Ent().Affiliate.Query().Where(affiliate.IDIn(unknown...)).Select(affiliate.FieldID, affiliate.FieldPayoutCurrency).All(ctx)
	w.payIn = merge(w.payIn, map[string]string{})
	for _, row := range rows {
		w.payIn[row.ID] = string(of(row.PayoutCurrency))
	}
	return err
}

// giveUp takes what is left of a pending commission back to the merchant.
func (s *Service) giveUp(ctx context.Context, tx *store.Tx, c *ent.Commission) error {
	x, err := restOf(c)
	if err != nil {
		return err
	}
	if exchanges(c) {
		return s.ledger.RejectExchangedIn(ctx, tx, booked(c), c.AffiliateID, x)
	}
	return s.ledger.RejectIn(ctx, tx, booked(c), c.AffiliateID, x.Earned)
}

// asPaid gives an amount in the currency that an affiliate's commission for the
// conversion is paid in, by the rate frozen on it: a fee that is shared must not become
// a debt in a currency in which nothing is ever earned.
func (w *work) asPaid(affiliateID string, m money.Money) (money.Money, error) {
	for _, c := range w.commissions {
		if c.AffiliateID != affiliateID || !exchanges(c) {
			continue
		}
		from, err := money.ParseRate(c.RateFrom)
		if err != nil {
			return m, err
		}
		to, err := money.ParseRate(c.RateTo)
		if err != nil {
			return m, err
		}
		return rates.Exchange(m, from, to, *c.PaidCurrency)
	}
	return m, nil
}
