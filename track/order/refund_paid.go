package order

import (
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// byPaid brings each line to where it stands when so much of the total has been
// given back: sold × given ÷ paid, rounded once, whatever came before. A line that
// other refunds have brought below that loses nothing.
func (r Refund) byPaid(rem Remainder) ([]int64, error) {
	taken := make([]int64, len(rem.Lines))
	given := rem.Paid - rem.Total + min(r.Paid.Minor, rem.Total)
	if rem.Paid <= 0 {
		return taken, nil
	}
	for i, l := range rem.Lines {
		gone, err := money.MulDiv(l.Sold, given, rem.Paid)
		if err != nil { // more than all was given back
			return nil, problem.New(problem.Internal, "the remainder of the order is inconsistent").Because(err)
		}
		taken[i] = min(l.Amount, max(0, gone-(l.Sold-l.Amount)))
	}
	return taken, nil
}
