package ledger

import (
	"context"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
)

// The steps of a commission. Each posts once; a repeat does nothing. An amount
// of zero posts nothing, a negative one is Invalid. A step that would take what
// the commission does not have is refused with State, whatever the commission's
// row says. A step is told its cause when that is not the command itself.

// AccrueIn records that a commission was earned: EXPENSE to PENDING.
func (s *Service) AccrueIn(ctx context.Context, tx *store.Tx, commissionID, affiliateID string, amount money.Money, why ...Cause) error {
	return s.give(ctx, tx, transfer{kind: Accrual, key: "accrue:" + commissionID, subject: commissionID, from: Ref{Kind: ExpenseAccount}, to: Ref{PendingAccount, affiliateID}, amount: amount, cause: why})
}

// ApproveIn makes a commission payable: PENDING to PAYABLE. amount must be all
// that is pending of it: what was accrued less what was taken back.
func (s *Service) ApproveIn(ctx context.Context, tx *store.Tx, commissionID, affiliateID string, amount money.Money, why ...Cause) error {
	return s.take(ctx, tx, transfer{kind: Approval, key: "approve:" + commissionID, subject: commissionID, from: Ref{PendingAccount, affiliateID}, to: Ref{PayableAccount, affiliateID}, amount: amount, cause: why}, true)
}

// RejectIn gives up a commission before its approval: PENDING back to EXPENSE.
// amount must be all that is pending of it.
func (s *Service) RejectIn(ctx context.Context, tx *store.Tx, commissionID, affiliateID string, amount money.Money, why ...Cause) error {
	return s.take(ctx, tx, transfer{kind: Rejection, key: "reject:" + commissionID, subject: commissionID, from: Ref{PendingAccount, affiliateID}, to: Ref{Kind: ExpenseAccount}, amount: amount, cause: why}, true)
}

// ReverseIn takes back some of a commission, or all: back to EXPENSE, out of
// PENDING before its approval and out of PAYABLE after it. PAYABLE may become
// negative: a debt that later commissions pay off. key names the cause, such as
// the refund's id, once for a commission. Never more than the commission has.
func (s *Service) ReverseIn(ctx context.Context, tx *store.Tx, key, commissionID, affiliateID string, amount money.Money, fromPending bool, why ...Cause) error {
	return s.take(ctx, tx, transfer{kind: Reversal, key: "reverse:" + commissionID + ":" + key, subject: commissionID, from: Ref{owing(fromPending), affiliateID}, to: Ref{Kind: ExpenseAccount}, amount: amount, cause: why}, false)
}

// AdjustIn records a commission made by hand, straight into PAYABLE. A negative
// amount takes away, below zero if need be. memo says why.
func (s *Service) AdjustIn(ctx context.Context, tx *store.Tx, commissionID, affiliateID string, amount money.Money, memo string, why ...Cause) error {
	m := transfer{kind: Adjustment, key: "adjust:" + commissionID, subject: commissionID, from: Ref{Kind: ExpenseAccount}, to: Ref{PayableAccount, affiliateID}, amount: amount, memo: memo, cause: why}
	if amount.IsNegative() {
		m.from, m.to, m.amount = m.to, m.from, amount.Neg()
	}
	return s.give(ctx, tx, m)
}

// UnadjustIn takes an adjustment back, of the amount it had: to where it came from.
func (s *Service) UnadjustIn(ctx context.Context, tx *store.Tx, commissionID, affiliateID string, amount money.Money, why ...Cause) error {
	m := transfer{kind: Reversal, key: "unadjust:" + commissionID, subject: commissionID, from: Ref{PayableAccount, affiliateID}, to: Ref{Kind: ExpenseAccount}, amount: amount, cause: why}
	if amount.IsNegative() {
		m.from, m.to, m.amount = m.to, m.from, amount.Neg()
	}
	return s.take(ctx, tx, m, true)
}

// RestoreIn gives again some of what was reversed of a commission, or all, where it
// was: into PENDING before its approval and into PAYABLE after it. State when less
// than amount stands reversed.
func (s *Service) RestoreIn(ctx context.Context, tx *store.Tx, key, commissionID, affiliateID string, amount money.Money, toPending bool, why ...Cause) error {
	return s.restore(ctx, tx, transfer{kind: Reversal, key: "restore:" + commissionID + ":" + key, subject: commissionID, from: Ref{Kind: ExpenseAccount}, to: Ref{owing(toPending), affiliateID}, amount: amount, cause: why})
}

func (s *Service) restore(ctx context.Context, tx *store.Tx, m transfer) error {
	before, err := lockedPast(ctx, tx, m)
	if err != nil {
		return err
	}
	if !m.repeated(before) {
		if err := m.restorable(before); err != nil {
			return err
		}
	}
	m.reverses = undone(inCurrency(before, m.amount.Currency), []Kind{Reversal})
	return s.give(ctx, tx, m)
}

// RecountIn corrects what was accrued of a commission by a difference, where the
// commission is: PENDING before its approval and PAYABLE after it. A negative one takes
// away, at most what the commission has there. key names the cause.
func (s *Service) RecountIn(ctx context.Context, tx *store.Tx, key, commissionID, affiliateID string, by money.Money, pending bool, why ...Cause) error {
	m := transfer{kind: Adjustment, key: "recount:" + commissionID + ":" + key, subject: commissionID, from: Ref{Kind: ExpenseAccount}, to: Ref{owing(pending), affiliateID}, amount: by, cause: why}
	if !by.IsNegative() {
		return s.give(ctx, tx, m)
	}
	m.from, m.to, m.amount = m.to, m.from, by.Neg()
	return s.take(ctx, tx, m, false)
}

// ReversedSoFar is how much of a commission was taken back, by reversals alone:
// what a further refund must not take again. It is the zero Money, with no
// currency, for a commission that the book does not know.
func (s *Service) ReversedSoFar(ctx context.Context, tx *store.Tx, commissionID string) (money.Money, error) {
	before, err := pastOf(ctx, tx, commissionID)
	if err != nil || len(before) == 0 {
		return money.Money{}, err
	}
	return sum(before, before[0].amount.Currency, func(p past) bool { return p.kind == Reversal && p.account.Kind == ExpenseAccount })
}
