package earn

import (
	"cmp"
	"context"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// CommissionAdjustInput is money added to or taken from an affiliate by hand.
type CommissionAdjustInput struct {
	AffiliateID string
	ProgramID   string
	Amount      money.Money           // not zero; negative takes
	Reason      string                // 1 to 500 bytes; the affiliate sees it
	ReasonCode  commission.ReasonCode // OTHER when empty
}

// CommissionAdjust posts an amount straight to the payable balance, as a
// commission of its own that no recalculation touches (Q37). A correction of it
// is another adjustment. Errors: NOT_FOUND affiliateId or programId, INVALID
// reason, CURRENCY_UNKNOWN or AMOUNT_RANGE amount.
func (s *Service) CommissionAdjust(ctx context.Context, in CommissionAdjustInput) (CommissionOutcome, error) {
	if err := checkAmount(in.Amount); err != nil {
		return CommissionOutcome{}, err
	}
	if err := checkWhy(&in.Reason); err != nil {
		return CommissionOutcome{}, err
	}
	if in.ReasonCode == "" {
		in.ReasonCode = commission.ReasonCodeOTHER
	}
	if commission.ReasonCodeValidator(in.ReasonCode) != nil {
		return CommissionOutcome{}, problem.At(problem.Invalid, "reasonCode", "is not known")
	}
	return store.Run(ctx, s.store, store.Command{Name: "commissionAdjust"}, func(ctx context.Context, tx *store.Tx) (CommissionOutcome, error) {
		p, err := tx.Ent().Program.Get(ctx, in.ProgramID)
		if err != nil {
			return CommissionOutcome{}, missing(err, "programId", "program")
		}
		if _, err := tx.Ent().Affiliate.Get(ctx, in.AffiliateID); err != nil {
			return CommissionOutcome{}, missing(err, "affiliateId", "affiliate")
		}
		c, err := s.adjust(ctx, tx, p, in)
		if err != nil {
			return CommissionOutcome{}, err
		}
		tx.Note(c.ID, map[string]string{"amount": in.Amount.String()})
		return CommissionOutcome{CommissionID: c.ID}, nil
	})
}

// adjust makes and posts an adjustment. The reason stays on the row: people write
// names into reasons, and the book cannot forget them.
func (s *Service) adjust(ctx context.Context, tx *store.Tx, p *ent.Program, in CommissionAdjustInput) (*ent.Commission, error) {
	c, err := adjustment(ctx, tx, in)
	if err == nil {
		err = s.ledger.AdjustIn(ctx, tx, c.ID, c.AffiliateID, in.Amount, "")
	}
	if err == nil {
		emitCommission(tx, p, eventAdjusted, c, c.AmountMinor, nil)
	}
	return c, err
}

func checkAmount(m money.Money) error {
	if _, err := money.ParseCurrency(string(m.Currency)); err != nil {
		return problem.At(problem.CurrencyUnknown, "amount", "is not in a known currency")
	}
	if m.IsZero() || m.Minor > plan.MaxLine || m.Minor < -plan.MaxLine {
		return problem.At(problem.AmountRange, "amount", "must not be zero or above %d minor units", int64(plan.MaxLine))
	}
	return nil
}

func adjustment(ctx context.Context, tx *store.Tx, in CommissionAdjustInput) (*ent.Commission, error) {
	return tx.Ent().Commission.Create().SetID(tx.ID(id.Commission)).SetProgramID(in.ProgramID).SetAffiliateID(in.AffiliateID).
		SetKind(commission.KindADJUSTMENT).SetStatus(commission.StatusAPPROVED).SetReason(in.Reason).SetReasonCode(cmp.Or(in.ReasonCode, commission.ReasonCodeOTHER)).
		SetCurrency(in.Amount.Currency).SetBaseMinor(0).SetAmountMinor(in.Amount.Minor).
		SetEarnedAt(tx.MerchantTime()).SetDecidedAt(tx.MerchantTime()).Save(ctx)
}
