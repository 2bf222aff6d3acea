package earn

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// CommissionAdjustReverseInput names an adjustment.
type CommissionAdjustReverseInput struct {
	ID     string
	Reason string // 1 to 500 bytes; the affiliate sees it
}

// CommissionAdjustReverse takes an adjustment back, whole and once, where it was: what
// was given becomes a debt when it was paid out meanwhile. The adjustment and its own
// reason stay readable. Errors: NOT_FOUND id, WRONG_STATE id for what is no adjustment
// or taken back already, INVALID reason.
func (s *Service) CommissionAdjustReverse(ctx context.Context, in CommissionAdjustReverseInput) (CommissionOutcome, error) {
	if err := checkWhy(&in.Reason); err != nil {
		return CommissionOutcome{}, err
	}
	c := store.Command{Name: "commissionAdjustReverse", Subject: in.ID}
	return store.Run(ctx, s.store, c, func(ctx context.Context, tx *store.Tx) (CommissionOutcome, error) {
		// Two at once would both find it as it was, and the second would fail in the
		// book instead of being told why.
		if err := tx.Lock(ctx, "commissions", in.ID); err != nil {
			return CommissionOutcome{}, err
		}
		row, err := tx.Ent().Commission.Get(ctx, in.ID)
		if err != nil {
			return CommissionOutcome{}, missing(err, "id", "commission")
		}
		if row.Kind != commission.KindADJUSTMENT {
			return CommissionOutcome{}, problem.At(problem.State, "id", "the commission was earned, and is taken back by refunds")
		}
		if err := (move{row.Status, commission.StatusREVERSED}).may("id"); err != nil {
			return CommissionOutcome{}, err
		}
		return CommissionOutcome{CommissionID: row.ID}, s.unadjust(ctx, tx, row, in.Reason)
	})
}

func (s *Service) unadjust(ctx context.Context, tx *store.Tx, c *ent.Commission, reason string) error {
	if err := s.ledger.UnadjustIn(ctx, tx, c.ID, c.AffiliateID, c.Amount()); err != nil {
		return err
	}
	err := tx.Ent().Commission.UpdateOne(c).SetStatus(commission.StatusREVERSED).SetReversedMinor(c.AmountMinor).SetUndoneBecause(reason).Exec(ctx)
	if err != nil {
		return err
	}
	programs, err := programsOf(ctx, tx, []*ent.Commission{c})
	if err != nil {
		return err
	}
	tx.Note(c.ID, map[string]string{"amount": c.Amount().String()})
	emitCommission(tx, programs[c.ProgramID], eventReversed, c, c.AmountMinor, from(c.Status))
	return nil
}
