package earn

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/conversion"
	rules "github.com/tributary/tributary/track/attribution"
)

// A buyer's binding is no row of its own: it is the earlier conversion that made
// it, so that it is there as soon as that one is accepted, and gone when its
// commission is rejected or the order cancelled (Q35).

// bound gives what binds the buyer of the conversion under the policy: the first
// accepted conversion, the latest, or the one whose time has not run out.
func (w *work) bound(ctx context.Context, p rules.Policy) ([]rules.Touch, error) {
	newBuyer := w.onlyClick != nil
	if p.Lifetime == rules.LifetimeNone || w.sale.CustomerID == nil || newBuyer {
		return nil, nil
	}
	c, err := w.binding(ctx, time.Time{}, p.Lifetime == rules.LifetimeLast)
	for err == nil && p.Lifetime == rules.LifetimeUntil {
		var next *ent.Commission
		if next, err = w.binding(ctx, c.EarnedAt.Add(p.LifetimeFor), false); err == nil {
			c = next
		}
	}
	if c == nil || err != nil && !ent.IsNotFound(err) {
		if ent.IsNotFound(err) {
			err = nil
		}
		return nil, err
	}
	return []rules.Touch{{ID: *c.ConversionID, Kind: rules.KindBinding, AffiliateID: c.AffiliateID, At: c.EarnedAt, Payable: true}}, nil
}

// binding finds the first or the last commission of the buyer's other conversions
// up to this one and not before an instant; of an order whose credit is shared,
// that of the affiliate with the most. NotFound when there is none.
func (w *work) binding(ctx context.Context, from time.Time, last bool) (*ent.Commission, error) {
	age := commission.ByEarnedAt()
	if last {
		age = commission.ByEarnedAt(sql.OrderDesc())
	}
	return w.tx.Ent().Commission.Query().Where(
		commission.KindEQ(commission.KindCONVERSION), commission.Level(1), commission.SupersededAtIsNil(), commission.StatusNEQ(commission.StatusREJECTED),
		commission.ProgramID(w.sale.ProgramID), commission.ConversionIDNEQ(w.sale.ID),
		commission.EarnedAtGTE(from), commission.EarnedAtLTE(w.sale.OccurredAt),
		commission.HasConversionWith(conversion.CustomerID(*w.sale.CustomerID), conversion.StatusNEQ(conversion.StatusCANCELLED)),
	).Order(age, commission.ByID()).First(ctx)
}
