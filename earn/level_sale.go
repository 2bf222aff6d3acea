package earn

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/money"
)

// What the levels earn is a function of what is left of the sale: of the base that is
// left of each line, of what its seller keeps on it by the plan, and of the snapshot.
// It is computed anew whenever the sale changes, and each member is settled to what
// comes out; so the end does not depend on the way, a maximum holds for what is left
// too, and a level of the commission below follows that one. A change never raises
// what a member has beyond what was posted, unless the order was edited upwards: a
// refund pays nobody.
//
// Of a sale that several share each has its part of every line's base, to the minor
// unit, and its own upline earns on that and on its own commission.

// levelSale is one seller's sale, as its upline sees it.
type levelSale struct {
	version plan.Version // the seller is under
	seller  string
	parties []plan.Party
	bases   map[string]int64 // what is left of the base of lines, for all who share
	kept    map[string]int64 // what the seller keeps on lines
}

// bases gives the base of each line: as it was sold, or what is left of it.
func (w *work) bases(v plan.Version, sold bool) (map[string]int64, error) {
	lines, err := planLines(w.sale, w.lines)
	if err != nil {
		return nil, err
	}
	given := map[string]int64{}
	for _, l := range w.lines {
		given[l.ID] = l.RefundedMinor
	}
	bases := map[string]int64{}
	for i, base := range v.Ready().Bases(lines) {
		l := lines[i]
		switch {
		case sold || base == 0:
		case whole(w.sale.Status):
			base = 0
		case l.Amount.Minor > 0:
			if base, err = money.MulDiv(base, max(0, l.Amount.Minor-given[l.ID]), l.Amount.Minor); err != nil {
				return nil, err
			}
		}
		bases[l.ID] = base
	}
	return bases, nil
}

// facts spells the sale for the levels: the seller's own part of the bases, and what
// it keeps. What it keeps for a line that is no more, such as a fixed amount after
// an exchange, goes to the lines that are, in proportion to their base.
func (l levelSale) facts(c money.Currency, upline []levels.Member) (levels.Sale, error) {
	own := map[string]int64{}
	for line, base := range l.bases {
		part, err := l.own(base)
		if err != nil {
			return levels.Sale{}, err
		}
		if part > 0 {
			own[line] = part
		}
	}
	kept, err := moved(own, l.kept)
	if err != nil {
		return levels.Sale{}, err
	}
	sale := levels.Sale{Currency: c, Upline: upline}
	for _, line := range slices.Sorted(maps.Keys(merge(own, kept))) {
		sale.Lines = append(sale.Lines, levels.Line{ID: fmt.Sprintf("%04d", len(sale.Lines)), Base: own[line], Commission: kept[line]})
	}
	return sale, nil
}

// own is the seller's part of an amount by its share of the credit.
func (l levelSale) own(amount int64) (int64, error) {
	if len(l.parties) < 2 {
		return amount, nil
	}
	weights := make([]money.Part, len(l.parties))
	for i, p := range l.parties {
		weights[i] = money.Part{ID: p.AffiliateID, Weight: p.Num}
	}
	parts, err := money.Split(amount, weights)
	if err != nil {
		return 0, err
	}
	return parts[slices.IndexFunc(l.parties, func(p plan.Party) bool { return p.AffiliateID == l.seller })], nil
}

// moved gives what is kept, on lines that have a base where there are any.
func moved(own, kept map[string]int64) (map[string]int64, error) {
	out, rest := map[string]int64{}, int64(0)
	for line, v := range kept {
		switch {
		case v == 0:
		case own[line] > 0 || len(own) == 0:
			out[line] = v
		default:
			rest += v
		}
	}
	if rest == 0 {
		return out, nil
	}
	lines := slices.Sorted(maps.Keys(own))
	weights := make([]money.Part, len(lines))
	for i, line := range lines {
		weights[i] = money.Part{ID: line, Weight: own[line]}
	}
	parts, err := money.Split(rest, weights)
	for i := range parts {
		out[lines[i]] += parts[i]
	}
	return out, err
}

func merge[V any](a, b map[string]V) map[string]V {
	out := map[string]V{}
	maps.Copy(out, a)
	maps.Copy(out, b)
	return out
}

// levelSales gives the sale of each who shares the credit, as it is left. What was
// rejected of a seller's commission counts as not sold by it.
func (w *work) levelSales(layers []parts, back []map[string]int64, above map[string]int64) ([]levelSale, error) {
	first := layers[0][0]
	var sales []levelSale
	for _, seller := range first.sharing() {
		own := layers[0].under(seller)
		bases, err := w.bases(own, false)
		if err != nil {
			return nil, err
		}
		l := levelSale{version: own, seller: seller, parties: first.trace.Input.Sharing, bases: bases, kept: map[string]int64{}}
		if w.rejectedFirst(layers, seller) {
			clear(l.bases)
		}
		for i, layer := range layers {
			if p, ok := layer.of(seller); ok {
				if err := w.takeInto(&l, p, back[i], over(layers, back, above, i), layers); err != nil {
					return nil, err
				}
			}
		}
		sales = append(sales, l)
	}
	return sales, nil
}

// rejectedFirst reports whether the first commission of a seller was rejected: nothing
// that is added to the order later is its either.
func (w *work) rejectedFirst(layers []parts, seller string) bool {
	p, ok := layers[0].of(seller)
	return ok && w.rejected(p)
}

// rejected reports a part whose commission was; one that is only computed has none.
func (w *work) rejected(p part) bool {
	return p.at >= 0 && w.commissions[p.at].Status == commission.StatusREJECTED
}

// takeInto adds a layer of the seller's to its sale, or takes out what was rejected.
func (w *work) takeInto(l *levelSale, p part, back, above map[string]int64, layers []parts) error {
	rejected, first := w.rejected(p), w.rejectedFirst(layers, l.seller)
	if !rejected {
		kept, err := p.trace.Kept(p.version, w.givenBack(p.layer, back, above))
		if err != nil {
			return err
		}
		for _, k := range kept {
			l.kept[k.LineID] += k.Minor
		}
	}
	if rejected == first || whole(w.sale.Status) {
		return nil
	}
	for _, line := range p.trace.Lines {
		held := line.Base
		if line.Sold > 0 {
			var err error
			if held, err = money.MulDiv(line.Base, line.Sold-back[line.ID], line.Sold); err != nil {
				return err
			}
		}
		if rejected {
			held = -held
		}
		l.bases[line.ID] = max(0, l.bases[line.ID]+held)
	}
	return nil
}
