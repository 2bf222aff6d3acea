package track

import (
	"strings"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/refund"
	"github.com/tributary/tributary/track/order"
)

// held is what chargebacks that have not ended hold of an order. A shop may give the
// money back itself meanwhile: its refund finds nothing to take from the lines, and is
// owed. When the chargeback is won, what is owed is taken of what comes back; else
// the merchant would have paid the buyer and the commission would stand again.
type held struct {
	open  map[string]detail // of chargebacks, by external id
	owed  map[string]int64  // by the line's external id
	whole int64             // of what the buyer paid, held in all
}

// add notes one of the order's refunds, oldest first.
func (h *held) add(r *ent.Refund, d detail) {
	if h.open == nil {
		h.open, h.owed = map[string]detail{}, map[string]int64{}
	}
	switch r.Kind {
	case refund.KindCHARGEBACK:
		h.open[r.ExternalID] = d
		h.whole += d.whole
	case refund.KindCHARGEBACK_WON, refund.KindCHARGEBACK_LOST:
		of := strings.TrimPrefix(r.ExternalID, endOf)
		h.whole -= h.open[of].whole
		delete(h.open, of)
	}
	for _, l := range d.owed {
		h.owed[l.externalID] += l.amount
	}
}

// claimable is what a refund may give back: what is left, and what chargebacks hold
// that no other refund is owed.
func (b book) claimable() order.Remainder {
	rem := b.remainder()
	rem.Total = max(0, b.conversion.TotalMinor-b.whole+b.held.whole)
	for i := range rem.Lines {
		l := &rem.Lines[i]
		l.Amount -= b.held.owed[l.ExternalID]
		for _, d := range b.held.open {
			l.Amount += d.of(l.ExternalID)
		}
		l.Amount = max(0, l.Amount)
	}
	return rem
}

func (d detail) of(line string) (sum int64) {
	for _, l := range d.lines {
		if l.externalID == line {
			sum += l.amount
		}
	}
	return sum
}

// owe divides what a refund takes into what the lines still have and what is owed.
func (b book) owe(taken []int64) (owed []detailLine) {
	for i, l := range b.lines {
		if over := taken[i] - (l.AmountMinor - l.RefundedMinor); over > 0 {
			taken[i] -= over
			owed = append(owed, detailLine{externalID: l.ExternalID, amount: over})
		}
	}
	return owed
}

// forfeit gives up what is owed of what a lost chargeback had taken: the bank keeps it,
// and it does not come back to be taken.
func (b book) forfeit(opened *ent.Refund, g *give) error {
	d, err := readDetail(opened.Lines)
	for _, l := range b.lines {
		if due := min(b.held.owed[l.ExternalID], d.of(l.ExternalID)); due > 0 {
			g.owed = append(g.owed, detailLine{externalID: l.ExternalID, amount: -due})
		}
	}
	return err
}

// repay takes what is owed of what a won chargeback gives back.
func (b book) repay(g *give) {
	for i, l := range b.lines {
		if due := min(b.held.owed[l.ExternalID], -g.taken[i]); due > 0 {
			g.taken[i] += due
			g.owed = append(g.owed, detailLine{externalID: l.ExternalID, amount: -due})
		}
	}
}
