package earn

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/ledgerlock"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track"
	rules "github.com/tributary/tributary/track/attribution"
)

// A decision is made from what is known when an order is taken in. What is told later
// and happened before — a click of the buyer that another order proves, an order that
// binds the buyer, the row of a click that its order overtook — makes the decision
// anew: told late or in time, orders end with the same facts, byte for byte, the same
// credit and the same money (D22). The journal says what came, so that nothing is
// forgotten however a server ends, and no order waits for it.
//
// What people and payments rest on stays: a decision by a person, a commission that was
// approved or rejected, a sale in a locked period of the book, one that is cancelled.
// What tiers and caps counted is not counted again: while the credit is the same and
// the click's labels change nothing, what was earned stays as it is.

// causeLate is why a decision was made anew.
const causeLate = "LATE_CLICK"

// Replayer decides anew when something is told late: each server runs it with
// store.Follow.
func (s *Service) Replayer() store.Follower {
	return store.Follower{Name: "late clicks", Batch: 100, Apply: s.hear}
}

// hear looks at the conversions that events of one merchant may have changed. They are
// locked together and in order before any is touched: an order that has one of them
// would else wait for an enrolment that this holds.
func (s *Service) hear(ctx context.Context, tx *store.Tx, events []store.Event) error {
	ids, err := concerned(ctx, tx, events)
	if err != nil || len(ids) == 0 {
		return err
	}
	if err := tx.Lock(ctx, "conversions", ids...); err != nil {
		return err
	}
	sales, err := tx.Ent().Conversion.Query().Where(conversion.IDIn(ids...)).Order(ent.Asc(conversion.FieldOccurredAt, conversion.FieldID)).All(ctx)
	if err != nil {
		return err
	}
	for _, sale := range sales {
		late := slices.ContainsFunc(events, func(e store.Event) bool { return e.Type == track.EventLate && e.Subject == sale.ID })
		if err := s.hearOf(ctx, tx, sale, late); err != nil {
			return err
		}
	}
	return nil
}

// hearOf decides on one anew. What a rule or a stored document refuses leaves that one
// as it is, and holds up no other.
func (s *Service) hearOf(ctx context.Context, tx *store.Tx, sale *ent.Conversion, late bool) error {
	err := tx.Savepoint(ctx, func(ctx context.Context) error {
		w, err := open(ctx, tx, sale)
		if err != nil {
			return err
		}
		return s.replayIn(ctx, w, late)
	})
	if err == nil || store.Infrastructure(err) || ctx.Err() != nil {
		return err
	}
	s.store.Log().ErrorContext(ctx, "a conversion could not be decided anew", slog.String("conversion", sale.ID), slog.Any("error", err))
	return nil
}

// concerned gives the conversions whose click's row came late, and those of the buyers
// of orders just told that happened after these, or after the clicks that these name.
func concerned(ctx context.Context, tx *store.Tx, events []store.Event) ([]string, error) {
	var ids, told []string
	for _, e := range events {
		switch {
		case e.Type == track.EventLate:
			ids = append(ids, e.Subject)
			fallthrough
		case e.Type == eventRecorded || e.Type == eventAccepted || rebound(e):
			told = append(told, e.Subject)
		}
	}
	if len(told) == 0 {
		return nil, nil
	}
	sales, err := tx.Ent().Conversion.Query().Where(conversion.IDIn(told...), conversion.CustomerIDNotNil()).All(ctx)
	if err != nil {
		return nil, err
	}
	for _, sale := range sales {
		others, err := tx.Ent().Conversion.Query().Where(
			conversion.CustomerID(*sale.CustomerID), conversion.ProgramID(sale.ProgramID), conversion.IDNEQ(sale.ID),
			conversion.RatingIn(conversion.RatingRATED, conversion.RatingNO_CREDIT), conversion.OccurredAtGTE(since(sale)),
		).IDs(ctx)
		if err != nil {
			return nil, err
		}
		ids = append(ids, others...)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// rebound reports that a decision was made anew by this, which may bind the buyer otherwise.
func rebound(e store.Event) bool {
	if e.Type != eventCredited && e.Type != eventUncredited {
		return false
	}
	return e.Facts["cause"] == causeLate
}

// since is from when on an order matters to others of its buyer.
func since(sale *ent.Conversion) time.Time {
	from := sale.OccurredAt
	if sale.ClickID != nil {
		if at, err := id.Time(*sale.ClickID); err == nil && at.Before(from) {
			from = at
		}
	}
	return from
}

// replayIn decides anew on a conversion that the caller holds the lock of; late says that
// the row of its click came after it.
func (s *Service) replayIn(ctx context.Context, w *work, late bool) error {
	if free, err := w.undecided(ctx); err != nil || !free {
		return err
	}
	last, err := w.lastDecision(ctx)
	if err != nil {
		return err
	}
	facts, before, err := readDecision(last)
	if err != nil || before.Rule == rules.RuleManual {
		return err
	}
	e, err := s.track.EvidenceIn(ctx, w.tx, track.Case{Conversion: w.sale, Program: w.program, Bound: w.bound})
	if err != nil {
		return err
	}
	a := award{policyID: last.PolicyID, why: causeLate, groups: e.Groups, facts: again(w.sale, facts, e.Touches)}
	if a.decision = rules.Decide(e.Policy, a.facts); e.PolicyID != last.PolicyID {
		return nil
	}
	relabelled, err := w.relabelled(ctx, late)
	if err != nil {
		return err
	}
	told := bytes.Equal(a.facts.Encode(), last.Facts)
	switch {
	case told && !relabelled:
		return nil
	case !relabelled && creditText(a.decision) == creditText(before):
		_, err := w.saveDecision(ctx, a)
		return err
	}
	if err := w.readLines(ctx); err != nil {
		return err
	}
	if err := w.evaluate(ctx, &a); err != nil {
		return err
	}
	if same := w.earnsTheSame(a); same {
		if told {
			return nil
		}
		_, err := w.saveDecision(ctx, a)
		return err
	}
	return s.replace(ctx, w, a, causeLate)
}

// undecided reports whether nothing rests on the decision but itself.
func (w *work) undecided(ctx context.Context) (bool, error) {
	rated := w.sale.Rating == conversion.RatingRATED || w.sale.Rating == conversion.RatingNO_CREDIT
	if !rated || w.sale.Status == conversion.StatusCANCELLED {
		return false, nil
	}
	rests := func(c *ent.Commission) bool { return !held(c) || c.Status == commission.StatusREJECTED }
	if slices.ContainsFunc(w.commissions, rests) {
		return false, nil
	}
	locked, err := w.tx.Ent().LedgerLock.Query().Where(ledgerlock.UntilGT(w.sale.OccurredAt)).Exist(ctx)
	return !locked, err
}

// again gives the facts with what was told since: clicks that were not known, what is
// known better of the others, and what binds the buyer now. Everything else stays as it
// was frozen.
func again(sale *ent.Conversion, before rules.Facts, now []rules.Touch) rules.Facts {
	var touches []rules.Touch
	for _, t := range before.Touches {
		if t.Kind != rules.KindBinding {
			touches = append(touches, t)
		}
	}
	for _, t := range now {
		at := slices.IndexFunc(touches, func(x rules.Touch) bool { return x.ID == t.ID })
		switch {
		case t.Kind != rules.KindClick && t.Kind != rules.KindBinding:
		case at < 0:
			touches = append(touches, t)
		case !touches[at].Payable && !t.Payable:
			touches[at].Reason = t.Reason
		}
	}
	f := rules.Freeze(sale.ID, sale.OccurredAt, touches)
	f.Dropped = before.Dropped
	return f
}

// relabelled reports whether what the row of the click said matters to what is earned.
func (w *work) relabelled(ctx context.Context, late bool) (bool, error) {
	if !late {
		return false, nil
	}
	version, found, err := w.terms(ctx)
	return found && version.Ready().Labels(), err
}

// earnsTheSame reports whether the commissions in force are what an award would make,
// but for what was counted before.
func (w *work) earnsTheSame(a award) bool {
	want, got := map[string]int64{}, map[string]int64{}
	for _, r := range a.results {
		if r.Amount.Minor > 0 {
			want[r.Trace.Input.AffiliateID] = r.Amount.Minor
		}
	}
	for _, c := range w.commissions {
		got[c.AffiliateID] += c.AmountMinor
	}
	return maps.Equal(want, got)
}
