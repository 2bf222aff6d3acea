package earn

import (
	"context"

	"github.com/tributary/tributary/ent/refund"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/order"
)

// What a chargeback's rows say, and why commissions change by them.
var (
	eventOfChargeback = map[refund.Kind]string{
		refund.KindCHARGEBACK: eventCharged, refund.KindCHARGEBACK_WON: eventWon, refund.KindCHARGEBACK_LOST: eventLost,
	}
	causeOfChargeback = map[refund.Kind]string{refund.KindCHARGEBACK: causeChargeback, refund.KindCHARGEBACK_WON: causeWon}
)

// reasonFee is the reason of what affiliates bear of a bank's fee.
const reasonFee = "CHARGEBACK_FEE"

// ChargebackInput is a chargeback that a bank has opened.
type ChargebackInput struct {
	order.Refund      // Chargeback is set; with neither lines nor an amount it is Full
	FeeShared    bool // whoever has the credit bears the fee, in proportion; else the merchant does
}

// ChargebackOpen takes in a chargeback: commission is taken back as for a refund, and
// stands again when it is won. The bank's fee is on record; it is the merchant's, or
// taken from whoever has the credit by adjustments, and stays so however the
// chargeback ends. Errors: those of AcceptRefund; INVALID feeOnAffiliates without a fee.
func (s *Service) ChargebackOpen(ctx context.Context, in ChargebackInput) (RefundOutcome, error) {
	r := in.Refund
	r.Chargeback = true
	faults := r.Validate(s.store.MerchantTime(ctx))
	if in.FeeShared && r.Fee.IsZero() {
		faults = append(faults, problem.At(problem.Invalid, "feeOnAffiliates", "there is no fee"))
	}
	if err := refused(faults); err != nil {
		return RefundOutcome{}, err
	}
	return s.giveBack(ctx, r, "chargebackOpen", in.FeeShared)
}

// ChargebackEnd ends a chargeback. What is won is accrued again, where it was, and
// never above what was taken (Q13). Errors: INVALID occurredAt; those of
// track.ChargebackEndIn.
func (s *Service) ChargebackEnd(ctx context.Context, in track.Ending) (RefundOutcome, error) {
	if err := s.checkInstant(ctx, in.OccurredAt); err != nil {
		return RefundOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "chargebackEnd", Intake: true}, func(ctx context.Context, tx *store.Tx) (RefundOutcome, error) {
		done, err := s.track.ChargebackEndIn(ctx, tx, in)
		if err != nil {
			return RefundOutcome{}, err
		}
		w, err := s.followIn(ctx, tx, done)
		if err != nil {
			return RefundOutcome{}, err
		}
		return w.refunded(done), nil
	})
}

// shareFee takes a fee from whoever has commission for the conversion, in proportion
// to what each was accrued; from nobody where nobody has.
func (s *Service) shareFee(ctx context.Context, w *work, fee money.Money) error {
	var parts []money.Part
	place := map[string]int{}
	for _, c := range w.commissions {
		i, known := place[c.AffiliateID]
		if !known {
			i = len(parts)
			place[c.AffiliateID], parts = i, append(parts, money.Part{ID: c.AffiliateID})
		}
		parts[i].Weight += c.AmountMinor
	}
	if len(parts) == 0 {
		return nil
	}
	amounts, err := money.Split(fee.Minor, parts)
	if err != nil {
		return err
	}
	for i, p := range parts {
		if amounts[i] == 0 {
			continue
		}
		taken, err := w.asPaid(p.ID, money.Of(-amounts[i], fee.Currency))
		if err != nil {
			return err
		}
		if taken.IsZero() { // less than half of the smallest coin it is paid in
			continue
		}
		in := CommissionAdjustInput{AffiliateID: p.ID, ProgramID: w.sale.ProgramID, Amount: taken, Reason: reasonFee}
		if _, err := s.adjust(ctx, w.tx, w.program, in); err != nil {
			return err
		}
	}
	return nil
}
