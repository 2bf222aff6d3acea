package earn

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/money"
)

// What made a conversion's commissions change.
const (
	causeRefund = "REFUND"
	causeCancel = "CANCELLATION"
	causeEdit   = "EDIT"
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
	back, above := spread(layers, left(w.lines), replaced(w.lines))
	for i, l := range layers {
		if l.once() {
			exchange(back[i], above)
		}
		refunded := plan.Refunded{Lines: back[i], Whole: whole(w.sale.Status)}
		if err := s.reverse(ctx, w, i, l, refunded, cause); err != nil {
			return err
		}
	}
	return s.amend(ctx, w, layers[0], above)
}

// layers reads what each commission was computed from.
func (w *work) layers(ctx context.Context) ([]layer, error) {
	versions, err := termsOf(ctx, w.tx.Ent(), w.commissions)
	if err != nil {
		return nil, err
	}
	layers := make([]layer, len(w.commissions))
	for i, c := range w.commissions {
		trace, err := plan.DecodeTrace(c.Trace)
		if err != nil {
			return nil, err
		}
		layers[i] = layer{trace: trace, version: versions[*c.PlanVersionID]}
	}
	return layers, nil
}

// reverse posts what a layer's refunds leave to be taken back, or given again.
func (s *Service) reverse(ctx context.Context, w *work, i int, l layer, r plan.Refunded, cause string) error {
	c := w.commissions[i]
	if c.Status == commission.StatusREJECTED {
		return nil
	}
	due, err := l.trace.Due(l.version, r, c.ReversedMinor)
	if err != nil || due == 0 {
		return err
	}
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
	w.commissions[i] = after
	emitCommission(w.tx, w.program, eventReversed, c, due, canon.Facts{"from": string(account(c)), "cause": cause})
	return nil
}

// post takes back some of a commission, or gives some of it again when due is
// negative. The row's version names the posting: it counts every change of the
// commission, so the same reversal cannot be posted twice.
func (s *Service) post(ctx context.Context, w *work, c *ent.Commission, due int64) error {
	key, why := strconv.Itoa(c.Version), w.why
	if why.ID == "" {
		why.ID = w.sale.ID
	}
	if due > 0 {
		return s.ledger.ReverseIn(ctx, w.tx, key, c.ID, c.AffiliateID, money.Of(due, c.Currency), held(c), why)
	}
	return s.ledger.RestoreIn(ctx, w.tx, key, c.ID, c.AffiliateID, money.Of(-due, c.Currency), held(c), why)
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
// the affiliate of the first: an edit changes what was bought, not who gets
// credit. It adds nothing to what was paid once for the whole order, nor to what
// was rejected.
func (s *Service) amend(ctx context.Context, w *work, first layer, above map[string]int64) error {
	if len(above) == 0 || first.once() || !w.earns() || w.commissions[0].Status == commission.StatusREJECTED {
		return nil
	}
	in := first.trace.Input
	in.Lines = nil
	for _, line := range slices.Sorted(maps.Keys(above)) {
		in.Lines = append(in.Lines, plan.LineIn{ID: line, Amount: money.Of(above[line], in.Currency)})
	}
	r, err := plan.Evaluate(first.version, in)
	if err != nil || r.Amount.IsZero() {
		return err
	}
	_, err = s.add(ctx, w, r, first.version, *w.commissions[0].AttributionID, w.commissions[0].Level+amended*len(w.commissions))
	return err
}
