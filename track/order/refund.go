package order

import (
	"time"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// Refund is one message of a source about money given back on one order. It says
// how much in one way of four: by Lines, by Amount, by Paid, or Full. With none of them
// (only shipping was given back, only stock returned) it takes nothing from the
// base and changes no commission (Q08).
type Refund struct {
	Source, SourceScope string
	ProgramID           string // empty where the order's id is enough
	OrderExternalID     string // the order is always named (Q07)
	ExternalID          string // the shop's id of the refund, unique in its order (Q05)
	OccurredAt          time.Time
	Currency            money.Currency // that of the order
	Lines               []RefundLine
	// Amount is of the order as a whole: what was given back is taken to be goods
	// before shipping and tax. All amounts of an order are spread together over what
	// its lines have beside the refunds that name them, so that neither how they are
	// split nor when each comes matters (Q03). A source that knows better names lines.
	// The zero Money is none.
	Amount money.Money
	// Paid is of what the buyer paid in all, tax and shipping with it. Each line loses
	// the part of it that has been given back of the total by now, so the refunds that
	// give back the total leave nothing, and their order does not matter. What is more
	// than is left of the total is cut.
	Paid    money.Money
	Full    bool // everything that remains
	Reason  string
	Code    string // why, as a code; "" for none
	Version int64  // as of Order

	// Chargeback says that a bank took the money, and for now: a chargeback can be won.
	Chargeback bool
	Fee        money.Money // what the bank charges the merchant for it; of a chargeback
}

// RefundLine is money given back on one line. The same line may be named more
// than once; the amounts add up.
type RefundLine struct {
	LineExternalID string
	Quantity       int64
	Amount         money.Money // after discount, before tax: measured as Line.Amount was
}

// Validate gives every fault of the message as Order.Validate does.
func (r *Refund) Validate(now time.Time) []*problem.Error {
	f := newFaults()
	f.source("source", r.Source)
	f.ident("sourceScope", r.SourceScope, MaxScope)
	f.required("orderExternalId", r.OrderExternalID, MaxID)
	f.required("externalId", r.ExternalID, MaxID)
	f.instant("occurredAt", r.OccurredAt, now)
	f.currency("currency", r.Currency)
	f.optional("amount", r.Amount, r.Currency)
	f.optional("paid", r.Paid, r.Currency)
	f.prose("reason", r.Reason, MaxReason)
	if r.Version < 0 {
		f.add(problem.Invalid, "version", "must not be negative")
	}
	f.optional("fee", r.Fee, r.Currency)
	if !r.Chargeback && !r.Fee.IsZero() {
		f.add(problem.Invalid, "fee", "is of a chargeback")
	}
	r.checkOneWay(f)
	r.checkLines(f)
	return *f.list
}

func (r *Refund) checkOneWay(f faults) {
	switch {
	case !r.Paid.IsZero() && (r.Full || len(r.Lines) > 0 || !r.Amount.IsZero()):
		f.add(problem.Invalid, "paid", "must be empty when the refund is told in another way")
	case r.Full && len(r.Lines) > 0:
		f.add(problem.Invalid, "lines", "must be empty for a full refund")
	case r.Full && !r.Amount.IsZero():
		f.add(problem.Invalid, "amount", "must be empty for a full refund")
	case len(r.Lines) > 0 && !r.Amount.IsZero():
		f.add(problem.Invalid, "amount", "must be empty when lines are named")
	}
}

func (r *Refund) checkLines(f faults) {
	if len(r.Lines) > MaxLines {
		f.add(problem.TooLarge, "lines", "must be at most %d", MaxLines)
		return
	}
	for i, l := range r.Lines {
		at := f.in("lines", i)
		at.required("lineExternalId", l.LineExternalID, MaxID)
		at.quantity(l.Quantity)
		at.amount("amount", l.Amount, r.Currency)
	}
}

// Remainder is what is left of an order before a refund, in minor units of its
// currency.
type Remainder struct {
	Currency money.Currency
	Total    int64 // of what the buyer paid in all
	Paid     int64 // what the buyer paid in all, before any refund
	Amounts  int64 // given back by amount so far
	Lines    []LineRemainder
}

// LineRemainder is what is left of one line's amount, gift card or not.
type LineRemainder struct {
	ExternalID string
	Amount     int64
	Sold       int64 // of the line, before any refund
	Spread     int64 // the line's part of Amounts, which Amount lacks
}

// Remainder gives what is left before the first refund.
func (o Order) Remainder() Remainder {
	rem := Remainder{Currency: o.Currency, Total: o.Total.Minor, Paid: o.Total.Minor}
	for _, l := range o.Lines {
		rem.Lines = append(rem.Lines, LineRemainder{ExternalID: l.ExternalID, Amount: l.Amount.Minor, Sold: l.Amount.Minor})
	}
	return rem
}

// Apportion gives the minor units that a valid refund takes from each line, in
// the order of rem.Lines. A line may get some back, when other lines lose more for it:
// what was given back by amount is spread anew. It returns CURRENCY_MISMATCH, NOT_FOUND for a line that
// is not there, and REFUND_EXCEEDS_ORDER, each with the path of its field.
func (r Refund) Apportion(rem Remainder) ([]int64, error) {
	rem = rem.coherent()
	switch {
	case r.Currency != rem.Currency:
		return nil, problem.At(problem.CurrencyMismatch, "currency", "must be the currency of the order")
	case r.Full:
		return rem.all(), nil
	case len(r.Lines) > 0:
		return r.byLine(rem)
	case !r.Paid.IsZero():
		return r.byPaid(rem)
	}
	return r.byAmount(rem)
}

func (rem Remainder) all() []int64 {
	taken := make([]int64, len(rem.Lines))
	for i, l := range rem.Lines {
		taken[i] = l.Amount
	}
	return taken
}
