package connect

import (
	"context"
	"errors"
	"fmt"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/webhookreceipt"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/order"
)

// reasonTest is what a receipt says of a message about an order that the shop
// marks as a test: it was applied in the sandbox.
const reasonTest = "TEST_ORDER"

// reasonKnown is what a receipt says of a refund that was recorded before: nothing was
// given back again, whatever it says now.
const reasonKnown = "KNOWN_REFUND"

// take stores a proven message, and says what is known of it at once: whether it is
// a copy, nothing to do with us, or will be worked on. unread is why the message
// could not be read, if it could not. An error means that nothing was stored: the
// shop sends it again.
func (s *Service) take(ctx context.Context, d delivery, msg Message, unread error) (string, verdict, error) {
	if unread != nil {
		v := refusal(unread)
		receiptID, err := s.refuse(ctx, d, v)
		return receiptID, v, err
	}
	d.envelope = d.envelope.with(msg)
	key, v := msg.Key, verdict{status: webhookreceipt.StatusRECEIVED}
	if msg.Ignored != "" {
		key, v = "delivery:"+clean(d.envelope.DeliveryID, maxDelivery), ignored(msg.Ignored)
	}
	twice, err := s.known(ctx, d.row.ID, key, "", webhookreceipt.StatusRECEIVED)
	if err != nil {
		return "", verdict{}, err
	}
	if twice {
		v = verdict{status: webhookreceipt.StatusDUPLICATE}
	}
	receiptID, err := s.put(ctx, d, key, msg.OrderID, v)
	if err == nil && v.status == webhookreceipt.StatusRECEIVED {
		s.nudge()
	}
	return receiptID, v, err
}

// apply does what a message asks for. It returns an error only for trouble that is
// not the message's own.
func (s *Service) apply(ctx context.Context, row *ent.Integration, msg Message) (verdict, error) {
	if msg.Ignored != "" {
		return ignored(msg.Ignored), nil
	}
	if msg.Told != nil {
		return s.hear(ctx, row, *msg.Told)
	}
	v, err := s.follow(ctx, row, msg)
	if err == nil || !Permanent(err) {
		return v, err
	}
	return refusal(err), nil
}

// follow hands the message to earn piece by piece: the order as it was sold, then
// what was given back of it, then its cancellation. A message about a whole order
// tells all three, so it leads to one state whether or not the messages about the
// single steps have come.
func (s *Service) follow(ctx context.Context, row *ent.Integration, msg Message) (verdict, error) {
	sale, err := s.meant(ctx, row, msg)
	if err != nil {
		return verdict{}, err
	}
	if twin, err := s.sandbox(ctx, row, msg, sale != nil); err != nil || twin != nil {
		return s.rehearse(ctx, twin, msg, err)
	}
	if !msg.Named {
		return s.followHere(ctx, row, msg, sale)
	}
	return s.followNamed(ctx, row, msg, sale)
}

// followHere does what a message asks for that belongs here.
func (s *Service) followHere(ctx context.Context, row *ent.Integration, msg Message, sale *ent.Conversion) (verdict, error) {
	switch {
	case msg.onlyNames():
		return applied(), nil
	case (msg.Order == nil || msg.Completes) && sale == nil:
		return verdict{status: webhookreceipt.StatusPARKED, reason: reasonWaits, waitsFor: waitKey(row, msg.OrderID)}, nil
	case msg.Order != nil && (sale == nil || sale.Status != conversion.StatusCANCELLED):
		if _, err := s.earn.AcceptOrder(ctx, ours(row, *msg.Order)); err != nil {
			return verdict{}, err
		}
	}
	return s.takeBack(ctx, row, msg)
}

// takeBack applies the refunds and the cancellation of a known order. A refund that
// is refused stands in the way of nothing else: beside an order it is a remark on
// the receipt, alone it is the message, which is refused.
func (s *Service) takeBack(ctx context.Context, row *ent.Integration, msg Message) (verdict, error) {
	var refusals []error
	var cut int64
	news := len(msg.Refunds) == 0 || len(msg.Chargebacks) > 0
	for _, r := range msg.Refunds {
		over, known, err := s.giveBack(ctx, row, msg.OrderID, r)
		cut += over
		news = news || !known
		if err != nil && !Permanent(err) {
			return verdict{}, err
		}
		refusals = append(refusals, err)
	}
	for _, c := range msg.Chargebacks {
		err := s.chargeBack(ctx, row, msg.OrderID, c)
		if err != nil && !Permanent(err) {
			return verdict{}, err
		}
		refusals = append(refusals, err)
	}
	v, refused := applied(), errors.Join(refusals...)
	if !news && msg.Order == nil {
		v.reason = reasonKnown
	}
	if cut > 0 {
		v.reason = fmt.Sprintf("REFUND_CUT: %d minor units more than was left of the lines were not given back", cut)
	}
	if refused != nil && msg.Order == nil {
		return verdict{}, refused
	}
	if refused != nil {
		v = refusal(refused)
		v.status = webhookreceipt.StatusAPPLIED
	}
	at := msg.CancelledAt
	if msg.Gone && at.IsZero() {
		at = s.store.Now()
	}
	if at.IsZero() {
		return v, nil
	}
	_, err := s.earn.CancelOrder(ctx, earn.OrderCancelInput{
		ProgramID: row.ProgramID, SourceScope: row.OrderScope, OrderExternalID: msg.OrderID, OccurredAt: at,
	})
	return v, err
}

// ours completes an order with what the integration knows.
func ours(row *ent.Integration, o order.Order) order.Order {
	o.Source, o.SourceScope, o.ProgramID = sourceOf(row), row.OrderScope, row.ProgramID
	o.Teller.Kind, o.Teller.ID = order.TellerShop, row.ID
	return o
}

// sale finds the order of a message with its lines and refunds, nil when it is not
// known here.
func (s *Service) sale(ctx context.Context, row *ent.Integration, orderID string) (*ent.Conversion, error) {
	ids, err := track.Meant(ctx, s.store.Client(), row.ProgramID, row.OrderScope, orderID)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return s.sales(row).Where(conversion.ID(ids[0])).Only(ctx)
}

// sales are the orders of an integration's program and scope, with what a refund needs.
func (s *Service) sales(row *ent.Integration) *ent.ConversionQuery {
	return s.store.Client().Conversion.Query().Where(conversion.ProgramID(row.ProgramID), conversion.OrderScope(row.OrderScope)).WithLines().WithRefunds()
}

// giveBack applies one refund unless it is known. What is left of the lines is read
// before and may change until the refund is accepted, when two refunds of one line
// come at once: then it is read again. It says how much was cut of the refund, and
// whether it was known.
func (s *Service) giveBack(ctx context.Context, row *ent.Integration, orderID string, r Refund) (cut int64, known bool, err error) {
	for tries := 1; ; tries++ {
		sale, err := s.sale(ctx, row, orderID)
		if err != nil {
			return 0, false, err
		}
		if sale == nil {
			return 0, false, errors.New("connect: an accepted order is gone")
		}
		if refunded(sale, r.ExternalID) {
			return 0, true, nil
		}
		out, cut := settled(r, sale.Currency, linesOf(sale))
		out.Source, out.ProgramID, out.SourceScope, out.OrderExternalID = sourceOf(row), row.ProgramID, row.OrderScope, orderID
		_, err = s.earn.AcceptRefund(ctx, out)
		if tries == 3 || problem.CodeOf(err) != problem.RefundExceeds {
			return cut, false, err
		}
	}
}

func refunded(sale *ent.Conversion, externalID string) bool {
	for _, r := range sale.Edges.Refunds {
		if r.ExternalID == externalID {
			return true
		}
	}
	return false
}

func linesOf(sale *ent.Conversion) []sold {
	lines := make([]sold, len(sale.Edges.Lines))
	for i, l := range sale.Edges.Lines {
		lines[i] = sold{ID: l.ExternalID, Quantity: l.Quantity, Amount: l.AmountMinor, Tax: l.TaxMinor, Refunded: l.RefundedMinor}
	}
	return lines
}
