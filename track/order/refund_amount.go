package order

import (
	"slices"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// What is given back by amount names no line. Were each amount spread over what is left
// of the lines, twenty cents at once would take ten from each of two lines, and twenty
// times one cent all from the dearer; and an amount would leave no room on a line for a
// refund that names it later, which finds room when it comes first. So all amounts are
// spread together, over what the lines have beside the refunds that name them; each refund
// takes what is new of that.

// Named gives what a refund says of each line, in the order of rem.Lines; what else it
// takes from them is spread.
func (r Refund) Named(rem Remainder) []int64 {
	named, place := make([]int64, len(rem.Lines)), rem.places()
	for _, l := range r.Lines {
		if i, there := place[l.LineExternalID]; there {
			named[i] += l.Amount.Minor
		}
	}
	return named
}

// places says where each line is.
func (rem Remainder) places() map[string]int {
	place := make(map[string]int, len(rem.Lines))
	for i, l := range rem.Lines {
		place[l.ExternalID] = i
	}
	return place
}

func (r Refund) byLine(rem Remainder) ([]int64, error) {
	f, place, named, sum := newFaults(), rem.places(), make([]int64, len(rem.Lines)), int64(0)
	for i, l := range r.Lines {
		at := f.in("lines", i)
		j, there := place[l.LineExternalID]
		if !there {
			at.add(problem.NotFound, "lineExternalId", "is no line of the order")
			continue
		}
		named[j] += l.Amount.Minor
		sum += l.Amount.Minor
		switch {
		case named[j] > rem.Lines[j].Amount+rem.Lines[j].Spread:
			at.add(problem.RefundExceeds, "amount", "is more than what is left of the line")
		case sum > rem.most():
			at.add(problem.RefundExceeds, "amount", "is more than what is left of the order")
		}
	}
	if len(*f.list) > 0 {
		return nil, (*f.list)[0]
	}
	return rem.take(named, rem.Amounts)
}

// byAmount takes goods first: what exceeds the lines was shipping or tax.
func (r Refund) byAmount(rem Remainder) ([]int64, error) {
	if r.Amount.Minor > rem.most() {
		return nil, problem.At(problem.RefundExceeds, "amount", "is more than what is left of the order")
	}
	return rem.take(make([]int64, len(rem.Lines)), rem.Amounts+r.Amount.Minor)
}

// most is what a refund may give back.
func (rem Remainder) most() int64 {
	var goods int64
	for _, l := range rem.Lines {
		goods += l.Amount
	}
	return max(goods, rem.Total)
}

// take gives what lines lose when so much is named of each and amounts come to so much.
func (rem Remainder) take(named []int64, amounts int64) ([]int64, error) {
	shares, err := rem.spread(named, amounts)
	if err != nil { // a repeated line id or a negative remainder
		return nil, problem.New(problem.Internal, "the remainder of the order is inconsistent").Because(err)
	}
	for i, l := range rem.Lines {
		shares[i] += named[i] - l.Spread
	}
	return shares, nil
}

// spread divides amounts among the lines by what they have beside what is named of them.
func (rem Remainder) spread(named []int64, amounts int64) ([]int64, error) {
	var goods int64
	parts := make([]money.Part, len(rem.Lines))
	for i, l := range rem.Lines {
		parts[i] = money.Part{ID: l.ExternalID, Weight: l.Amount + l.Spread - named[i]}
		goods += parts[i].Weight
	}
	return money.Split(min(amounts, goods), parts)
}

// coherent is a remainder whose amounts are spread as they would be now. Where they are
// not, since the order was edited or given back in another way meanwhile, what was spread
// stays where it is, and what comes is spread over what is left.
func (rem Remainder) coherent() Remainder {
	shares, err := rem.spread(make([]int64, len(rem.Lines)), rem.Amounts)
	if err == nil && slices.EqualFunc(shares, rem.Lines, func(share int64, l LineRemainder) bool { return share == l.Spread }) {
		return rem
	}
	rem.Lines, rem.Amounts = slices.Clone(rem.Lines), 0
	for i := range rem.Lines {
		rem.Lines[i].Spread = 0
	}
	return rem
}
