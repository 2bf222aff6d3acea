package track

import (
	"context"
	"slices"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/refund"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/order"
)

// A chargeback is opened as a refund is recorded, by RefundIn, and ends by a row of
// its own: nothing is edited. What is won stands on the order again, and no more than
// the chargeback had taken.

// Ending is how a chargeback ends.
type Ending struct {
	SourceScope, ProgramID, OrderExternalID string // as of order.Refund
	ExternalID                              string // of the chargeback
	OccurredAt                              time.Time
	Won                                     bool
}

// endOf comes before a chargeback's id in the id of its end's row. A chargeback has one
// end, so the same end again is known.
const endOf = "end:"

func (e Ending) id() string { return endOf + e.ExternalID }

func (e Ending) kind() refund.Kind {
	if e.Won {
		return refund.KindCHARGEBACK_WON
	}
	return refund.KindCHARGEBACK_LOST
}

// ChargebackEndIn ends a chargeback, once. One that is won gives back to the order
// what it had taken, line by line; one that is lost changes nothing. The conversion is
// locked. Errors: NOT_FOUND orderExternalId or externalId; INVALID orderExternalId
// (Q07); WRONG_STATE externalId for one that has ended otherwise.
func (s *Service) ChargebackEndIn(ctx context.Context, tx *store.Tx, e Ending) (Refunded, error) {
	row, err := refundedOrder(ctx, tx, order.Refund{SourceScope: e.SourceScope, ProgramID: e.ProgramID, OrderExternalID: e.OrderExternalID})
	if err != nil {
		return Refunded{}, err
	}
	b, ended, err := openBook(ctx, tx, row, e.id())
	if err != nil {
		return Refunded{}, err
	}
	if ended != nil && ended.Kind != e.kind() {
		return Refunded{}, problem.At(problem.State, "externalId", "the chargeback has ended already, as %s", ended.Kind)
	}
	if ended != nil {
		return b.repeat(ended), nil
	}
	i := slices.IndexFunc(b.refunds, func(r *ent.Refund) bool {
		return r.ExternalID == e.ExternalID && r.Kind == refund.KindCHARGEBACK
	})
	if i < 0 {
		return Refunded{}, problem.At(problem.NotFound, "externalId", "the chargeback was not found")
	}
	g := give{externalID: e.id(), kind: e.kind(), code: string(b.refunds[i].ReasonCode), at: e.OccurredAt, taken: make([]int64, len(b.lines))}
	if !e.Won {
		err = b.forfeit(b.refunds[i], &g)
	} else if b.conversion.Status != conversion.StatusCANCELLED {
		err = b.returns(b.refunds[i], &g)
	}
	if err != nil {
		return Refunded{}, err
	}
	return b.giveBack(ctx, tx, g)
}

// returns makes g the opposite of what a chargeback took.
func (b book) returns(opened *ent.Refund, g *give) error {
	d, err := readDetail(opened.Lines)
	if err != nil {
		return err
	}
	g.whole = -d.whole
	for i, l := range b.lines {
		for _, was := range d.lines {
			if was.externalID == l.ExternalID {
				g.taken[i] -= was.amount
			}
		}
	}
	b.repay(g)
	return nil
}

// reinstated is where an order stands when a chargeback was won.
func (b book) reinstated(left, taken int64) conversion.Status {
	var given int64
	for _, l := range b.lines {
		given += l.RefundedMinor
	}
	switch {
	case given+taken == 0:
		return conversion.StatusACCEPTED
	case left > 0:
		return conversion.StatusPARTIALLY_REFUNDED
	case len(b.held.open) > 1: // another chargeback holds the rest
		return b.conversion.Status
	}
	return conversion.StatusREFUNDED
}
