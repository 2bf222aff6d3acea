package earn

import (
	"cmp"
	"context"
	"strconv"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/dispute"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/order"
)

// DisputeAcceptInput grants a claim.
type DisputeAcceptInput struct {
	ID     string
	Reason string // 1 to 500 bytes; the affiliate sees it
	Effect dispute.Effect
	// ConversionID is what to re-attribute, when the claim does not tell: two shops
	// have an order of its number.
	ConversionID string
	OrderScope   string       // of a sale that is recorded: the shop it would come from
	Amount       *money.Money // of a sale that is recorded, as claimed when nil; of a credit, which must say it
}

// DisputeDeclineInput refuses a claim.
type DisputeDeclineInput struct {
	ID     string
	Reason string // 1 to 500 bytes; the affiliate sees it
}

// sourceDispute is the source of orders that a dispute put on record.
const sourceDispute = "dispute"

// DisputeAccept grants a claim and does what it asks for, by the ordinary verb and in
// the same transaction: the sale's credit goes to the claimant, or the missing sale is
// recorded as the claimant's, or an amount is credited. Errors: those of the verb,
// NOT_FOUND id, WRONG_STATE id, INVALID reason or effect, WRONG_STATE effect for a sale
// to be recorded that is there.
func (s *Service) DisputeAccept(ctx context.Context, in DisputeAcceptInput) (DisputeOutcome, error) {
	if err := checkWhy(&in.Reason); err != nil {
		return DisputeOutcome{}, err
	}
	if dispute.EffectValidator(in.Effect) != nil {
		return DisputeOutcome{}, problem.At(problem.Invalid, "effect", "must be REATTRIBUTE, RECORD or CREDIT")
	}
	c := store.Command{Name: "disputeAccept", Subject: in.ID}
	return store.Run(ctx, s.store, c, func(ctx context.Context, tx *store.Tx) (DisputeOutcome, error) {
		d, err := heldDispute(ctx, tx, in.ID)
		if err != nil {
			return DisputeOutcome{}, err
		}
		return DisputeOutcome{DisputeID: d.ID}, s.grant(ctx, tx, d, in, false)
	})
}

// DisputeDecline refuses a claim. Errors: NOT_FOUND id, WRONG_STATE id, INVALID reason.
func (s *Service) DisputeDecline(ctx context.Context, in DisputeDeclineInput) (DisputeOutcome, error) {
	if err := checkWhy(&in.Reason); err != nil {
		return DisputeOutcome{}, err
	}
	c := store.Command{Name: "disputeDecline", Subject: in.ID}
	return store.Run(ctx, s.store, c, func(ctx context.Context, tx *store.Tx) (DisputeOutcome, error) {
		d, err := heldDispute(ctx, tx, in.ID)
		if err != nil {
			return DisputeOutcome{}, err
		}
		return DisputeOutcome{DisputeID: d.ID}, refuseClaim(ctx, tx, d, in.Reason, false)
	})
}

func refuseClaim(ctx context.Context, tx *store.Tx, d *ent.Dispute, reason string, automatic bool) error {
	after, err := tx.Ent().Dispute.UpdateOne(d).SetStatus(dispute.StatusDECLINED).SetOutcome(reason).SetAutomatic(automatic).SetDecidedAt(tx.MerchantTime()).Save(ctx)
	if err == nil {
		tx.Note(d.ID, nil)
		emitDispute(tx, after, eventDisputeDeclined, canon.Facts{"automatic": strconv.FormatBool(automatic)})
	}
	return err
}

// grant does what an acceptance says.
func (s *Service) grant(ctx context.Context, tx *store.Tx, d *ent.Dispute, in DisputeAcceptInput, automatic bool) error {
	done, err := s.effect(ctx, tx, d, in)
	if err != nil {
		return err
	}
	after, err := tx.Ent().Dispute.UpdateOne(d).SetStatus(dispute.StatusACCEPTED).SetOutcome(in.Reason).SetEffect(in.Effect).SetOutcomeID(done).
		SetAutomatic(automatic).SetDecidedAt(tx.MerchantTime()).Save(ctx)
	if err != nil {
		return err
	}
	tx.Note(d.ID, map[string]string{"effect": string(in.Effect), "outcome": done})
	emitDispute(tx, after, eventDisputeAccepted, canon.Facts{"effect": string(in.Effect), "outcome_id": done, "automatic": strconv.FormatBool(automatic)})
	return nil
}

// effect gives the id of what it changed or made.
func (s *Service) effect(ctx context.Context, tx *store.Tx, d *ent.Dispute, in DisputeAcceptInput) (string, error) {
	switch in.Effect {
	case dispute.EffectREATTRIBUTE:
		return s.giveSale(ctx, tx, d, in)
	case dispute.EffectRECORD:
		return s.recordSale(ctx, tx, d, in)
	}
	if in.Amount == nil || in.Amount.Minor <= 0 {
		return "", problem.At(problem.Invalid, "amount", "say how much is credited, above zero")
	}
	if err := checkAmount(*in.Amount); err != nil {
		return "", err
	}
	p, err := tx.Ent().Program.Get(ctx, d.ProgramID)
	if err != nil {
		return "", err
	}
	c, err := s.adjust(ctx, tx, p, CommissionAdjustInput{AffiliateID: d.AffiliateID, ProgramID: d.ProgramID, Amount: *in.Amount, Reason: in.Reason, ReasonCode: commission.ReasonCodeDISPUTE})
	if err != nil {
		return "", err
	}
	return c.ID, nil
}

// giveSale puts the claimant's credit in the place of whoever has it.
func (s *Service) giveSale(ctx context.Context, tx *store.Tx, d *ent.Dispute, in DisputeAcceptInput) (string, error) {
	saleID := cmp.Or(in.ConversionID, text(d.ConversionID))
	if saleID == "" {
		sale, err := orderNamed(ctx, tx, d.ProgramID, d.OrderExternalID)
		if err != nil {
			return "", err
		}
		saleID = sale.ID
	}
	_, err := s.reattributeIn(ctx, tx, ReattributeInput{ConversionID: saleID, AffiliateID: d.AffiliateID, Reason: in.Reason}, claimant(d))
	return saleID, err
}

func claimant(d *ent.Dispute) []track.Named {
	return []track.Named{{AffiliateID: d.AffiliateID, Parts: 1, Field: "affiliateId"}}
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// recordSale records a sale that is not there, and gives it to the claimant unless the
// rules on credit do so themselves.
func (s *Service) recordSale(ctx context.Context, tx *store.Tx, d *ent.Dispute, in DisputeAcceptInput) (string, error) {
	there, err := tx.Ent().Conversion.Query().Where(conversion.ProgramID(d.ProgramID), conversion.ExternalID(d.OrderExternalID)).Exist(ctx)
	if err != nil {
		return "", err
	}
	if there {
		return "", problem.At(problem.State, "effect", "the order is on record: give its credit to the claimant instead")
	}
	sold := money.Of(d.AmountMinor, d.Currency)
	if in.Amount != nil {
		sold = *in.Amount
	}
	o := order.Order{
		Source: sourceDispute, SourceScope: in.OrderScope, ExternalID: d.OrderExternalID, Kind: order.KindSale, Status: order.StatusPaid, ProgramID: d.ProgramID,
		OccurredAt: d.OccurredAt, Currency: sold.Currency, Total: sold, Lines: order.Whole(sold),
	}
	if d.CouponCode != "" {
		o.CouponCodes = []string{d.CouponCode}
	}
	if err := refused(o.Validate(tx.MerchantTime())); err != nil {
		return "", err
	}
	out, err := s.acceptIn(ctx, tx, o)
	if err != nil {
		return "", err
	}
	_, err = s.reattributeIn(ctx, tx, ReattributeInput{ConversionID: out.ConversionID, AffiliateID: d.AffiliateID, Reason: in.Reason}, claimant(d))
	if problem.CodeOf(err) == problem.Conflict { // it is the claimant's already
		err = nil
	}
	return out.ConversionID, err
}
