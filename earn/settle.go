package earn

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/attribution"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/canon"
)

// What made a conversion's commissions change.
const (
	causeRefund       = "REFUND"
	causeChargeback   = "CHARGEBACK"
	causeWon          = "CHARGEBACK_WON"
	causeCancel       = "CANCELLATION"
	causeEdit         = "EDIT"
	causeReattributed = "REATTRIBUTION"
	causeTier         = "TIER" // a period has reached a tier that counts for all of it, or fallen below it
)

// settleIn brings the commissions of a conversion to what is left of it. It
// compares states, so it may run at any time and any number of times: what has
// been given back of each layer against what has been reversed of it, and what
// lies above all layers against nothing. Rejected commissions stay as they are.
func (s *Service) settleIn(ctx context.Context, w *work, cause string) error {
	if len(w.commissions) == 0 {
		return nil
	}
	if err := w.readLines(ctx); err != nil {
		return err
	}
	layers, err := w.layers(ctx)
	if err != nil {
		return err
	}
	first := layers[0][0]
	terms := sharedTerms(layers[0])
	for _, t := range terms {
		if err := w.holdRestated(ctx, t.version, first.sharing()); err != nil {
			return err
		}
	}
	back, above := spread(bases(layers), left(w.lines, first.version.Base), replaced(w.lines))
	if err := s.lockDecided(ctx, w); err != nil {
		return err
	}
	for i, l := range layers {
		for _, p := range l {
			if err := s.reverse(ctx, w, p, w.givenBack(p.layer, back[i], over(layers, back, above, i)), cause); err != nil {
				return err
			}
		}
	}
	if err := s.amend(ctx, w, layers, back, above); err != nil {
		return err
	}
	if slices.ContainsFunc(terms, underTerms.levelled) {
		if err := s.followUp(ctx, w, cause == causeEdit && len(above) > 0 && w.earns(), cause); err != nil {
			return err
		}
	}
	return s.restateEach(ctx, w, terms, cause)
}

// followUp lets what uplines have follow what their sellers have now.
func (s *Service) followUp(ctx context.Context, w *work, grown bool, cause string) error {
	layers, err := w.layers(ctx)
	if err != nil {
		return err
	}
	back, above := spread(bases(layers), left(w.lines, layers[0][0].version.Base), replaced(w.lines))
	sales, err := w.levelSales(layers, back, above)
	if err != nil {
		return err
	}
	return s.settleLevels(ctx, w, sales, grown, cause)
}

// givenBack gives what was given back of a layer. What was paid once for the whole
// order is let off for what an edit put in the place of what it took, above it.
func (w *work) givenBack(l layer, back, above map[string]int64) plan.Refunded {
	given := maps.Clone(back)
	if l.trace.Once(l.version) {
		exchange(given, above)
	}
	return plan.Refunded{Lines: given, Whole: whole(w.sale.Status)}
}

// layers reads what the commissions were computed from, by level.
func (w *work) layers(ctx context.Context) (layers []parts, err error) {
	versions, err := termsOf(ctx, w.tx.Ent(), w.commissions)
	if err != nil {
		return nil, err
	}
	for i, c := range w.commissions {
		trace, err := plan.DecodeTrace(c.Trace)
		if err != nil {
			return nil, err
		}
		if i == 0 || c.Level != w.commissions[i-1].Level {
			layers = append(layers, nil)
		}
		top := &layers[len(layers)-1]
		*top = append(*top, part{layer: layer{trace: trace, version: versions[*c.PlanVersionID]}, at: i})
	}
	return layers, nil
}

// reverse posts what refunds leave to be taken back of a part, or given again.
func (s *Service) reverse(ctx context.Context, w *work, p part, r plan.Refunded, cause string) error {
	c := w.commissions[p.at]
	if c.Status == commission.StatusREJECTED {
		return nil
	}
	due, err := p.trace.Due(p.version, r, c.ReversedMinor+c.AbsorbedMinor)
	if err != nil {
		return err
	}
	return s.change(ctx, w, &w.commissions[p.at], due, cause)
}

// change takes back so much of a commission, or gives it again when due is negative,
// and puts the row as it is then in its place.
func (s *Service) change(ctx context.Context, w *work, row **ent.Commission, due int64, cause string) (err error) {
	if due == 0 {
		return nil
	}
	if due, err = s.bear(ctx, w, row, due, cause); err != nil || due == 0 {
		return err
	}
	c := *row
	next := move{c.Status, settled(c, c.ReversedMinor+due)}
	if err := next.may(""); err != nil && next.from != next.to {
		return err
	}
	if err := s.post(ctx, w, c, due); err != nil {
		return err
	}
	after, err := w.tx.Ent().Commission.UpdateOne(c).SetReversedMinor(c.ReversedMinor + due).
		SetStatus(next.to).SetReason(cause).Save(ctx)
	if err != nil {
		return err
	}
	*row = after
	emitCommission(w.tx, w.program, eventReversed, c, due, canon.Facts{"from": string(account(c)), "cause": cause})
	return nil
}

// post takes back some of a commission, or gives some of it again when due is
// negative. The row's version names the posting: it counts every change of the
// commission, so the same reversal cannot be posted twice.
func (s *Service) post(ctx context.Context, w *work, c *ent.Commission, due int64) error {
	key, why := strconv.Itoa(c.Version), w.why
	if c.BookID != nil {
		key = c.ID + ":" + key
	}
	if why.ID == "" {
		why.ID = w.sale.ID
	}
	x, err := between(c, c.ReversedMinor, c.ReversedMinor+due)
	if err != nil {
		return err
	}
	return s.reverseBy(ctx, w, key, c, x, why)
}

// booked gives the id by which the book knows a commission.
func booked(c *ent.Commission) string {
	if c.BookID != nil {
		return *c.BookID
	}
	return c.ID
}

// held reports whether what is left of a commission is in the pending account.
func held(c *ent.Commission) bool { return c.DecidedAt == nil }

// account gives the status that stands for the account a commission is in:
// REVERSED is in none, and what is given again of it goes where it was.
func account(c *ent.Commission) commission.Status {
	if held(c) {
		return commission.StatusPENDING
	}
	return commission.StatusAPPROVED
}

// settled gives the status of a commission of which so much is reversed.
func settled(c *ent.Commission, reversed int64) commission.Status {
	if reversed == c.AmountMinor {
		return commission.StatusREVERSED
	}
	return account(c)
}

// amend accrues what an edit has added above all layers, under the terms and for
// the affiliates of the first: an edit changes what was bought, not who gets
// credit. It adds no fixed amount that was paid already, nothing above a bound that
// holds for the order, and nothing to what was rejected.
func (s *Service) amend(ctx context.Context, w *work, layers []parts, back []map[string]int64, above map[string]int64) error {
	if len(above) == 0 || !w.earns() {
		return nil
	}
	first := layers[0]
	in, err := w.added(layers, back, above)
	if err != nil {
		return err
	}
	used, err := w.usedNow(ctx, first[0].version, first[0].sharing())
	if err != nil {
		return err
	}
	level := 1 + amended*nextLayer(w.commissions)
	var drafts []draft
	for _, affiliate := range first[0].sharing() {
		p, accrued := first.of(affiliate)
		if accrued && w.commissions[p.at].Status == commission.StatusREJECTED {
			continue
		}
		own := first[0].layer
		if accrued {
			own = p.layer // who shares the credit may be under other terms
		}
		in.AffiliateID, in.Used, in.Kept = affiliate, used[affiliate], own.trace.Input.Kept
		r, err := own.version.Ready().Evaluate(in)
		if err != nil {
			return err
		}
		if r.Amount.IsZero() {
			continue
		}
		credit, err := w.creditOf(ctx, p, affiliate, accrued)
		if err != nil {
			return err
		}
		drafts = append(drafts, draftOf(r, own.version, credit, level))
	}
	return s.addAll(ctx, w, drafts)
}

// added is what came on top of the layers, and what was paid in them.
func (w *work) added(layers []parts, back []map[string]int64, above map[string]int64) (plan.Input, error) {
	in := layers[0][0].trace.Input
	in.Lines, in.Paid = nil, nil
	lines, err := planLines(w.sale, w.lines)
	if err != nil {
		return in, err
	}
	for _, l := range lines {
		if more := above[l.ID]; more > 0 {
			part, err := portion(l, more)
			if err != nil {
				return in, err
			}
			in.Lines = append(in.Lines, part)
		}
	}
	for i, parts := range layers {
		alone, err := parts.alone()
		if err != nil {
			return in, err
		}
		for _, l := range alone {
			t := l.trace
			kept, err := t.Kept(l.version, w.givenBack(l, back[i], over(layers, back, above, i)))
			if err != nil {
				return in, err
			}
			for j := range kept {
				if len(in.Sharing) > 0 {
					kept[j].AffiliateID = t.Input.AffiliateID
				}
			}
			in.Paid = append(in.Paid, kept...)
		}
	}
	in.Paid = merged(in.Paid)
	in.Counters = counters(layers, back)
	return in, nil
}

// counters gives what was sold before what an edit added: for a marginal tier what
// is left of the order too; else the order stays under the tier it was under.
func counters(layers []parts, back []map[string]int64) (all []plan.Counter) {
	first := layers[0][0]
	all = slices.Clone(first.trace.Input.Counters)
	for _, r := range first.version.Rules {
		if r.Tiers == nil || r.Tiers.Mode != plan.Marginal {
			continue
		}
		for _, who := range first.sharing() {
			all = append(all, plan.Counter{RuleID: r.ID, AffiliateID: who, Before: below(layers, back)})
		}
	}
	return all
}

// below gives what is left on the lines of the layers: what an edit has added was
// sold after that.
func below(layers []parts, back []map[string]int64) (sum int64) {
	for i, l := range layers {
		for _, line := range l[0].trace.Lines {
			sum += line.Sold - back[i][line.ID]
		}
	}
	return sum
}

// creditOf names the decision that gave an affiliate credit: its commission does,
// unless its share was too small for one at first.
func (w *work) creditOf(ctx context.Context, p part, affiliateID string, accrued bool) (string, error) {
	if accrued {
		return *w.commissions[p.at].AttributionID, nil
	}
	return w.tx.Ent().Attribution.Query().
		Where(attribution.ConversionID(w.sale.ID), attribution.AffiliateID(affiliateID)).
		Order(ent.Desc(attribution.FieldRevision)).FirstID(ctx)
}
