package earn

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

const maxWhy = 500 // bytes

// CommissionRejectInput names a commission.
type CommissionRejectInput struct {
	ID     string
	Reason string // 1 to 500 bytes; the affiliate sees it
}

// CommissionOutcome is the commission.
type CommissionOutcome struct{ CommissionID string }

// CommissionReject refuses a pending commission for good: what is left of it goes
// back to the merchant. Errors: NOT_FOUND id, WRONG_STATE id, INVALID reason.
func (s *Service) CommissionReject(ctx context.Context, in CommissionRejectInput) (CommissionOutcome, error) {
	if err := checkWhy(&in.Reason); err != nil {
		return CommissionOutcome{}, err
	}
	c := store.Command{Name: "commissionReject", Subject: in.ID}
	return store.Run(ctx, s.store, c, func(ctx context.Context, tx *store.Tx) (CommissionOutcome, error) {
		rows, err := lockCommissions(ctx, tx, []string{in.ID})
		if err != nil {
			return CommissionOutcome{}, err
		}
		c := rows[in.ID]
		if c == nil {
			return CommissionOutcome{}, problem.At(problem.NotFound, "id", "the commission was not found")
		}
		if err := (move{c.Status, commission.StatusREJECTED}).may("id"); err != nil {
			return CommissionOutcome{}, err
		}
		return CommissionOutcome{CommissionID: c.ID}, s.reject(ctx, tx, c, in.Reason)
	})
}

// checkWhy trims a reason and refuses one that is missing or too long.
func checkWhy(reason *string) error {
	*reason = strings.TrimSpace(*reason)
	if *reason == "" || len(*reason) > maxWhy || !utf8.ValidString(*reason) || strings.ContainsRune(*reason, 0) {
		return problem.At(problem.Invalid, "reason", "must be text of 1 to %d bytes", maxWhy)
	}
	return nil
}

func (s *Service) reject(ctx context.Context, tx *store.Tx, c *ent.Commission, reason string) error {
	programs, err := programsOf(ctx, tx, []*ent.Commission{c})
	if err != nil {
		return err
	}
	rest := money.Of(c.AmountMinor-c.ReversedMinor, c.Currency)
	if err := s.ledger.RejectIn(ctx, tx, booked(c), c.AffiliateID, rest); err != nil {
		return err
	}
	err = tx.Ent().Commission.UpdateOne(c).SetStatus(commission.StatusREJECTED).SetReason(reason).SetDecidedAt(tx.MerchantTime()).Exec(ctx)
	if err != nil {
		return err
	}
	tx.Note(c.ID, nil)
	emitCommission(tx, programs[c.ProgramID], eventRejected, c, rest.Minor, from(c.Status))
	return nil
}
