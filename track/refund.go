package track

import (
	"context"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/refund"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/order"
)

// Refunded is what a refund gave back. Rows belong to the transaction.
type Refunded struct {
	Row        *ent.Refund
	Conversion *ent.Conversion
	Created    bool             // false for a repeat, which has the first result and no effect
	Amount     money.Money      // of the base, given back by this refund
	Cumulative money.Money      // of the base, given back by all refunds so far
	Base       money.Money      // of the conversion
	ByLine     map[string]int64 // Amount by ConversionLine id, in minor units; lines of the base only
}

// RefundIn gives money back on the order that the refund names, once for each
// external id of the order (Q05). What it takes from each line is measured as
// the line was: a refund of shipping alone takes nothing from the base (Q08). On
// a cancelled order everything has been given back: the refund is kept and takes
// nothing, so that the two may arrive in any order. What a chargeback holds is owed
// (see held). The conversion is locked.
//
// Errors: those of Refund.Validate, the first; NOT_FOUND orderExternalId (Q12)
// or lines.N.lineExternalId; INVALID orderExternalId when two programs know an
// order of that id and none is named (Q07); CURRENCY_MISMATCH currency; REFUND_EXCEEDS_ORDER
// amount or lines.N.amount; CONFLICT externalId when an earlier refund of that id
// gave back something else.
func (s *Service) RefundIn(ctx context.Context, tx *store.Tx, r order.Refund) (Refunded, error) {
	if faults := r.Validate(tx.MerchantTime()); len(faults) > 0 {
		return Refunded{}, faults[0]
	}
	row, err := refundedOrder(ctx, tx, r)
	if err != nil {
		return Refunded{}, err
	}
	b, first, err := openBook(ctx, tx, row, r.ExternalID)
	if err != nil {
		return Refunded{}, err
	}
	if first != nil {
		return b.repeat(first), same(first, r)
	}
	digest := r.Digest()
	g := give{
		externalID: r.ExternalID, kind: refundKind(r), at: r.OccurredAt, reason: r.Reason, code: r.Code, fee: r.Fee.Minor,
		taken: make([]int64, len(b.lines)), asked: r.Lines, digest: digest[:],
	}
	if b.conversion.Status == conversion.StatusCANCELLED {
		return b.giveBack(ctx, tx, g)
	}
	if err := b.claim(r, &g); err != nil {
		return Refunded{}, err
	}
	return b.giveBack(ctx, tx, g)
}

// claim says what a refund takes, and what it is owed of what a chargeback holds.
func (b book) claim(r order.Refund, g *give) (err error) {
	rem := b.remainder()
	if !r.Chargeback {
		rem, g.amount = b.claimable(), r.Amount.Minor
	}
	if g.taken, err = r.Apportion(rem); err != nil {
		return err
	}
	g.whole, g.spread = wholeOf(r, rem), spreadBy(r, rem, g.taken)
	g.owed = b.owe(g.taken)
	return nil
}

func refundKind(r order.Refund) refund.Kind {
	if r.Chargeback {
		return refund.KindCHARGEBACK
	}
	return refund.KindREFUND
}

// refundedOrder finds the one order of that id.
func refundedOrder(ctx context.Context, tx *store.Tx, r order.Refund) (string, error) {
	ids, err := Meant(ctx, tx.Ent(), r.ProgramID, r.SourceScope, r.OrderExternalID)
	switch {
	case err != nil:
		return "", err
	case len(ids) == 0:
		return "", problem.At(problem.NotFound, "orderExternalId", "the order was not found")
	case len(ids) > 1:
		return "", problem.At(problem.Invalid, "orderExternalId", "names orders of more than one program")
	}
	return ids[0], nil
}

// CancelIn gives back everything that remains of a conversion and cancels it.
// Cancelling it again has no effect. The conversion is locked.
func (s *Service) CancelIn(ctx context.Context, tx *store.Tx, cnv *ent.Conversion, externalID string, at time.Time) (Refunded, error) {
	b, first, err := openBook(ctx, tx, cnv.ID, externalID)
	if err != nil || first != nil {
		return b.repeat(first), err
	}
	if b.conversion.Status == conversion.StatusCANCELLED {
		return b.repeat(b.earlier(refund.KindCANCELLATION)), nil
	}
	rem := b.remainder()
	taken, err := order.Refund{Currency: rem.Currency, Full: true}.Apportion(rem)
	if err != nil {
		return Refunded{}, err
	}
	return b.giveBack(ctx, tx, give{externalID: externalID, kind: refund.KindCANCELLATION, code: string(refund.ReasonCodeCANCELLED), at: at, taken: taken, whole: rem.Total})
}

// give is what a refund does to an order.
type give struct {
	externalID, reason string
	code               string
	kind               refund.Kind
	fee                int64
	at                 time.Time
	taken              []int64      // from each line, in the order of the book's lines
	whole              int64        // of what the buyer paid in all, shipping and tax too
	owed               []detailLine // beyond that, of what a chargeback holds
	asked              []order.RefundLine
	amount             int64        // asked for without a line
	spread             []detailLine // what changes of where amounts are
	digest             []byte
}

func (b book) giveBack(ctx context.Context, tx *store.Tx, g give) (Refunded, error) {
	d := detail{whole: g.whole, digest: g.digest, owed: g.owed, amount: g.amount, spread: g.spread}
	byLine, base := map[string]int64{}, int64(0)
	for i, l := range b.lines {
		if g.taken[i] == 0 {
			continue
		}
		d.lines = append(d.lines, detailLine{l.ExternalID, quantityOf(g.asked, l.ExternalID), g.taken[i]})
		if !l.GiftCard {
			byLine[l.ID] = g.taken[i]
			base += g.taken[i]
		}
		if err := takeLine(ctx, tx, l, g.taken[i]); err != nil {
			return Refunded{}, err
		}
	}
	row, err := tx.Ent().Refund.Create().SetConversionID(b.conversion.ID).SetExternalID(g.externalID).SetCurrency(b.conversion.Currency).
		SetAmountMinor(base).SetLines(d.encode()).SetOccurredAt(g.at.UTC().Truncate(time.Microsecond)).SetReason(g.reason).
		SetReasonCode(orDefault(refund.ReasonCode(g.code), refund.DefaultReasonCode)).SetFeeMinor(g.fee).SetKind(g.kind).Save(ctx)
	if err != nil {
		return Refunded{}, err
	}
	c, err := takeConversion(ctx, tx, b.conversion, base, b.standing(g))
	if err != nil {
		return Refunded{}, err
	}
	return result(row, c, true, byLine), nil
}

// standing is where the order stands after g.
func (b book) standing(g give) conversion.Status {
	var left, taken int64
	for i, l := range b.lines {
		left += l.AmountMinor - l.RefundedMinor - g.taken[i]
		taken += g.taken[i]
	}
	switch status := b.conversion.Status; {
	case g.kind == refund.KindCANCELLATION || status == conversion.StatusCANCELLED:
		return conversion.StatusCANCELLED
	case g.kind == refund.KindCHARGEBACK_WON && (taken < 0 || len(g.owed) > 0):
		return b.reinstated(left, taken)
	case taken == 0 && status == conversion.StatusCHARGED_BACK:
		return status
	case left == 0 && taken > 0 && g.kind == refund.KindCHARGEBACK:
		return conversion.StatusCHARGED_BACK
	case left == 0 && g.whole >= b.remainder().Total && g.kind == refund.KindREFUND, left == 0 && taken > 0:
		return conversion.StatusREFUNDED
	case taken > 0 && status != conversion.StatusPENDING: // a pending order is accepted when it is paid
		return conversion.StatusPARTIALLY_REFUNDED
	default:
		return status
	}
}

func result(row *ent.Refund, c *ent.Conversion, made bool, byLine map[string]int64) Refunded {
	return Refunded{
		Row: row, Conversion: c, Created: made, ByLine: byLine,
		Amount: money.Of(row.AmountMinor, c.Currency), Cumulative: money.Of(c.RefundedMinor, c.Currency), Base: money.Of(c.BaseMinor, c.Currency),
	}
}
