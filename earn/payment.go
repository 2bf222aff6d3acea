package earn

import (
	"context"
	"fmt"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/predicate"
)

// A payment is a sale of more than nothing that a customer has paid in the program:
// a free trial is none. The first anchors the months (Q31). What is known when an
// order is rated is kept with its commission, and an order that arrives late changes
// no earlier answer. One that was cancelled is no payment; one that was given back in
// full is, unless the plan says that it does not count (Q32).

// payment tells which payment of its customer the order is, from 1, and the whole
// months since the first on the clocks of the program; 0 for an order that is none.
func payment(ctx context.Context, c *ent.Client, p *ent.Program, sale *ent.Conversion, reanchor bool) (number, month int, err error) {
	if sale.CustomerID == nil || sale.Kind != conversion.KindSALE || sale.TotalMinor <= 0 {
		return 0, 0, nil
	}
	earlier := payments(c, sale, reanchor)
	n, err := earlier.Clone().Count(ctx)
	if err != nil || n == 0 {
		return 1, 0, err
	}
	first, err := earlier.Order(ent.Asc(conversion.FieldOccurredAt, conversion.FieldID)).First(ctx)
	if err != nil {
		return 0, 0, err
	}
	place, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return 0, 0, fmt.Errorf("the program's time zone: %w", err)
	}
	return n + 1, plan.MonthsSince(first.OccurredAt.In(place), sale.OccurredAt), nil
}

// payments are the customer's earlier payments in the program.
func payments(c *ent.Client, sale *ent.Conversion, reanchor bool) *ent.ConversionQuery {
	stands := []conversion.Status{conversion.StatusACCEPTED, conversion.StatusPARTIALLY_REFUNDED}
	if !reanchor {
		stands = append(stands, conversion.StatusREFUNDED, conversion.StatusCHARGED_BACK)
	}
	at := sale.OccurredAt
	before := []predicate.Conversion{conversion.OccurredAtLT(at), conversion.And(conversion.OccurredAt(at), conversion.IDLT(sale.ID))}
	return c.Conversion.Query().Where(
		conversion.CustomerID(*sale.CustomerID), conversion.ProgramID(sale.ProgramID), conversion.IDNEQ(sale.ID), conversion.KindEQ(conversion.KindSALE),
		conversion.TotalMinorGT(0), conversion.StatusIn(stands...), conversion.Or(before...),
	)
}

// terms gives the version that an order is under: the one in force when it
// happened, unless its customer began to pay under one whose rules look at payments.
func (w *work) terms(ctx context.Context) (plan.Version, bool, error) {
	now, found, err := termsAt(ctx, w.tx, w.sale.ProgramID, w.sale.OccurredAt)
	if err != nil || !found || !now.Recurred || w.sale.CustomerID == nil {
		return now, found, err
	}
	first, err := payments(w.tx.Ent(), w.sale, now.Reanchor).Order(ent.Asc(conversion.FieldOccurredAt, conversion.FieldID)).First(ctx)
	if ent.IsNotFound(err) {
		return now, true, nil
	}
	if err != nil {
		return plan.Version{}, false, err
	}
	then, had, err := termsAt(ctx, w.tx, w.sale.ProgramID, first.OccurredAt)
	if err == nil && had {
		then, err = w.began(ctx, first, then)
	}
	if err != nil || !had || !then.Recurs() {
		return now, true, err
	}
	w.anchored = true
	return then, true, nil
}
