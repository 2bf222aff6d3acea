package earn

import (
	"context"

	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/attribution"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/roster"
)

// unclimbed is what is not known of the uplines of a conversion.
type unclimbed struct {
	sale    *ent.Conversion
	sellers []string                  // of whom no snapshot was taken
	counted map[string][]roster.Upper // snapshots whose members' own sales were counted otherwise
}

// readUplines reads who was above the sellers of conversions when these were decided on,
// where the terms look at it. Where those of then did not look, who is above now is
// taken; what members had sold themselves is counted anew where the terms count other
// days.
func (w *simulating) readUplines(ctx context.Context, b *batch, sales []*ent.Conversion) error {
	if len(w.now.Levels) == 0 {
		return nil
	}
	terms, _, err := levelsOf(w.now.Version)
	if err != nil {
		return err
	}
	missing, err := w.frozenUplines(ctx, b, sales, terms.Qualification)
	if err != nil || len(missing) == 0 {
		return err
	}
	_, err = store.Run(ctx, w.store, store.Command{Name: "simulationRead", Subject: w.sim.ID, Quiet: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
		for _, u := range missing {
			if err := w.climbAnew(ctx, tx, b, u, terms.Qualification); err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	return err
}

// frozenUplines reads the snapshots of the decisions in force, and says what is not in
// them.
func (w *simulating) frozenUplines(ctx context.Context, b *batch, sales []*ent.Conversion, q levels.Qualification) (missing []unclimbed, err error) {
	ids := make([]string, len(sales))
	for i, sale := range sales {
		ids[i] = sale.ID
	}
	rows, err := w.client.Attribution.Query().Where(attribution.ConversionIDIn(ids...)).Order(ent.Desc(attribution.FieldRevision)).All(ctx)
	if err != nil {
		return nil, err
	}
	by := map[string][]*ent.Attribution{}
	for _, row := range rows {
		if of := by[row.ConversionID]; len(of) == 0 || sameDecision(row, of[0]) {
			by[row.ConversionID] = append(of, row)
		}
	}
	for _, sale := range sales {
		if b.byHand[sale.ID] != nil || len(sale.Edges.Commissions) == 0 && len(b.parties(sale)) == 0 {
			continue
		}
		u, err := w.frozen(ctx, b, sale, by[sale.ID], q)
		if err != nil {
			return nil, err
		}
		if len(u.sellers)+len(u.counted) > 0 {
			missing = append(missing, u)
		}
	}
	return missing, nil
}

// frozen takes the snapshots of one decision.
func (w *simulating) frozen(ctx context.Context, b *batch, sale *ent.Conversion, rows []*ent.Attribution, q levels.Qualification) (u unclimbed, err error) {
	u = unclimbed{sale: sale, counted: map[string][]roster.Upper{}}
	other, err := w.countsOtherwise(ctx, sale, q)
	if err != nil {
		return u, err
	}
	b.uplines[sale.ID] = map[string][]levels.Member{}
	for _, row := range rows {
		if row.AffiliateID == nil {
			continue
		}
		upline, taken, err := snapshot(sale, row)
		if err != nil {
			return u, err
		}
		if !taken {
			u.sellers = append(u.sellers, *row.AffiliateID)
			continue
		}
		b.uplines[sale.ID][*row.AffiliateID] = upline
		for _, m := range upline {
			if other {
				u.counted[*row.AffiliateID] = append(u.counted[*row.AffiliateID], roster.Upper{AffiliateID: m.AffiliateID})
			}
		}
	}
	return u, nil
}

// snapshot gives the upline that a decision keeps, or a commission that was made by a
// simulation.
func snapshot(sale *ent.Conversion, row *ent.Attribution) (upline []levels.Member, taken bool, err error) {
	if len(row.Upline) > 0 {
		upline, err = levels.DecodeUpline(row.Upline)
		return upline, true, err
	}
	for _, c := range sale.Edges.Commissions {
		if c.Kind == commission.KindOVERRIDE && c.SellerID == *row.AffiliateID {
			t, err := levels.DecodeTrace(c.Trace)
			return t.Sale.Upline, true, err
		}
	}
	return nil, false, nil
}

// countsOtherwise reports whether the terms ask for other sales of members than those
// that a conversion is under.
func (w *simulating) countsOtherwise(ctx context.Context, sale *ent.Conversion, q levels.Qualification) (bool, error) {
	if q.Days == 0 || len(sale.Edges.Commissions) == 0 {
		return false, nil
	}
	k, err := w.version(ctx, *sale.Edges.Commissions[0].PlanVersionID)
	if err != nil {
		return false, err
	}
	before, _, err := levelsOf(k.Version)
	return before.Qualification.Days != q.Days || before.Qualification.Amount.Currency != q.Amount.Currency, err
}

// climbAnew takes what is not known as it is now.
func (w *simulating) climbAnew(ctx context.Context, tx *store.Tx, b *batch, u unclimbed, q levels.Qualification) error {
	one, all := &work{tx: tx, program: w.program, sale: u.sale}, b.uplines[u.sale.ID]
	if len(u.sellers) > 0 {
		a := award{}
		if err := w.climbFor(ctx, one, &a, underTerms{version: w.now.Version, affiliates: u.sellers}); err != nil {
			return err
		}
		for who, upline := range a.uplines {
			all[who] = upline
		}
	}
	if len(u.counted) == 0 {
		return nil
	}
	own, err := one.ownSales(ctx, q, u.counted)
	for who := range u.counted {
		for i, m := range all[who] {
			all[who][i].Sales, all[who][i].Amount = own[m.AffiliateID].Sales, own[m.AffiliateID].Amount
		}
	}
	return err
}
