package plan

import (
	"cmp"
	"slices"
	"time"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// Limits of an input.
const (
	MaxLines     = 1000
	MaxLine      = 1_000_000_000_000_000 // minor units of one line; sums of 1000 stay below 2^63
	maxShareUnit = 10_000                // denominators above it would overflow the exact product
	minutesOfDay = 24 * 60
)

// Share is the affiliate's exact part of the credit; the zero Share is all of it.
type Share struct{ Num, Den int64 }

// LineIn is a line of the order as it was sold.
type LineIn struct {
	ID       string // unique in the order
	Amount   money.Money
	GiftCard bool

	ProductID, SKU          string
	Category                string
	Tax, Shipping, Discount int64 // minor units of the line, or of its part of the order's
}

// Label is a sub-id of an order.
type Label struct{ Name, Value string }

// Paid is what a rule has paid on a line before, less what was taken back of it.
type Paid struct {
	RuleID, LineID string
	Minor          int64
	AffiliateID    string // whom it would have paid that alone; "" where nobody shares
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

	// Facts that conditions look at; those that none looks at are dropped.
	Kind        string // of the conversion
	Buyer       Buyer
	Coupons     []string // in the form in which codes are compared
	SubIDs      []Label
	Order       int64     // all lines after discount, gift cards included, in minor units
	At          time.Time // of the event
	LocalMinute int       // of the event, from Monday 00:00 on the clocks of the program's zone
	Payment     int       // which payment of the customer in the program it is, from 1; 0 for none, or of nobody
	Month       int       // whole months since the customer's first payment
	Country     string    // of the buyer, ISO 3166-1 alpha-2; "" when it is not known
	Device      string    // one of Devices; "" when it is not known
	Channel     string    // "" when it is not known
	Fields      []Field   // custom fields of order, buyer and everybody with credit

	// Kept is why the terms are not those of the day of the sale; zero when they are.
	Kept Kept

	// Paid is for what an edit adds to an order: a fixed amount is not paid twice,
	// and bounds hold for the order as a whole.
	Paid []Paid

	// Counters are for rules with tiers, of each affiliate with credit; Used is for
	// caps, of the affiliate and of all.
	Counters []Counter
	Used     []Used
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
	in.sortFacts()
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
	return in, in.checkFacts()
}

// sortFacts puts what has no order of its own into one order.
func (in *Input) sortFacts() {
	if len(in.Coupons) > 0 {
		in.Coupons = slices.Compact(slices.Sorted(slices.Values(in.Coupons)))
	}
	if len(in.SubIDs) > 0 {
		in.SubIDs = slices.SortedFunc(slices.Values(in.SubIDs), func(a, b Label) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value)) })
	}
	if len(in.Fields) > 0 {
		in.Fields = sortFields(in.Fields)
	}
	if len(in.Paid) > 0 {
		in.Paid = slices.SortedFunc(slices.Values(in.Paid), func(a, b Paid) int {
			return cmp.Or(cmp.Compare(a.RuleID, b.RuleID), cmp.Compare(a.LineID, b.LineID), cmp.Compare(a.AffiliateID, b.AffiliateID))
		})
	}
	if len(in.Counters) > 0 {
		in.Counters = slices.SortedFunc(slices.Values(in.Counters), func(a, b Counter) int {
			return cmp.Or(cmp.Compare(a.RuleID, b.RuleID), cmp.Compare(a.AffiliateID, b.AffiliateID))
		})
	}
	if !in.At.IsZero() {
		in.At = in.At.UTC().Truncate(time.Microsecond)
	}
}

func (in *Input) checkFacts() error {
	if in.LocalMinute < 0 || in.LocalMinute >= 7*minutesOfDay {
		return problem.At(problem.Invalid, "localMinute", "must be within a week")
	}
	if in.Payment < 0 || in.Month < 0 {
		return problem.At(problem.Invalid, "payment", "must be counted from 1, and its month from 0")
	}
	for _, c := range in.Counters {
		if c.Before < 0 || c.Before > 1<<62 {
			return problem.At(problem.AmountRange, "counters", "must not be negative or above the largest sum")
		}
	}
	for _, p := range in.Paid {
		if p.Minor < 0 || p.Minor > MaxLine {
			return problem.At(problem.AmountRange, "paid", "must not be negative or above the largest amount")
		}
	}
	return nil
}

func (in Input) checkLine(l LineIn) error {
	switch {
	case l.Amount.Currency != in.Currency:
		return problem.At(problem.CurrencyMismatch, "lines", "must be in the currency of the order")
	case !inRange(l.Amount.Minor) || !inRange(l.Tax) || !inRange(l.Shipping) || !inRange(l.Discount):
		return problem.At(problem.AmountRange, "lines", "must not be negative or above the largest amount")
	}
	return nil
}

func inRange(minor int64) bool { return minor >= 0 && minor <= MaxLine }

// base gives what the line is commissioned on.
func (l *LineIn) base() int64 {
	if l.GiftCard {
		return 0
	}
	return l.Amount.Minor + l.Tax + l.Shipping + l.Discount
}

// sold gives what refunds of the line are measured by.
func (l *LineIn) sold() int64 {
	if l.GiftCard {
		return 0
	}
	return l.Amount.Minor
}

// base gives what the order is commissioned on.
func (in Input) base() (sum int64) {
	for i := range in.Lines {
		sum += in.Lines[i].base()
	}
	return sum
}

// paid gives what a rule has paid before, on a line and on the order.
func (in *Input) paid(rule, line string) (onLine, onOrder int64) {
	for _, p := range in.Paid {
		if p.RuleID == rule {
			onOrder += p.Minor
			if p.LineID == line {
				onLine += p.Minor
			}
		}
	}
	return onLine, onOrder
}

// plain reports an input without anything that the first layout does not hold.
func (in *Input) plain() bool {
	facts := in.Kind != "" || in.Buyer != "" || len(in.Coupons)+len(in.SubIDs)+len(in.Paid)+len(in.Sharing)+len(in.Counters)+len(in.Used) > 0 || in.Order != 0 || !in.At.IsZero() || in.LocalMinute != 0 || in.Payment != 0 || in.Month != 0
	return !facts && !slices.ContainsFunc(in.Lines, func(l LineIn) bool {
		return l.ProductID != "" || l.SKU != "" || l.Tax != 0 || l.Shipping != 0 || l.Discount != 0
	})
}
