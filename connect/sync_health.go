package connect

import (
	"context"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/ent/syncfeed"
	"github.com/tributary/tributary/ent/syncitem"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// Breaker says whether an account is called.
type Breaker string

// States of a breaker.
const (
	BreakerClosed Breaker = "CLOSED"    // it is called
	BreakerOpen   Breaker = "OPEN"      // it has failed again and again and is left alone for a while
	BreakerTrial  Breaker = "HALF_OPEN" // one record at a time shows whether it is back
)

// Health is how the writing to an integration goes.
type Health struct {
	IntegrationID string
	Pending       int        // records that are not written as they stand
	OldestSince   *time.Time // when the first change was made that is not written
	Dead          int        // records that are not tried again by themselves
	Failures      int        // calls that have failed since one worked
	Breaker       Breaker
	PausedUntil   *time.Time // it is not called before
	WorkedAt      *time.Time // when something was last written
	FailedAt      *time.Time // when a call last failed
	Problem       string     // why
}

// SyncHealth says how the writing to an integration goes. Errors: NOT_FOUND id,
// WRONG_STATE id for one that is not written to.
func (s *Service) SyncHealth(ctx context.Context, integrationID string) (Health, error) {
	h := Health{IntegrationID: integrationID, Breaker: BreakerClosed}
	if _, _, err := s.written(ctx, integrationID); err != nil {
		return h, err
	}
	client := s.store.Client()
	feed, err := client.SyncFeed.Query().Where(syncfeed.IntegrationID(integrationID)).Only(ctx)
	if ent.IsNotFound(err) {
		return h, nil
	}
	if err != nil {
		return h, err
	}
	h.Failures, h.PausedUntil, h.WorkedAt, h.FailedAt, h.Problem = feed.Failures, feed.PausedUntil, feed.WorkedAt, feed.FailedAt, feed.Problem
	switch {
	case feed.Failures >= opens && feed.PausedUntil != nil && s.store.Now().Before(*feed.PausedUntil):
		h.Breaker = BreakerOpen
	case feed.Failures >= opens:
		h.Breaker = BreakerTrial
	}
	of := client.SyncItem.Query().Where(syncitem.IntegrationID(integrationID))
	if h.Dead, err = of.Clone().Where(syncitem.StatusEQ(syncitem.StatusDEAD)).Count(ctx); err != nil {
		return h, err
	}
	waiting := of.Where(syncitem.StatusIn(syncitem.StatusPENDING, syncitem.StatusFAILED))
	if h.Pending, err = waiting.Clone().Count(ctx); err != nil || h.Pending == 0 {
		return h, err
	}
	oldest, err := waiting.Order(ent.Asc(syncitem.FieldSince)).First(ctx)
	if err == nil {
		h.OldestSince = oldest.Since
	}
	return h, err
}

// written gives an integration that is written to, with its destination.
func (s *Service) written(ctx context.Context, integrationID string) (*ent.Integration, Destination, error) {
	row, err := s.integration(ctx, integrationID)
	if err != nil {
		return nil, nil, err
	}
	dest, is := s.providers[string(row.Provider)].(Destination)
	if !is {
		return nil, nil, problem.At(problem.State, "id", "nothing is written to the integration")
	}
	return row, dest, nil
}

// SyncAgainInput names what is written once more.
type SyncAgainInput struct {
	IntegrationID string
	// All is everything of the program, also what was there before the integration;
	// else the dead letters.
	All   bool
	After string // where a call before has come to
}

// SyncAgainOutcome is how many records are left to be written, and whether there are
// more.
type SyncAgainOutcome struct {
	IntegrationID, After string
	Count                int
	More                 bool
}

// againAtOnce is how many dead letters, conversions or affiliates one call leaves to be
// written.
const againAtOnce = 1000

// SyncAgain leaves records to be written once more: the dead letters, or all, which
// then stand behind what has just changed. It takes some at a time, of all affiliates
// first: call again with After until there are no more. Errors: NOT_FOUND id,
// WRONG_STATE id for one that is not written to.
func (s *Service) SyncAgain(ctx context.Context, in SyncAgainInput) (SyncAgainOutcome, error) {
	row, _, err := s.written(ctx, in.IntegrationID)
	if err != nil {
		return SyncAgainOutcome{}, err
	}
	if row.Status == integration.StatusDISCONNECTED {
		return SyncAgainOutcome{}, problem.At(problem.State, "id", "the integration is disconnected")
	}
	return store.Run(ctx, s.store, store.Command{Name: "integrationSync", Subject: row.ID}, func(ctx context.Context, tx *store.Tx) (SyncAgainOutcome, error) {
		out := SyncAgainOutcome{IntegrationID: row.ID}
		tx.Note(row.ID, nil)
		tx.AfterCommit(s.nudgeSync)
		if !in.All {
			out.Count, err = tx.DoorRemark(ctx, store.Remark{IntegrationID: row.ID, Dead: true, Limit: againAtOnce})
			if out.Count == againAtOnce { // those that are left are still dead: they come next
				out.After, out.More = row.ID, true
			}
			return out, err
		}
		return out, s.everythingAgain(ctx, tx, row, in.After, &out)
	})
}

// everythingAgain marks the next of all: affiliates, then conversions with their customers.
func (s *Service) everythingAgain(ctx context.Context, tx *store.Tx, row *ent.Integration, after string, out *SyncAgainOutcome) error {
	if after == "" || after < "aff_~" && after > "aff_" {
		ids, err := tx.Ent().Enrollment.Query().Where(enrollment.ProgramID(row.ProgramID), enrollment.AffiliateIDGT(after)).
			Order(ent.Asc(enrollment.FieldAffiliateID)).Limit(againAtOnce).Select(enrollment.FieldAffiliateID).Strings(ctx)
		if err != nil {
			return err
		}
		if len(ids) > 0 {
			return s.leave(ctx, tx, row, changed{people: ids}, out, ids[len(ids)-1])
		}
		after = ""
	}
	ids, err := tx.Ent().Conversion.Query().Where(conversion.ProgramID(row.ProgramID), conversion.IDGT(after)).
		Order(ent.Asc(conversion.FieldID)).Limit(againAtOnce).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	return s.leave(ctx, tx, row, changed{sales: ids}, out, ids[len(ids)-1])
}

func (s *Service) leave(ctx context.Context, tx *store.Tx, row *ent.Integration, c changed, out *SyncAgainOutcome, last string) error {
	items, err := s.marked(ctx, tx, row, c)
	if err != nil {
		return err
	}
	out.Count, out.After, out.More = len(items), last, true
	return tx.DoorMark(ctx, row.ID, 1, items)
}
