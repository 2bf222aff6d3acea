package pay

import (
	"context"
	"fmt"
	"slices"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/payoutbatch"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
)

// BatchCreateInput names a run of payouts.
type BatchCreateInput struct {
	BatchKey     string // names the run, such as 2026-03; 1 to 100 bytes
	Currency     money.Currency
	Rail         string       // MANUAL when empty
	Threshold    *money.Money // smallest pay-out; the programs' when nil
	AffiliateIDs []string     // only these; all when empty
}

// BatchOutcome names a batch.
type BatchOutcome struct {
	BatchID string
	Created bool // this command made it
}

// MaxPayouts is how many affiliates one batch pays: their balances are locked
// until it is made, and orders of theirs wait that long.
const MaxPayouts = 1000

// BatchCreate makes a batch of everything payable in a currency, and reserves it,
// in one command. The same key is the same batch, whatever has become payable
// since (Q66). Errors: BELOW_THRESHOLD when nothing is to be paid; INVALID,
// CURRENCY_UNKNOWN, CURRENCY_MISMATCH, AMOUNT_RANGE or NOT_FOUND at the field;
// TAKEN at batchKey for a key that names a batch of another currency or rail;
// TOO_LARGE beyond MaxPayouts.
func (s *Service) BatchCreate(ctx context.Context, in BatchCreateInput) (BatchOutcome, error) {
	if in.Rail == "" {
		in.Rail = string(payoutbatch.RailMANUAL)
	}
	if err := s.checkBatch(in); err != nil {
		return BatchOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "payoutBatchCreate"}, func(ctx context.Context, tx *store.Tx) (BatchOutcome, error) {
		if out, err := known(ctx, tx, in); err != nil || out.BatchID != "" {
			return out, err
		}
		if err := checkAffiliates(ctx, tx, in.AffiliateIDs); err != nil {
			return BatchOutcome{}, err
		}
		due, err := s.eligible(ctx, tx, in)
		if err != nil {
			return BatchOutcome{}, err
		}
		// Another run with the key may have been awaited at the accounts' locks.
		if out, err := known(ctx, tx, in); err != nil || out.BatchID != "" {
			return out, err
		}
		if len(due) == 0 {
			return BatchOutcome{}, problem.New(problem.BelowThreshold, "nobody has enough to be paid in %s", in.Currency)
		}
		if len(due) > MaxPayouts {
			return BatchOutcome{}, problem.At(problem.TooLarge, "affiliateIds", "%d affiliates are to be paid, %d at most in one batch: name them", len(due), MaxPayouts)
		}
		return s.make(ctx, tx, in, due)
	})
}

func (s *Service) checkBatch(in BatchCreateInput) error {
	if err := short(in.BatchKey, "batchKey", 1, 100); err != nil {
		return err
	}
	if _, err := money.ParseCurrency(string(in.Currency)); err != nil {
		return problem.At(problem.CurrencyUnknown, "currency", "is no known currency")
	}
	if _, err := s.rail(in.Rail); err != nil {
		return err
	}
	if t := in.Threshold; t != nil {
		if t.Currency != in.Currency {
			return problem.At(problem.CurrencyMismatch, "threshold", "must be in %s", in.Currency)
		}
		if t.IsNegative() {
			return problem.At(problem.AmountRange, "threshold", "must not be negative")
		}
	}
	if len(in.AffiliateIDs) > MaxPayouts {
		return problem.At(problem.TooLarge, "affiliateIds", "must be at most %d", MaxPayouts)
	}
	return nil
}

// known finds the batch that the key names, the zero outcome when there is none.
func known(ctx context.Context, tx *store.Tx, in BatchCreateInput) (BatchOutcome, error) {
	b, err := tx.Ent().PayoutBatch.Query().Where(payoutbatch.BatchKey(in.BatchKey)).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return BatchOutcome{}, nil
	case err != nil:
		return BatchOutcome{}, err
	case b.Currency != in.Currency || string(b.Rail) != in.Rail:
		return BatchOutcome{}, problem.At(problem.Taken, "batchKey", "names a batch in %s by %s", b.Currency, b.Rail)
	}
	return BatchOutcome{BatchID: b.ID}, nil
}

// checkAffiliates refuses an affiliate that is not there: left out silently, it
// would be taken for paid.
func checkAffiliates(ctx context.Context, tx *store.Tx, ids []string) error {
	there := map[string]bool{}
	for some := range slices.Chunk(ids, lookStep) {
		found, err := tx.Ent().Affiliate.Query().Where(affiliate.IDIn(some...)).IDs(ctx)
		if err != nil {
			return err
		}
		for _, id := range found {
			there[id] = true
		}
	}
	for i, id := range ids {
		if !there[id] {
			return problem.At(problem.NotFound, fmt.Sprintf("affiliateIds.%d", i), "the affiliate was not found")
		}
	}
	return nil
}

// make writes the batch, freezes its payouts and reserves each.
func (s *Service) make(ctx context.Context, tx *store.Tx, in BatchCreateInput, due []ledger.Payable) (BatchOutcome, error) {
	total, err := sum(due, in.Currency)
	if err != nil {
		return BatchOutcome{}, problem.At(problem.AmountRange, "affiliateIds", "the batch's total is out of range").Because(err)
	}
	var batch *ent.PayoutBatch
	err = tx.Savepoint(ctx, func(ctx context.Context) (err error) {
		batch, err = tx.Ent().PayoutBatch.Create().SetBatchKey(in.BatchKey).SetRail(payoutbatch.Rail(in.Rail)).
			SetCurrency(in.Currency).SetTotalMinor(total.Minor).SetCount(len(due)).Save(ctx)
		return err
	})
	if store.IsUnique(err) { // made meanwhile by a run in another currency, which met other locks
		return known(ctx, tx, in)
	}
	if err != nil {
		return BatchOutcome{}, err
	}
	if err := s.reserve(ctx, tx, batch, due); err != nil {
		return BatchOutcome{}, err
	}
	tx.Note(batch.ID, map[string]string{"total": total.String(), "count": fmt.Sprint(len(due))})
	return BatchOutcome{BatchID: batch.ID, Created: true}, nil
}

func (s *Service) reserve(ctx context.Context, tx *store.Tx, batch *ent.PayoutBatch, due []ledger.Payable) error {
	methods, err := methodsOf(ctx, tx, due)
	if err != nil {
		return err
	}
	day, err := today(ctx, tx)
	if err != nil {
		return err
	}
	emitBatch(tx, eventBatchCreated, batch, day)
	for _, p := range due {
		row := tx.Ent().Payout.Create().SetID(tx.ID(id.Payout)).SetBatchID(batch.ID).SetAffiliateID(p.AffiliateID).
			SetCurrency(p.Amount.Currency).SetAmountMinor(p.Amount.Minor)
		if m := methods[p.AffiliateID]; m != nil {
			row.SetMethodID(m.ID)
		}
		one, err := row.Save(ctx)
		if err != nil {
			return err
		}
		if err := s.ledger.ReserveIn(ctx, tx, one.ID, p.AffiliateID, p.Amount, ledger.Cause{ID: batch.ID}); err != nil {
			return err
		}
		emitPayout(tx, eventReserved, one, one.AffiliateID, day)
	}
	return nil
}
