package plan

import (
	"cmp"
	"slices"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// Limits of an input.
const (
	MaxLines     = 1000
	MaxLine      = 1_000_000_000_000_000 // minor units of one line; sums of 1000 stay below 2^63
	maxShareUnit = 10_000                // denominators above it would overflow the exact product
)

// Share is the affiliate's exact part of the credit; the zero Share is all of it.
type Share struct{ Num, Den int64 }

// LineIn is a line of the order as it was sold.
type LineIn struct {
	ID       string // unique in the order
	Amount   money.Money
	GiftCard bool
}

// Input is what an evaluation may know of an order.
type Input struct {
	AffiliateID string
	GroupID     string // the affiliate's group in the program, "" for none
	Currency    money.Currency
	Lines       []LineIn // at most MaxLines; in any order
	Share       Share    // of an affiliate who has it alone; ignored with Sharing
	// Sharing names all who share the credit, AffiliateID among them; empty, or with
	// one alone, nobody shares. In any order.
	Sharing []Party
}

// normal gives the input in its one form: a whole share spelt out, and lines by
// ascending id. It returns INVALID, TOO_LARGE, CURRENCY_MISMATCH or AMOUNT_RANGE.
func (in Input) normal() (Input, error) {
	if in.Share == (Share{}) {
		in.Share = Share{Num: 1, Den: 1}
	}
	in, err := in.shared()
	if err != nil {
		return Input{}, err
	}
	if s := in.Share; len(in.Sharing) == 0 && (s.Num < 1 || s.Num > s.Den || s.Den > maxShareUnit) {
		return Input{}, problem.At(problem.Invalid, "share", "must be above 0 and at most 1, in units of 1/%d or coarser", maxShareUnit)
	}
	if len(in.Lines) > MaxLines {
		return Input{}, problem.At(problem.TooLarge, "lines", "must be at most %d", MaxLines)
	}
	in.Lines = slices.Clone(in.Lines)
	slices.SortFunc(in.Lines, func(a, b LineIn) int { return cmp.Compare(a.ID, b.ID) })
	for i, l := range in.Lines {
		if err := in.checkLine(l); err != nil {
			return Input{}, err
		}
		if i > 0 && l.ID == in.Lines[i-1].ID {
			return Input{}, problem.At(problem.Invalid, "lines", "must have different ids")
		}
	}
	return in, nil
}

func (in Input) checkLine(l LineIn) error {
	switch {
	case l.Amount.Currency != in.Currency:
		return problem.At(problem.CurrencyMismatch, "lines", "must be in the currency of the order")
	case l.Amount.Minor < 0 || l.Amount.Minor > MaxLine:
		return problem.At(problem.AmountRange, "lines", "must not be negative or above the largest amount")
	}
	return nil
}

// base gives what the line is commissioned on.
func (l LineIn) base() int64 {
	if l.GiftCard {
		return 0
	}
	return l.Amount.Minor
}

// base gives what the order is commissioned on.
func (in Input) base() (sum int64) {
	for _, l := range in.Lines {
		sum += l.base()
	}
	return sum
}
