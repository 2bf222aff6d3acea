package connect

import (
	"context"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// replayedAtOnce is how many messages one call lets be worked on again.
const replayedAtOnce = 1000

// ReplayInput names messages to work on again: one, dead or refused, or the dead ones
// of an integration that came between two times.
type ReplayInput struct {
	ReceiptID     string
	IntegrationID string
	From, To      time.Time
}

// ReplayOutcome is how many are worked on again, and whether there are more.
type ReplayOutcome struct {
	ReceiptID, IntegrationID string
	Count                    int
	More                     bool
}

// Replay lets messages be worked on again, by the way that all go: in the order of
// their subject, with as many tries as at first. Errors: INVALID for what is not
// named rightly, NOT_FOUND receiptId or integrationId, WRONG_STATE receiptId for one
// that is neither dead nor refused, or whose body is not kept as a whole any more.
func (s *Service) Replay(ctx context.Context, in ReplayInput) (ReplayOutcome, error) {
	if err := in.check(); err != nil {
		return ReplayOutcome{}, err
	}
	subject := in.ReceiptID + in.IntegrationID
	return store.Run(ctx, s.store, store.Command{Name: "webhookReceiptReplay", Subject: subject}, func(ctx context.Context, tx *store.Tx) (ReplayOutcome, error) {
		out := ReplayOutcome{ReceiptID: in.ReceiptID, IntegrationID: in.IntegrationID}
		if err := in.there(ctx, tx); err != nil {
			return out, err
		}
		n, err := tx.DoorReplay(ctx, store.Replay{ReceiptID: in.ReceiptID, IntegrationID: in.IntegrationID, From: in.From, To: in.To, Limit: replayedAtOnce})
		if err == nil && n == 0 && in.ReceiptID != "" {
			return out, problem.At(problem.State, "receiptId", "it is neither dead nor refused, or its body is not kept any more")
		}
		tx.Note(subject, nil)
		tx.AfterCommit(s.nudge)
		out.Count, out.More = n, n == replayedAtOnce
		return out, err
	})
}

func (in ReplayInput) check() error {
	switch {
	case in.ReceiptID != "" && (in.IntegrationID != "" || !in.From.IsZero() || !in.To.IsZero()):
		return problem.At(problem.Invalid, "receiptId", "stands alone: name a receipt, or an integration with from and to")
	case in.ReceiptID == "" && in.IntegrationID == "":
		return problem.At(problem.Invalid, "integrationId", "name an integration, or a receipt")
	case in.ReceiptID == "" && (in.From.IsZero() || !in.From.Before(in.To)):
		return problem.At(problem.Invalid, "to", "must be after from, and both be there")
	}
	return nil
}

// there refuses what is not the viewer's.
func (in ReplayInput) there(ctx context.Context, tx *store.Tx) error {
	if in.ReceiptID != "" {
		_, err := tx.Ent().WebhookReceipt.Get(ctx, in.ReceiptID)
		return named(err, "receiptId", "the receipt was not found")
	}
	_, err := tx.Ent().Integration.Get(ctx, in.IntegrationID)
	return named(err, "integrationId", "the integration was not found")
}
