package connect

import (
	"context"
	"errors"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/ent/reconciliation"
	"github.com/tributary/tributary/internal/egress"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// A reconciliation asks a shop which orders changed in a time, page by page, and lets
// those that are missing here, or of which less is known, be worked on as if they had
// just been told by a message. What a page asks for is stored as receipts before its
// place is written down: whoever is killed in between reads the page again, and finds
// its receipts there.

const (
	// reconcileEvery is how long after one reconciliation the next is made.
	reconcileEvery = 10 * time.Minute
	// reconcileOverlap is how far a reconciliation reaches back into the one before: a
	// shop may show a change a while after it happened.
	reconcileOverlap = 10 * time.Minute
	// reconcileFirst is how far the first one reaches back.
	reconcileFirst = 24 * time.Hour
	// reconcileLease is when another server goes on with one whose server was lost.
	reconcileLease = 2 * time.Minute
	// reconcileRetry is when a page that could not be read is asked for again.
	reconcileRetry = time.Minute
	// pagePatience is how long a page may take; shorter than the lease.
	pagePatience = time.Minute
	// mostIDs is how many ids a reconciliation names.
	mostIDs = 200
)

var reconciling = store.Command{Name: "reconcile", Quiet: true}

// ReconcileDue makes the reconciliations that are due and goes on with those that are
// under way, for all merchants. It is meant to run every few seconds, on every server.
func (s *Service) ReconcileDue(ctx context.Context) (pages int, err error) {
	merchants, err := s.store.DoorMerchants(ctx)
	for _, m := range merchants {
		if err != nil {
			break
		}
		var n int
		n, err = s.reconcileOf(trust.With(ctx, trust.System(m)))
		pages += n
	}
	return pages, err
}

func (s *Service) reconcileOf(ctx context.Context) (pages int, err error) {
	shops, err := s.store.Client().Integration.Query().
		Where(integration.StatusEQ(integration.StatusACTIVE), integration.CredentialsSealedNotNil()).All(ctx)
	for _, row := range shops {
		if _, can := s.providers[string(row.Provider)].(Puller); !can || err != nil {
			continue
		}
		if err = s.schedule(ctx, row); err == nil {
			var n int
			n, err = s.goOn(ctx, row)
			pages += n
		}
	}
	return pages, err
}

// schedule makes the next reconciliation of a shop when it is time.
func (s *Service) schedule(ctx context.Context, row *ent.Integration) error {
	now := s.store.Now().Truncate(time.Second)
	due := func(tx *ent.Client) (since time.Time, is bool, err error) {
		last, err := tx.Reconciliation.Query().Where(reconciliation.IntegrationID(row.ID), reconciliation.Scheduled(true)).
			Order(ent.Desc(reconciliation.FieldID)).First(ctx)
		switch {
		case ent.IsNotFound(err):
			return now.Add(-reconcileFirst), true, nil
		case err != nil || last.Status != reconciliation.StatusDONE || now.Sub(last.UntilAt) < reconcileEvery:
			return since, false, err
		}
		return last.UntilAt.Add(-reconcileOverlap), true, nil
	}
	if _, is, err := due(s.store.Client()); err != nil || !is {
		return err
	}
	_, err := store.Run(ctx, s.store, reconciling, func(ctx context.Context, tx *store.Tx) (int, error) {
		// Two servers that look at once would both make it.
		if err := tx.Lock(ctx, "integrations", row.ID); err != nil {
			return 0, err
		}
		since, is, err := due(tx.Ent())
		if err != nil || !is {
			return 0, err
		}
		return 0, tx.Ent().Reconciliation.Create().SetID(tx.ID(id.Reconciled)).SetIntegrationID(row.ID).
			SetSinceAt(since).SetUntilAt(now).SetNextAt(tx.Now()).Exec(ctx)
	})
	return err
}

// goOn reads the pages of a shop's reconciliations that nobody else is at.
func (s *Service) goOn(ctx context.Context, row *ent.Integration) (pages int, err error) {
	due, err := s.store.Client().Reconciliation.Query().
		Where(reconciliation.IntegrationID(row.ID), reconciliation.StatusEQ(reconciliation.StatusRUNNING), reconciliation.NextAtLTE(s.store.Now())).
		Order(ent.Asc(reconciliation.FieldID)).Limit(10).All(ctx)
	for _, r := range due {
		for err == nil && r != nil {
			var mine bool
			if mine, err = s.hold(ctx, r); err != nil || !mine {
				break
			}
			r, err = s.page(ctx, row, r)
			pages++
		}
	}
	return pages, err
}

// hold takes a reconciliation for a page, unless another server has it.
func (s *Service) hold(ctx context.Context, r *ent.Reconciliation) (bool, error) {
	until := s.store.Now().Add(reconcileLease).UTC().Truncate(time.Microsecond)
	n, err := s.writeReconciled(ctx, r, func(up *ent.ReconciliationUpdate) { up.SetNextAt(until) })
	r.NextAt = &until
	return n == 1, err
}

// writeReconciled changes a reconciliation that is still as it was read: who took it
// over meanwhile has changed when it is gone on with.
func (s *Service) writeReconciled(ctx context.Context, r *ent.Reconciliation, change func(*ent.ReconciliationUpdate)) (int, error) {
	return store.Run(ctx, s.store, reconciling, func(ctx context.Context, tx *store.Tx) (int, error) {
		up := tx.Ent().Reconciliation.Update().
			Where(reconciliation.ID(r.ID), reconciliation.StatusEQ(reconciliation.StatusRUNNING), reconciliation.NextAt(*r.NextAt))
		change(up)
		return up.Save(ctx)
	})
}

// page reads a page, and gives the reconciliation if there is another to be read now.
func (s *Service) page(ctx context.Context, row *ent.Integration, r *ent.Reconciliation) (*ent.Reconciliation, error) {
	patient, cancel := context.WithTimeout(ctx, pagePatience)
	defer cancel()
	page, err := s.pull(patient, row, r)
	found := tally{}
	if err == nil && !page.Again {
		found, err = s.queuePage(trust.With(patient, asShop(row)), row, r, page)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	next := s.store.Now().Add(page.Wait)
	if err != nil {
		next = s.store.Now().Add(reconcileRetry)
	}
	next = next.UTC().Truncate(time.Microsecond)
	last := err == nil && !page.Again && page.Cursor == ""
	n, writeErr := s.writeReconciled(ctx, r, func(up *ent.ReconciliationUpdate) {
		up.SetProblem(clean(says(err), 200)).SetNextAt(next)
		if err == nil && !page.Again {
			up.SetCursor(page.Cursor).AddSeen(found.seen).AddMissing(len(found.missing)).AddDiffering(len(found.differing)).
				SetMissingIds(some(r.MissingIds, found.missing)).SetDifferingIds(some(r.DifferingIds, found.differing))
		}
		if last {
			up.SetStatus(reconciliation.StatusDONE).SetFinishedAt(s.store.Now()).ClearNextAt()
		}
	})
	if err != nil {
		s.store.Log().WarnContext(ctx, "a page of a reconciliation could not be read", "reconciliation", r.ID, "error", err)
	}
	if writeErr != nil || n == 0 || last || err != nil || page.Wait > 0 {
		return nil, writeErr
	}
	return s.store.Client().Reconciliation.Get(ctx, r.ID)
}

func (s *Service) pull(ctx context.Context, row *ent.Integration, r *ent.Reconciliation) (Pulled, error) {
	puller, can := s.providers[string(row.Provider)].(Puller)
	if !can {
		return Pulled{}, errors.New("connect: the provider cannot be asked for orders")
	}
	c, err := s.Credentials(ctx, row.ID)
	if err != nil {
		return Pulled{}, err
	}
	fields, err := s.heardFields(ctx, row)
	if err != nil {
		return Pulled{}, err
	}
	return puller.Pull(egress.Long(ctx), s.call(), row.Account, c, PullAsk{Since: r.SinceAt, Until: r.UntilAt, Cursor: r.Cursor, Fields: fields})
}

func some(have, more []string) []string {
	all := append(append([]string{}, have...), more...)
	return all[:min(len(all), mostIDs)]
}
