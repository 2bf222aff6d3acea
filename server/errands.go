package server

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/trust"
)

// errandBatch is how many rows one command of an errand takes: it holds the
// writer for some milliseconds, not for the whole backlog.
const errandBatch = 200

// errands is what recurs, and how often. Each reads what is due from the rows.
func (p *Program) errands() []queue.Errand {
	return p.traced([]queue.Errand{
		{Kind: "approve_due", Every: 30 * time.Second, Do: inBatches(p.rooms.earn.ApproveDue)},
		{Kind: "tell_terms", Every: time.Minute, Do: inBatches(p.rooms.earn.TellTerms)},
		{Kind: "pay_clicks", Every: 10 * time.Minute, Do: inBatches(p.rooms.earn.PayClicks)},
		{Kind: "rate_unrated", Every: time.Minute, Do: inBatches(p.rooms.earn.RateUnrated)},
		{Kind: "convert_waiting", Every: 10 * time.Minute, Do: func(ctx context.Context) error {
			_, err := p.rooms.earn.ConvertWaiting(ctx, errandBatch)
			return err
		}},
		{Kind: "decide_overdue", Every: 10 * time.Minute, Do: inBatches(p.rooms.earn.DecideOverdue)},
		{Kind: "resume_simulations", Every: 30 * time.Second, Do: inBatches(p.rooms.earn.ResumeSimulations)},
		{Kind: "resume_exports", Every: 30 * time.Second, Do: inBatches(p.rooms.export.Resume)},
		{Kind: "apply_parked", Every: time.Minute, Do: func(ctx context.Context) error {
			_, err := p.rooms.connect.ApplyParked(ctx)
			return err
		}},
		{Kind: "reconcile_shops", Every: 15 * time.Second, Do: func(ctx context.Context) error {
			_, err := p.rooms.connect.ReconcileDue(ctx)
			return err
		}},
		{Kind: "ledger_checkpoint", Every: time.Hour, Do: p.checkpoint},
		{Kind: "forget_bodies", Every: 24 * time.Hour, Do: func(ctx context.Context) error {
			_, err := p.rooms.connect.ForgetBodies(ctx)
			return err
		}},
		{Kind: "reseal", Every: time.Hour, Do: func(ctx context.Context) error {
			_, err := p.store.Reseal(ctx)
			return err
		}},
		{Kind: "forget_allowances", Every: time.Hour, Do: inBatches(p.store.ForgetAllowances)},
		{Kind: "forget_deliveries", Every: time.Hour, Do: inBatches(p.store.ForgetDeliveries)},
		{Kind: "forget_transfers", Every: time.Hour, Do: inBatches(p.store.ForgetTransfers)},
		{Kind: "forget_exports", Every: time.Hour, Do: untilNone(p.store.ForgetExports)},
		{Kind: "forget_keys", Every: 24 * time.Hour, Do: inBatches(p.store.ForgetKeys)},
	})
}

// tasks is what commands leave to be done after their commit.
func (p *Program) tasks() []queue.Task {
	return slices.Concat(p.rooms.auth.Tasks(), p.rooms.notice.Tasks(), p.rooms.earn.Tasks(), p.rooms.webhook.Tasks(), p.rooms.export.Tasks())
}

func (p *Program) traced(all []queue.Errand) []queue.Errand {
	for i, e := range all {
		all[i].Do = p.tracing.errand(e.Kind, e.Do)
	}
	return all
}

// untilNone repeats work until there was none.
func untilNone(do func(ctx context.Context) (int, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		for {
			if n, err := do(ctx); n == 0 || err != nil {
				return err
			}
		}
	}
}

// inBatches repeats work until a batch was not full.
func inBatches(do func(ctx context.Context, limit int) (int, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		for {
			n, err := do(ctx, errandBatch)
			if err != nil || n < errandBatch {
				return err
			}
		}
	}
}

// checkpoint does it for every merchant; one merchant's trouble is not another's.
func (p *Program) checkpoint(ctx context.Context) error {
	merchants, err := p.store.DoorMerchants(ctx)
	for _, id := range merchants {
		_, failed := p.rooms.ledger.Checkpoint(trust.With(ctx, trust.System(id)))
		err = errors.Join(err, failed)
	}
	return err
}
