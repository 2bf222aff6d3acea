package earn

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/clickday"
	"github.com/tributary/tributary/ent/commissionplan"
	"github.com/tributary/tributary/ent/planversion"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track"
)

// clickGrace is how long after a day its rows may come before it is counted. What comes
// still later is counted by itself.
const clickGrace = time.Hour

// ClickDays opens a day when the first of its clicks is stored, and makes it due again
// when others are: a follower of the journal, which the writer of clicks needs to know
// nothing of. Programs whose terms pay nothing for clicks have no days.
func (s *Service) ClickDays() store.Follower {
	return store.Follower{Name: "click_days", Apply: s.openDays}
}

func (s *Service) openDays(ctx context.Context, tx *store.Tx, events []store.Event) error {
	known := map[string]*dayTerms{}
	for _, e := range events {
		if e.Type != track.EventClicks {
			continue
		}
		err := tx.Savepoint(ctx, func(ctx context.Context) error { return s.openDay(ctx, tx, known, e) })
		if store.Infrastructure(err) || ctx.Err() != nil {
			return err
		}
		if err != nil { // clicks that cannot be counted hold up no others
			s.store.Log().ErrorContext(ctx, "the day of clicks could not be opened", slog.String("event", e.ID), slog.Any("error", err))
		}
	}
	return nil
}

// dayTerms is a day of a program in which clicks are paid, and the terms it is under;
// without a version they are not.
type dayTerms struct {
	from, until time.Time
	version     *ent.PlanVersion
}

func (s *Service) openDay(ctx context.Context, tx *store.Tx, known map[string]*dayTerms, e store.Event) error {
	first, err := time.Parse(time.RFC3339Nano, e.Facts["first"])
	if err != nil {
		return err
	}
	terms := known[e.ProgramID]
	if terms == nil || first.Before(terms.from) || !first.Before(terms.until) {
		if terms, err = dayTermsAt(ctx, tx, e.ProgramID, first); err != nil {
			return err
		}
		known[e.ProgramID] = terms
	}
	if terms.version == nil {
		return nil
	}
	d, err := tx.Ent().ClickDay.Query().
		Where(clickday.ProgramID(e.ProgramID), clickday.AffiliateID(e.AffiliateID), clickday.FromAtLTE(first), clickday.UntilAtGT(first)).Only(ctx)
	if ent.IsNotFound(err) {
		return newDay(ctx, tx, e, terms, first)
	}
	if err != nil {
		return err
	}
	set := tx.Ent().ClickDay.UpdateOne(d).SetDueAt(d.UntilAt.Add(clickGrace))
	if e.At.Before(d.StoredFrom) {
		set.SetStoredFrom(e.At)
	}
	if e.At.After(d.StoredUntil) {
		set.SetStoredUntil(e.At)
	}
	return set.Exec(ctx)
}

// dayTermsAt gives the day of an instant on the clocks of the program, and the terms in
// force at its first instant. A program's first terms are for the days before them
// too; of the day on which they were made they pay what comes after.
func dayTermsAt(ctx context.Context, tx *store.Tx, programID string, at time.Time) (*dayTerms, error) {
	p, err := tx.Ent().Program.Get(ctx, programID)
	if err != nil {
		return nil, err
	}
	place, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("the program's time zone: %w", err)
	}
	t := &dayTerms{}
	t.from, t.until = plan.Day.Of(at.In(place))
	row, err := tx.Ent().PlanVersion.Query().
		Where(planversion.HasPlanWith(commissionplan.ProgramID(programID)), planversion.ValidFromLTE(t.from), planversion.Recount(false)).
		Order(ent.Desc(planversion.FieldValidFrom, planversion.FieldCreatedAt, planversion.FieldID)).First(ctx)
	if ent.IsNotFound(err) {
		return t, nil
	}
	if err != nil {
		return nil, err
	}
	v, err := plan.DecodeVersion(row.Document)
	if err == nil && len(v.Clicks) > 0 && !at.Before(row.CreatedAt) {
		t.version = row
		if t.from.Before(row.CreatedAt) {
			t.from = row.CreatedAt
		}
	}
	return t, err
}

// newDay opens a day, between those that are there: were the program's clocks set to
// another zone, two of its days would overlap, and clicks in both be paid twice.
func newDay(ctx context.Context, tx *store.Tx, e store.Event, t *dayTerms, at time.Time) error {
	from, until := t.from, t.until
	near, err := tx.Ent().ClickDay.Query().
		Where(clickday.ProgramID(e.ProgramID), clickday.AffiliateID(e.AffiliateID), clickday.FromAtLT(until), clickday.UntilAtGT(from)).All(ctx)
	if err != nil {
		return err
	}
	for _, d := range near {
		if !d.UntilAt.After(at) && d.UntilAt.After(from) {
			from = d.UntilAt
		}
		if d.FromAt.After(at) && d.FromAt.Before(until) {
			until = d.FromAt
		}
	}
	return tx.Ent().ClickDay.Create().SetID(tx.ID(id.ClickDay)).SetProgramID(e.ProgramID).SetAffiliateID(e.AffiliateID).SetPlanVersionID(t.version.ID).
		SetFromAt(from.UTC()).SetUntilAt(until.UTC()).SetStoredFrom(e.At).SetStoredUntil(e.At).SetDueAt(until.UTC().Add(clickGrace)).Exec(ctx)
}
