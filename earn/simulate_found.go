package earn

import (
	"cmp"
	"slices"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/simulationdifference"
	"github.com/tributary/tributary/internal/money"
)

// found is what a simulation has found and not written yet, and its sums.
type found struct {
	rows                          []foundRow
	people                        map[purse]*sides
	done, looked, changed, pinned int64
}

// sides are minor units before and after.
type sides struct{ Before, After int64 }

// foundRow is a difference before it is written.
type foundRow struct {
	recounted
	sort       simulationdifference.Kind
	reason     simulationdifference.Reason
	conversion string
	currency   money.Currency
	seen       string
	once       string // what a bonus is owed for once
}

// keep notes what a conversion would be. When one of its commissions differs all of
// them are taken over, since they lie on each other; when only what it counts does, so
// is what it was computed from, of those too who earn nothing.
func (w *simulating) keep(sale *ent.Conversion, seen string, all []recounted, moved bool) {
	differs := slices.ContainsFunc(all, recounted.differs)
	if differs {
		w.changed++
	}
	for _, r := range all {
		if !r.nothing() {
			side := w.side(sale.Currency, r.affiliate)
			side.After += r.left
			if r.was != nil {
				side.Before += r.was.AmountMinor - r.was.ReversedMinor
			}
		}
		if !differs && !moved {
			continue
		}
		row := foundRow{recounted: r, sort: simulationdifference.KindCARRIED, reason: r.reason(), conversion: sale.ID, currency: sale.Currency, seen: seen}
		if r.differs() {
			row.sort = simulationdifference.KindCHANGED
		}
		w.rows = append(w.rows, row)
	}
}

func (f *found) side(c money.Currency, who string) *sides {
	k := purse{c, who}
	if f.people[k] == nil {
		f.people[k] = &sides{}
	}
	return f.people[k]
}

// reason says how a commission differs.
func (r recounted) reason() simulationdifference.Reason {
	switch {
	case !r.differs():
		return simulationdifference.ReasonSAME
	case r.was == nil:
		return simulationdifference.ReasonBEGINS
	case r.amount == 0:
		return simulationdifference.ReasonENDS
	case cmp.Or(cmp.Compare(r.left, r.was.AmountMinor-r.was.ReversedMinor), cmp.Compare(r.amount, r.was.AmountMinor)) > 0:
		return simulationdifference.ReasonMORE
	}
	return simulationdifference.ReasonLESS
}

// pin notes what is left alone, commission by commission.
func (w *simulating) pin(b *batch, sale *ent.Conversion, why simulationdifference.Reason) {
	w.pinned++
	row := foundRow{sort: simulationdifference.KindPINNED, reason: why, conversion: sale.ID, currency: sale.Currency}
	for _, c := range sale.Edges.Commissions {
		row.recounted = recounted{kind: c.Kind, level: c.Level, affiliate: c.AffiliateID, seller: c.SellerID, was: c, amount: c.AmountMinor}
		if c.Status != commission.StatusREJECTED {
			row.left = c.AmountMinor - c.ReversedMinor
		}
		side := w.side(sale.Currency, c.AffiliateID)
		side.Before, side.After = side.Before+row.left, side.After+row.left
		w.rows = append(w.rows, row)
	}
	if len(sale.Edges.Commissions) == 0 {
		row.kind, row.level = commission.KindCONVERSION, 1
		if d := b.byHand[sale.ID]; d != nil && d.AffiliateID != nil {
			row.affiliate = *d.AffiliateID
		}
		w.rows = append(w.rows, row)
	}
}
