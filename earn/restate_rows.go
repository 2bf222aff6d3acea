package earn

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/internal/store"
)

// holdRestated takes the lock under which a period is restated, before anything is
// posted: taken after the ledger's, it could wait for an order that waits for those.
func (w *work) holdRestated(ctx context.Context, v plan.Version, affiliates []string) error {
	if !v.Follows() {
		return nil
	}
	return w.hold(ctx, v, affiliates)
}

// tiered reports a commission that belongs to a period which may be restated.
func tiered(c *ent.Commission) bool { return c.Tier != "" || c.Kind == commission.KindTIER }

func (w *work) holdTiers(ctx context.Context) error { return holdTiersOf(ctx, w.tx, w.commissions) }

// holdTiersOf takes that lock for the commissions that need it.
func holdTiersOf(ctx context.Context, tx *store.Tx, rows []*ent.Commission) error {
	var programs, affiliates []string
	for _, c := range rows {
		if tiered(c) {
			programs, affiliates = append(programs, c.ProgramID), append(affiliates, c.AffiliateID)
		}
	}
	if len(programs) == 0 {
		return nil
	}
	ids, err := tx.Ent().Enrollment.Query().Where(enrollment.ProgramIDIn(programs...), enrollment.AffiliateIDIn(affiliates...)).IDs(ctx)
	if err != nil {
		return err
	}
	return tx.Lock(ctx, "enrollments", ids...)
}

// tiersOf reads what stages have added for an affiliate, by level.
func (w *work) tiersOf(ctx context.Context, affiliateID string) (map[int]*ent.Commission, error) {
	rows, err := w.tx.Ent().Commission.Query().Where(commission.ConversionID(w.sale.ID), commission.KindEQ(commission.KindTIER),
		commission.AffiliateID(affiliateID), commission.SupersededAtIsNil()).All(ctx)
	byLevel := make(map[int]*ent.Commission, len(rows))
	for _, c := range rows {
		byLevel[c.Level] = c
	}
	return byLevel, err
}

// withTiers gives the commissions in force with what stages have added to them.
func (w *work) withTiers(ctx context.Context) ([]*ent.Commission, error) {
	all := append([]*ent.Commission{}, w.commissions...)
	for _, c := range w.commissions {
		if tiered(c) {
			rows, err := w.tx.Ent().Commission.Query().Where(commission.ConversionID(w.sale.ID), commission.KindEQ(commission.KindTIER), commission.SupersededAtIsNil()).
				Order(ent.Asc(commission.FieldLevel, commission.FieldID)).All(ctx)
			return append(all, rows...), err
		}
	}
	return all, nil
}

// restateFor restates the periods of commissions that were approved, rejected or set
// aside: they count, or count no more. What was approved moves only tiers that count
// approved sales.
func (s *Service) restateFor(ctx context.Context, tx *store.Tx, rows []*ent.Commission, approved bool, cause string) error {
	behind, err := s.restatePeriods(ctx, tx, rows, approved, s.atOnce(), cause)
	if err != nil {
		return err
	}
	return s.restateLater(ctx, tx, behind)
}

// restatePeriods restates so many sales of each of those periods at most. It gives one
// commission of each that has more.
func (s *Service) restatePeriods(ctx context.Context, tx *store.Tx, rows []*ent.Commission, approved bool, most int, cause string) (behind []string, err error) {
	var moved []*ent.Commission
	for _, c := range rows {
		if c.Tier != "" && c.ConversionID != nil {
			moved = append(moved, c)
		}
	}
	if len(moved) == 0 {
		return nil, nil
	}
	versions, err := termsOf(ctx, tx.Ent(), moved)
	if err != nil {
		return nil, err
	}
	programs, err := programsOf(ctx, tx, moved)
	if err != nil {
		return nil, err
	}
	done := map[string]bool{} // one of a period restates all of it
	for _, c := range moved {
		v := versions[*c.PlanVersionID]
		key, err := periodKey(programs[c.ProgramID], v, c)
		if err != nil {
			return nil, err
		}
		if done[key] || approved && !countsApproved(v) {
			continue
		}
		done[key] = true
		sale, err := tx.Ent().Conversion.Get(ctx, *c.ConversionID)
		if err != nil {
			return nil, err
		}
		w := &work{tx: tx, program: programs[c.ProgramID], sale: sale}
		next, err := s.restateSome(ctx, w, v, []string{c.AffiliateID}, most, cause)
		if err != nil {
			return nil, err
		}
		behind = append(behind, next...)
	}
	return behind, nil
}

// periodKey names the period that a commission was earned in.
func periodKey(p *ent.Program, v plan.Version, c *ent.Commission) (string, error) {
	place, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return "", fmt.Errorf("the program's time zone: %w", err)
	}
	length := plan.Day // bonuses may have periods of any length
	if rules := v.Restating(); len(v.Bonuses) == 0 && len(rules) > 0 {
		length = rules[0].Tiers.Period
	}
	begin, _ := length.Of(c.EarnedAt.In(place))
	return fmt.Sprint(c.AffiliateID, " ", v.ID, " ", c.Currency, " ", begin.Unix()), nil
}

// countsApproved reports whether some tiers count approved sales alone.
func countsApproved(v plan.Version) bool {
	return slices.ContainsFunc(v.Restating(), func(r plan.Rule) bool { return r.Tiers.Counts == plan.CountsApproved })
}

// explained explains a commission, or what a stage has added to one.
func explained(c *ent.Commission, t plan.Trace, v plan.Version) (plan.Explanation, error) {
	if c.Kind != commission.KindTIER {
		return plan.Explain(t, v)
	}
	for _, stage := range v.Stages() {
		if c.Level/stageLevels == stage.Place {
			return plan.ExplainStage(t, v, stage)
		}
	}
	return plan.Explanation{}, nil
}
