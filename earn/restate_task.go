package earn

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// An order that takes a period across a threshold restates all that was sold in it,
// which may be more than a request has time for. It restates some; a task restates the
// others, so many in one transaction, and orders come in between. What is left to do
// stands in the rows: a commission names the tiers that it stands at. So a server that
// is killed forgets nothing, and whatever restates the period next does some as well.

const (
	restateJob   = "tiers_restate"
	restateOnce  = 25  // sales that a command restates beside its own
	restateBatch = 100 // sales that the task restates in one transaction
	restateLimit = 30 * time.Minute
)

// atOnce is how many sales a command restates beside its own: all of them where nobody
// does the others.
func (s *Service) atOnce() int {
	if s.desk == nil {
		return math.MaxInt32
	}
	return restateOnce
}

// restateLater leaves periods to the task, each by one of its commissions.
func (s *Service) restateLater(ctx context.Context, tx *store.Tx, behind []string) error {
	jobs := make([]queue.Job, len(behind))
	for i, c := range behind {
		jobs[i] = queue.Job{Kind: restateJob, Merchant: tx.MerchantID(), Subject: c}
	}
	return s.desk.Leave(ctx, tx, jobs...)
}

// restating is the task.
func (s *Service) restating() queue.Task {
	return queue.Task{Kind: restateJob, Limit: restateLimit, Do: func(ctx context.Context, j queue.Job) error {
		return s.Restate(trust.With(ctx, trust.System(j.Merchant)), j.Subject)
	}}
}

// Restate brings all sales of a commission's period to the tiers that it has reached.
func (s *Service) Restate(ctx context.Context, commissionID string) error {
	for at := commissionID; at != ""; {
		next, err := s.restateOnwards(ctx, at)
		if err == nil && next == at {
			err = fmt.Errorf("earn: commission %s does not come to the tiers of its period: %w", at, queue.ErrGiveUp)
		}
		if err != nil {
			return err
		}
		at = next
	}
	return nil
}

// restateOnwards restates a batch of a commission's period. It gives one that is left.
func (s *Service) restateOnwards(ctx context.Context, commissionID string) (next string, err error) {
	c := store.Command{Name: "tiersRestate", Subject: commissionID, Quiet: true}
	return store.Run(ctx, s.store, c, func(ctx context.Context, tx *store.Tx) (string, error) {
		row, err := tx.Ent().Commission.Get(ctx, commissionID)
		if err != nil {
			return "", err
		}
		behind, err := s.restatePeriods(ctx, tx, []*ent.Commission{row}, false, restateBatch, causeTier)
		if err != nil || len(behind) == 0 {
			return "", err
		}
		return behind[0], nil
	})
}
