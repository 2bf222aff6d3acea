package ledger

import (
	"context"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
)

// The steps of a commission that is earned in one currency and paid in another.
// Each is two transactions, one in either currency, that meet in the merchant's
// EXCHANGE accounts; each sums to zero by itself. The expense stays in the currency
// the sale was in, the affiliate's accounts are in the one it is paid in. What the
// two EXCHANGE accounts are worth at another day's rate is the merchant's gain or
// loss, never the affiliate's (Q09).

// Exchanged is an amount of a commission in both of its currencies.
type Exchanged struct{ Earned, Paid money.Money }

// earnedLeg marks the source keys of the transactions in the currency earned.
const earnedLeg = ":earned"

// inCurrency gives the sides in one currency.
func inCurrency(all []past, c money.Currency) (out []past) {
	for _, p := range all {
		if p.amount.Currency == c {
			out = append(out, p)
		}
	}
	return out
}

// AccrueExchangedIn is AccrueIn of a commission that is paid in another currency.
func (s *Service) AccrueExchangedIn(ctx context.Context, tx *store.Tx, commissionID, affiliateID string, x Exchanged, why ...Cause) error {
	m := transfer{kind: Accrual, key: "accrue:" + commissionID, subject: commissionID, cause: why}
	if err := s.give(ctx, tx, m.earned(Ref{Kind: ExpenseAccount}, Ref{Kind: ExchangeAccount}, x)); err != nil {
		return err
	}
	return s.give(ctx, tx, m.paid(Ref{Kind: ExchangeAccount}, Ref{PendingAccount, affiliateID}, x))
}

// RejectExchangedIn is RejectIn of a commission that is paid in another currency.
func (s *Service) RejectExchangedIn(ctx context.Context, tx *store.Tx, commissionID, affiliateID string, x Exchanged, why ...Cause) error {
	m := transfer{kind: Rejection, key: "reject:" + commissionID, subject: commissionID, cause: why}
	if err := s.take(ctx, tx, m.earned(Ref{Kind: ExchangeAccount}, Ref{Kind: ExpenseAccount}, x), true); err != nil {
		return err
	}
	return s.take(ctx, tx, m.paid(Ref{PendingAccount, affiliateID}, Ref{Kind: ExchangeAccount}, x), true)
}

// ReverseExchangedIn is ReverseIn of a commission that is paid in another currency:
// what is taken back is worth what it was worth when it was accrued.
func (s *Service) ReverseExchangedIn(ctx context.Context, tx *store.Tx, key, commissionID, affiliateID string, x Exchanged, fromPending bool, why ...Cause) error {
	m := transfer{kind: Reversal, key: "reverse:" + commissionID + ":" + key, subject: commissionID, cause: why}
	if err := s.take(ctx, tx, m.earned(Ref{Kind: ExchangeAccount}, Ref{Kind: ExpenseAccount}, x), false); err != nil {
		return err
	}
	return s.take(ctx, tx, m.paid(Ref{owing(fromPending), affiliateID}, Ref{Kind: ExchangeAccount}, x), false)
}

// RestoreExchangedIn is RestoreIn of a commission that is paid in another currency.
func (s *Service) RestoreExchangedIn(ctx context.Context, tx *store.Tx, key, commissionID, affiliateID string, x Exchanged, toPending bool, why ...Cause) error {
	m := transfer{kind: Reversal, key: "restore:" + commissionID + ":" + key, subject: commissionID, cause: why}
	if err := s.restore(ctx, tx, m.earned(Ref{Kind: ExpenseAccount}, Ref{Kind: ExchangeAccount}, x)); err != nil {
		return err
	}
	return s.restore(ctx, tx, m.paid(Ref{Kind: ExchangeAccount}, Ref{owing(toPending), affiliateID}, x))
}

// RecountExchangedIn is RecountIn of a commission that is paid in another currency; both
// amounts have the same sign.
func (s *Service) RecountExchangedIn(ctx context.Context, tx *store.Tx, key, commissionID, affiliateID string, by Exchanged, pending bool, why ...Cause) error {
	m := transfer{kind: Adjustment, key: "recount:" + commissionID + ":" + key, subject: commissionID, cause: why}
	account := Ref{owing(pending), affiliateID}
	if !by.Earned.IsNegative() {
		if err := s.give(ctx, tx, m.earned(Ref{Kind: ExpenseAccount}, Ref{Kind: ExchangeAccount}, by)); err != nil {
			return err
		}
		return s.give(ctx, tx, m.paid(Ref{Kind: ExchangeAccount}, account, by))
	}
	by.Earned, by.Paid = by.Earned.Neg(), by.Paid.Neg()
	if err := s.take(ctx, tx, m.earned(Ref{Kind: ExchangeAccount}, Ref{Kind: ExpenseAccount}, by), false); err != nil {
		return err
	}
	return s.take(ctx, tx, m.paid(account, Ref{Kind: ExchangeAccount}, by), false)
}

// ExchangeIn converts what is pending of a commission, once: it was accrued in the
// currency it was earned in, for want of a rate.
func (s *Service) ExchangeIn(ctx context.Context, tx *store.Tx, commissionID, affiliateID string, x Exchanged, why ...Cause) error {
	m := transfer{kind: Exchange, key: "exchange:" + commissionID, subject: commissionID, cause: why}
	if err := s.take(ctx, tx, m.earned(Ref{PendingAccount, affiliateID}, Ref{Kind: ExchangeAccount}, x), true); err != nil {
		return err
	}
	return s.give(ctx, tx, m.paid(Ref{Kind: ExchangeAccount}, Ref{PendingAccount, affiliateID}, x))
}

// owing is the affiliate's account that a commission is in.
func owing(pending bool) AccountKind {
	if pending {
		return PendingAccount
	}
	return PayableAccount
}

func (m transfer) earned(from, to Ref, x Exchanged) transfer {
	m.key, m.from, m.to, m.amount = m.key+earnedLeg, from, to, x.Earned
	return m
}

func (m transfer) paid(from, to Ref, x Exchanged) transfer {
	m.from, m.to, m.amount = from, to, x.Paid
	return m
}
