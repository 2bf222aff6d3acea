package earn

import (
	"context"
	"slices"

	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/attribution"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/money"
)

// causeRejected is why a level is taken back that had been approved when the sale it
// was earned on was rejected.
const causeRejected = "REJECTION"

// heir is what becomes of one of an upline on one sale.
type heir struct {
	terms   levels.Terms
	sale    levels.Sale
	result  levels.Result
	step    levels.Step
	member  levels.Member
	seller  string
	credit  string // the decision by which the seller has credit
	version plan.Version
}

// heirs computes a sale for everybody above its seller.
func heirs(l levelSale, c money.Currency, upline []levels.Member, credit string) ([]heir, error) {
	terms, has, err := levelsOf(l.version)
	if err != nil || !has || len(upline) == 0 {
		return nil, err
	}
	sale, err := l.facts(c, upline)
	if err != nil {
		return nil, err
	}
	result, err := terms.Evaluate(sale)
	if err != nil {
		return nil, err
	}
	var all []heir
	for _, step := range result.Steps {
		if step.Outcome == levels.Paid || step.Outcome == levels.Held {
			all = append(all, heir{terms, sale, result, step, upline[step.Member], l.seller, credit, l.version})
		}
	}
	return all, nil
}

// draft is the heir's commission on top of what it had before, in a layer above that.
func (h heir) draft(earlier int64, layer int) draft {
	var base int64
	for _, l := range h.sale.Lines {
		base += l.Base
	}
	return draft{
		version: h.version, kind: commission.KindOVERRIDE, affiliate: h.member.AffiliateID, seller: h.seller, credit: h.credit, level: 1 + h.step.Level + amended*layer,
		base: base, amount: money.Of(h.step.Amount-earlier, h.sale.Currency), trace: h.result.Trace(h.terms, h.sale, h.step.Member, earlier).Encode(),
		waits: h.step.Outcome == levels.Held,
	}
}

// firstLevels are what the uplines earn on an award, as it was sold.
func (w *work) firstLevels(a award, decided map[string]string) (drafts []draft, err error) {
	if a.uplines == nil {
		return nil, nil
	}
	for _, r := range a.results {
		own := a.of(r.Trace.Input.AffiliateID).version
		bases, err := w.bases(own, true)
		if err != nil {
			return nil, err
		}
		l := levelSale{version: own, seller: r.Trace.Input.AffiliateID, parties: r.Trace.Input.Sharing, bases: bases, kept: map[string]int64{}}
		for _, line := range r.Lines {
			l.kept[line.ID] = line.Commission
		}
		all, err := heirs(l, w.sale.Currency, a.uplines[l.seller], decided[l.seller])
		if err != nil {
			return nil, err
		}
		for _, h := range all {
			if h.step.Amount > 0 {
				drafts = append(drafts, h.draft(0, 0))
			}
		}
	}
	return drafts, nil
}

// settleLevels brings what uplines have to what is left of each seller's sale. Where
// an edit has added something, what is missing is accrued.
func (s *Service) settleLevels(ctx context.Context, w *work, sales []levelSale, grown bool, cause string) error {
	uplines, credits, err := w.snapshots(ctx, grown)
	if err != nil {
		return err
	}
	var drafts []draft
	for _, l := range sales {
		upline, err := w.upline(l.seller, uplines)
		if err != nil {
			return err
		}
		all, err := heirs(l, w.sale.Currency, upline, credits[l.seller])
		if err != nil {
			return err
		}
		for _, h := range all {
			more, err := s.settleHeir(ctx, w, h, cause)
			if err != nil {
				return err
			}
			if grown && more != nil {
				drafts = append(drafts, *more)
			}
		}
	}
	return s.addAll(ctx, w, drafts)
}

// settleHeir fills a member's commissions on a sale, the oldest first, with what it
// comes to. What is more than all of them is a further one, unless the first was
// rejected.
func (s *Service) settleHeir(ctx context.Context, w *work, h heir, cause string) (more *draft, err error) {
	left, next, rejected := h.step.Amount, 0, false
	for i, c := range w.levels {
		if c.SellerID != h.seller || c.AffiliateID != h.member.AffiliateID {
			continue
		}
		keep := min(left, c.AmountMinor)
		left -= keep
		rejected = rejected || next == 0 && c.Status == commission.StatusREJECTED
		next = max(next, layerOf(c)+1)
		if c.Status == commission.StatusREJECTED {
			continue
		}
		if err := s.change(ctx, w, &w.levels[i], c.AmountMinor-keep-c.ReversedMinor-c.AbsorbedMinor, cause); err != nil {
			return nil, err
		}
	}
	if left == 0 || rejected {
		return nil, nil
	}
	d := h.draft(h.step.Amount-left, next)
	return &d, nil
}

// upline gives a seller's snapshot: as it was read, or as a commission on it keeps it.
func (w *work) upline(seller string, read map[string][]levels.Member) ([]levels.Member, error) {
	if upline, ok := read[seller]; ok {
		return upline, nil
	}
	i := slices.IndexFunc(w.levels, func(c *ent.Commission) bool { return c.SellerID == seller })
	if i < 0 {
		return nil, nil
	}
	t, err := levels.DecodeTrace(w.levels[i].Trace)
	return t.Sale.Upline, err
}

// snapshots reads the uplines of the decision in force, with the ids of its rows, by
// affiliate. They are needed only for what is to be accrued: what was accrued keeps
// them.
func (w *work) snapshots(ctx context.Context, grown bool) (uplines map[string][]levels.Member, credits map[string]string, err error) {
	if !grown {
		return nil, nil, nil
	}
	rows, err := w.tx.Ent().Attribution.Query().Where(attribution.ConversionID(w.sale.ID)).Order(ent.Desc(attribution.FieldRevision)).All(ctx)
	if err != nil {
		return nil, nil, err
	}
	uplines, credits = map[string][]levels.Member{}, map[string]string{}
	for _, row := range rows {
		if !sameDecision(row, rows[0]) {
			break
		}
		if row.AffiliateID != nil {
			credits[*row.AffiliateID] = row.ID
		}
		if row.AffiliateID == nil || len(row.Upline) == 0 {
			continue
		}
		if uplines[*row.AffiliateID], err = levels.DecodeUpline(row.Upline); err != nil {
			return nil, nil, err
		}
	}
	return uplines, credits, nil
}
