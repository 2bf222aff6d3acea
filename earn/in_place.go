package earn

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/rates"
)

// A commission that is computed again takes the place of the one before: it has its
// status, hold and dates, is paid in the same currency by the rate frozen on it, and goes
// on in the book under the name of the first.

// inPlace begins a commission of another amount in the place of one.
func (w *work) inPlace(was *ent.Commission, amount int64) (*ent.CommissionCreate, error) {
	make := w.tx.Ent().Commission.Create().SetID(w.tx.ID(id.Commission)).SetConversionID(w.sale.ID).SetProgramID(was.ProgramID).SetAffiliateID(was.AffiliateID).
		SetCurrency(was.Currency).SetAmountMinor(amount).SetNillableAttributionID(was.AttributionID).
		SetNillableDueAt(was.DueAt).SetNillableDecidedAt(was.DecidedAt).SetNillableAgreedAt(was.AgreedAt).SetBookID(booked(was))
	switch {
	case was.PaidCurrency == nil:
		return make, nil
	case !exchanges(was):
		return make.SetPaidCurrency(*was.PaidCurrency).SetRateMissing(was.RateMissing), nil
	}
	from, err := money.ParseRate(was.RateFrom)
	if err != nil {
		return nil, err
	}
	to, err := money.ParseRate(was.RateTo)
	if err != nil {
		return nil, err
	}
	paid, err := rates.Exchange(money.Of(amount, was.Currency), from, to, *was.PaidCurrency)
	return make.SetPaidCurrency(paid.Currency).SetPaidAmount(paid.Minor).SetRateSource(was.RateSource).SetRateDay(was.RateDay).
		SetRateFrom(was.RateFrom).SetRateTo(was.RateTo).SetRateFromID(was.RateFromID).SetRateToID(was.RateToID), err
}

// postInPlace posts by how much a commission differs from the one whose place it takes:
// of what was accrued, and of what was taken back of that. None before, or none after, is
// nil. First what gives and then what takes, so that it never has less than is taken from
// it. key names the change, once for a commission.
func (s *Service) postInPlace(ctx context.Context, w *work, key string, was, now *ent.Commission) error {
	if was == nil {
		if err := s.book(ctx, w, now, w.why); err != nil {
			return err
		}
		return s.take(ctx, w, "recount:"+key, now, 0, now.ReversedMinor)
	}
	to := now
	if to == nil {
		to = &ent.Commission{}
	}
	kept := min(to.ReversedMinor, was.ReversedMinor) // taken back before and after
	if exchanges(was) {
		kept = 0 // a part is worth what it is of its whole: all of it is given again first
	}
	if was.AmountMinor == to.AmountMinor && was.ReversedMinor == to.ReversedMinor {
		return nil
	}
	if err := s.take(ctx, w, "recount:"+key, was, was.ReversedMinor, kept); err != nil {
		return err
	}
	if err := s.correct(ctx, w, key, was, to); err != nil || now == nil {
		return err
	}
	return s.take(ctx, w, "recount:"+key, now, kept, now.ReversedMinor)
}

// correct posts by how much what was accrued differs.
func (s *Service) correct(ctx context.Context, w *work, key string, was, now *ent.Commission) error {
	by := money.Of(now.AmountMinor-was.AmountMinor, was.Currency)
	if !exchanges(was) {
		return s.ledger.RecountIn(ctx, w.tx, key, booked(was), was.AffiliateID, by, held(was), w.why)
	}
	x := ledger.Exchanged{Earned: by, Paid: money.Of(now.PaidAmount-was.PaidAmount, *was.PaidCurrency)}
	return s.ledger.RecountExchangedIn(ctx, w.tx, key, booked(was), was.AffiliateID, x, held(was), w.why)
}

// take posts that so much of a commission is taken back after so much was before; less,
// and it is given again.
func (s *Service) take(ctx context.Context, w *work, key string, c *ent.Commission, before, after int64) error {
	x, err := between(c, before, after)
	if err != nil || before == after {
		return err
	}
	return s.reverseBy(ctx, w, key, c, x, w.why)
}

// reverseBy takes an amount of a commission back in the book, or gives it again when it is
// negative.
func (s *Service) reverseBy(ctx context.Context, w *work, key string, c *ent.Commission, x ledger.Exchanged, why ledger.Cause) error {
	again := x.Earned.IsNegative()
	if again {
		x.Earned, x.Paid = x.Earned.Neg(), x.Paid.Neg()
	}
	post, plain := s.ledger.ReverseExchangedIn, s.ledger.ReverseIn
	if again {
		post, plain = s.ledger.RestoreExchangedIn, s.ledger.RestoreIn
	}
	if exchanges(c) {
		return post(ctx, w.tx, key, booked(c), c.AffiliateID, x, held(c), why)
	}
	return plain(ctx, w.tx, key, booked(c), c.AffiliateID, x.Earned, held(c), why)
}
