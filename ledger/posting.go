package ledger

import (
	"errors"
	"math"
	"slices"
	"time"

	"github.com/tributary/tributary/ent/ledgertransaction"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// Kind is what a transaction records.
type Kind = ledgertransaction.Kind

// The kinds of transaction.
const (
	Accrual     = ledgertransaction.KindACCRUAL
	Approval    = ledgertransaction.KindAPPROVAL
	Adjustment  = ledgertransaction.KindADJUSTMENT
	Reversal    = ledgertransaction.KindREVERSAL
	Rejection   = ledgertransaction.KindREJECTION
	Reservation = ledgertransaction.KindRESERVATION
	Release     = ledgertransaction.KindRELEASE
	Payout      = ledgertransaction.KindPAYOUT
	Exchange    = ledgertransaction.KindEXCHANGE
	Return      = ledgertransaction.KindRETURN
	Merge       = ledgertransaction.KindMERGE
)

// maxSides bounds one transaction, so that it stays one insert.
const maxSides = 100

// Posting is one transaction to be written.
type Posting struct {
	Kind      Kind
	SourceKey string // names the cause, 1–200 bytes; one cause posts once
	Subject   string // the commission, payout or merge it is about
	Memo      string // why, in words, at most 500 bytes; no personal values
	Cause     Cause
	Reverses  string // the transaction it takes back, whole or in part; may be empty
	Sides     []Side // two or more, one currency, together zero
}

// Cause is what in the world made money move, and when: a conversion, a refund, a
// payout batch. The zero Cause is the command itself, at its own instant.
type Cause struct {
	ID string    // a row of the merchant's; may be empty
	At time.Time // zero: the command's instant
}

// causeOf gives the cause of a step that was told one, or none.
func causeOf(told []Cause) Cause {
	if len(told) == 0 {
		return Cause{}
	}
	return told[0]
}

// when is the instant as a column takes it: nothing for the command's own.
func (c Cause) when() any {
	if c.At.IsZero() {
		return nil
	}
	return c.At.UTC().Truncate(time.Microsecond)
}

// Side is what a transaction does to one account.
type Side struct {
	Account Ref
	Amount  money.Money // credit positive, debit negative, never zero
}

func (p Posting) currency() money.Currency { return p.Sides[0].Amount.Currency }

func (p Posting) refs() []Ref {
	refs := make([]Ref, len(p.Sides))
	for i, side := range p.Sides {
		refs[i] = side.Account
	}
	return refs
}

// validate refuses what must not reach the book.
func (p Posting) validate() error {
	switch {
	case ledgertransaction.KindValidator(p.Kind) != nil:
		return problem.At(problem.Invalid, "kind", "%q is no kind of transaction", p.Kind)
	case p.SourceKey == "" || len(p.SourceKey) > 200:
		return problem.At(problem.Invalid, "sourceKey", "a source key has 1 to 200 bytes")
	case p.Subject == "":
		return problem.At(problem.Invalid, "subject", "a transaction is about a commission, a payout or a merge")
	case len(p.Memo) > 500:
		return problem.At(problem.Invalid, "memo", "a memo has at most 500 bytes")
	case len(p.Sides) < 2 || len(p.Sides) > maxSides:
		return problem.At(problem.Invalid, "sides", "a transaction has 2 to %d sides", maxSides)
	}
	return p.balanced()
}

// balanced refuses sides that mix currencies or accounts, or do not sum to zero.
func (p Posting) balanced() error {
	c := p.currency()
	if known, err := money.ParseCurrency(string(c)); err != nil || known != c {
		return problem.At(problem.CurrencyUnknown, "sides", "%q is no currency", c)
	}
	sum, seen := money.Zero(c), make(map[Ref]bool, len(p.Sides))
	for _, side := range p.Sides {
		if err := side.validate(); err != nil {
			return err
		}
		if seen[side.Account] {
			return problem.At(problem.Invalid, "sides", "an account stands on one side only")
		}
		seen[side.Account] = true
		var err error
		if sum, err = plus(sum, side.Amount); err != nil {
			return err
		}
	}
	if !sum.IsZero() {
		return problem.At(problem.Invalid, "sides", "the sides sum to %s, not to zero", sum)
	}
	return nil
}

func (s Side) validate() error {
	merchants := slices.Contains(merchantKinds, s.Account.Kind)
	switch {
	case !merchants && s.Account.Kind != PendingAccount && !guarded(s.Account.Kind):
		return problem.At(problem.Invalid, "sides", "%q is no kind of account", s.Account.Kind)
	case merchants != (s.Account.AffiliateID == ""):
		return problem.At(problem.Invalid, "sides", "%s names an affiliate it must not, or lacks one", s.Account.Kind)
	case s.Amount.IsZero():
		return problem.At(problem.Invalid, "sides", "a side moves something")
	case s.Amount.Minor == math.MinInt64:
		return problem.At(problem.AmountRange, "sides", "the amount is out of range")
	}
	return nil
}

// plus adds, and says in the callers' words why it cannot.
func plus(a, b money.Money) (money.Money, error) {
	sum, err := a.Add(b)
	switch {
	case errors.Is(err, money.ErrMixed):
		return sum, problem.New(problem.CurrencyMismatch, "%s and %s do not mix", a.Currency, b.Currency).Because(err)
	case err != nil:
		return sum, problem.New(problem.AmountRange, "the amounts are out of range").Because(err)
	}
	return sum, nil
}
