package earn

import (
	"bytes"
	"slices"

	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
)

// What uplines would have is computed by the function that computes what they have: of
// what is left of the sale under the other terms, of what its seller would keep, and of
// the snapshot taken with the decision. Each member's first commission is of the sale as
// it was sold, a further one of what edits added to that, and both are filled, the first
// one first, with what the sale comes to now. Where nothing of that differs, what they
// have is left as it is.

// withMore adds what uplines would have, and what tiers of whole periods would add.
func (c *recount) withMore(all []recounted) ([]recounted, error) {
	all, err := c.withLevels(all)
	if err != nil {
		return nil, err
	}
	return c.withStages(all)
}

// withLevels adds what uplines would have of the conversion.
func (c *recount) withLevels(all []recounted) ([]recounted, error) {
	if len(c.now.Levels) == 0 && len(c.levels) == 0 {
		return all, nil
	}
	if c.sameSale(all) {
		for _, m := range c.levels {
			all = append(all, standing(m))
		}
		return all, nil
	}
	more, err := c.levelsAnew()
	if err != nil {
		return nil, err
	}
	all = append(all, more...)
	for _, m := range c.levels {
		if !slices.ContainsFunc(more, func(r recounted) bool { return r.was == m }) {
			all = append(all, recounted{kind: commission.KindOVERRIDE, level: m.Level, affiliate: m.AffiliateID, seller: m.SellerID, was: m})
		}
	}
	return all, nil
}

// standing is a commission that stays as it is.
func standing(m *ent.Commission) recounted {
	return recounted{
		kind: m.Kind, level: m.Level, affiliate: m.AffiliateID, seller: m.SellerID, was: m, waits: m.Waits,
		bytes: m.Trace, amount: m.AmountMinor, left: m.AmountMinor - m.ReversedMinor, absorbed: m.AbsorbedMinor,
	}
}

// sameSale reports whether sellers have the same by terms that pay alike.
func (c *recount) sameSale(all []recounted) bool {
	if len(c.old) == 0 || len(c.anew) != len(c.old) || slices.ContainsFunc(all, recounted.differs) {
		return false
	}
	return !slices.ContainsFunc(c.old, func(k *known) bool { return !k.same })
}

// levelsAnew computes what uplines would have, seller by seller.
func (c *recount) levelsAnew() (all []recounted, err error) {
	if len(c.now.Levels) == 0 || len(c.anew) == 0 || c.anew[0].nothing() {
		return nil, nil
	}
	back, above := c.left(c.anew)
	now, err := c.levelSales(c.anew, back, above)
	if err != nil {
		return nil, err
	}
	for _, l := range now {
		upline, err := c.upline(l.seller, c.uplines)
		if err != nil {
			return nil, err
		}
		more, err := c.levelsOf(l, upline, len(c.anew) > 1)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// soldBy is a seller's sale as so many layers were sold.
func (c *recount) soldBy(l levelSale, layers int) levelSale {
	l.bases, l.kept = map[string]int64{}, map[string]int64{}
	for _, p := range c.anew[:layers] {
		for _, line := range p[0].trace.Lines {
			l.bases[line.ID] += line.Base
		}
		if own, ok := p.of(l.seller); ok {
			for _, line := range own.trace.Lines {
				l.kept[line.ID] += line.Commission
			}
		}
	}
	return l
}

// levelsOf computes what a seller's upline would have; grown says that edits added
// something to the order.
func (c *recount) levelsOf(l levelSale, upline []levels.Member, grown bool) (all []recounted, err error) {
	var first, whole, now []heir
	for _, x := range []struct {
		out  *[]heir
		sale levelSale
	}{{&first, c.soldBy(l, 1)}, {&whole, c.soldBy(l, len(c.anew))}, {&now, l}} {
		if *x.out, err = heirs(x.sale, c.sale.Currency, upline, ""); err != nil {
			return nil, err
		}
	}
	for i, h := range now {
		all = append(all, c.member(h, first[i], whole[i], grown)...)
	}
	return all, nil
}

// member sets what one of an upline would have on a sale beside what it has: of the sale
// as it is left, as it was sold first, and as all layers were sold.
func (c *recount) member(now, first, whole heir, grown bool) (all []recounted) {
	var was []*ent.Commission
	for _, m := range c.levels {
		if m.SellerID == now.seller && m.AffiliateID == now.member.AffiliateID {
			was = append(was, m)
		}
	}
	if kept := c.keeps(was, now.step.Amount, first.step.Amount); kept != nil {
		return kept
	}
	keep := min(now.step.Amount, first.step.Amount)
	all = append(all, recountedLevel(first, 0, 0, at(was, 0), first.step.Amount, keep))
	rest, second := now.step.Amount-keep, at(was, 1)
	if !grown && second == nil {
		return givesOrGave(all)
	}
	source := now
	if second != nil && whole.step.Amount > now.step.Amount {
		source = whole
	}
	if keep == first.step.Amount || source.step.Amount > first.step.Amount {
		all = append(all, recountedLevel(source, first.step.Amount, 1, second, source.step.Amount-first.step.Amount, rest))
	}
	return givesOrGave(all)
}

// keeps leaves a member's commissions as they are where they are filled with the same:
// the terms of levels are the same, and so is the first of them.
func (c *recount) keeps(was []*ent.Commission, now, first int64) (all []recounted) {
	same := func(k *known) bool { return bytes.Equal(k.Levels, c.now.Levels) }
	if len(was) == 0 || was[0].AmountMinor != first || slices.ContainsFunc(c.old, func(k *known) bool { return !same(k) }) {
		return nil
	}
	for _, m := range was {
		keep := min(now, m.AmountMinor)
		if now -= keep; keep != m.AmountMinor-m.ReversedMinor-m.AbsorbedMinor {
			return nil
		}
		all = append(all, standing(m))
	}
	if now > 0 {
		return nil
	}
	return all
}

func recountedLevel(h heir, earlier int64, layer int, was *ent.Commission, amount, left int64) recounted {
	d := h.draft(earlier, layer)
	r := recounted{kind: commission.KindOVERRIDE, level: d.level, affiliate: d.affiliate, seller: d.seller, was: was, waits: d.waits, bytes: d.trace, amount: amount, left: left}
	if was != nil {
		r.waits, r.absorbed = was.Waits, min(was.AbsorbedMinor, amount-left)
		r.left += r.absorbed
	}
	return r
}

// givesOrGave leaves out what was not and would not be.
func givesOrGave(all []recounted) []recounted {
	return slices.DeleteFunc(all, func(r recounted) bool { return r.was == nil && r.amount == 0 })
}

func at(rows []*ent.Commission, i int) *ent.Commission {
	if i < len(rows) {
		return rows[i]
	}
	return nil
}
