package earn

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/attribution"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/commissionplan"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/conversionline"
	"github.com/tributary/tributary/ent/planversion"
	"github.com/tributary/tributary/ent/simulationdifference"
	rules "github.com/tributary/tributary/track/attribution"
)

// next reads the next conversions on which there is a decision, from an instant on and
// until another, the zero time for none: whole, or as far as they are counted.
func (w *walk) next(ctx context.Context, from, until time.Time, whole bool) ([]*ent.Conversion, error) {
	query := w.client.Conversion.Query().Where(conversion.ProgramID(w.sim.ProgramID), conversion.RatingIn(decided...))
	if !until.IsZero() {
		query.Where(conversion.OccurredAtLT(until))
	}
	if w.last != nil {
		at := w.last.OccurredAt
		query.Where(conversion.OccurredAtGTE(at), conversion.Or(conversion.OccurredAtGT(at), conversion.IDGT(w.last.ID)))
	} else {
		query.Where(conversion.OccurredAtGTE(from))
	}
	query.Order(conversion.ByOccurredAt(), conversion.ByID()).Limit(simulatePage).Select(saleColumns...)
	query.WithCommissions(func(q *ent.CommissionQuery) {
		q.Where(commission.KindIn(rated...), commission.SupersededAtIsNil()).Select(commissionColumns...)
	})
	if whole {
		query.WithLines(func(q *ent.ConversionLineQuery) { q.Select(lineColumns...) })
	}
	sales, err := query.All(ctx)
	for _, sale := range sales {
		w.last = sale
		slices.SortFunc(sale.Edges.Commissions, func(a, b *ent.Commission) int {
			return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.ID, b.ID))
		})
		slices.SortFunc(sale.Edges.Lines, func(a, b *ent.ConversionLine) int { return cmp.Compare(a.ID, b.ID) })
	}
	return sales, err
}

// What is read of each row: all that a computation looks at, and no more. Rows are put
// in their order here: asked to, SQLite would go through its whole table in the order
// of ids, once for every page.
var (
	saleColumns = []string{
		conversion.FieldMerchantID, conversion.FieldVersion, conversion.FieldProgramID, conversion.FieldCustomerID, conversion.FieldClickID, conversion.FieldKind,
		conversion.FieldStatus, conversion.FieldRating, conversion.FieldRatingReason, conversion.FieldOccurredAt, conversion.FieldCurrency, conversion.FieldBaseMinor,
		conversion.FieldRefundedMinor, conversion.FieldTaxMinor, conversion.FieldShippingMinor, conversion.FieldDiscountMinor, conversion.FieldCouponCodes,
		conversion.FieldSubIds, conversion.FieldCountry, conversion.FieldDevice, conversion.FieldChannel, conversion.FieldFields, conversion.FieldCustomerFields, conversion.FieldProfile,
	}
	commissionColumns = []string{
		commission.FieldConversionID, commission.FieldPlanVersionID, commission.FieldAffiliateID, commission.FieldKind, commission.FieldLevel, commission.FieldSellerID,
		commission.FieldWaits, commission.FieldStatus, commission.FieldCurrency, commission.FieldAmountMinor, commission.FieldReversedMinor, commission.FieldAbsorbedMinor,
		commission.FieldDecidedAt, commission.FieldAgreedAt, commission.FieldTrace,
	}
	lineColumns = []string{
		conversionline.FieldConversionID, conversionline.FieldExternalID, conversionline.FieldProductID, conversionline.FieldSku, conversionline.FieldCategory,
		conversionline.FieldQuantity, conversionline.FieldGiftCard, conversionline.FieldCurrency, conversionline.FieldAmountMinor, conversionline.FieldTaxMinor,
		conversionline.FieldDiscountMinor, conversionline.FieldRefundedMinor,
	}
)

// termsUntil reads the program's versions that begin before the end of the period,
// the latest first, and adds them to the hash.
func (w *walk) termsUntil(ctx context.Context) ([]*ent.PlanVersion, error) {
	rows, err := w.client.PlanVersion.Query().Where(planversion.HasPlanWith(commissionplan.ProgramID(w.sim.ProgramID)), planversion.ValidFromLT(w.sim.PeriodUntil)).
		Order(ent.Desc(planversion.FieldValidFrom, planversion.FieldCreatedAt, planversion.FieldID)).All(ctx)
	for _, row := range rows {
		fmt.Fprintln(w.hash, row.ID)
	}
	return rows, err
}

// batch is what is read of many conversions at once, beside their own rows.
type batch struct {
	byHand  map[string]*ent.Attribution // decisions in force that people made, by conversion
	decided map[string]rules.Decision   // of those that earned nothing by the terms alone
	groups  map[string]string
	uplines map[string]map[string][]levels.Member // by conversion and seller, where the terms have levels
	unpaid  map[string]map[string]plan.Trace      // of those who earned nothing, by conversion and affiliate
	under   map[string]string                     // versions by which those earn nothing that a simulation took it from
}

// byTerms are the reasons of conversions that earned nothing by the terms.
var byTerms = []string{string(plan.ReasonNoRule), string(plan.ReasonCurrencyMismatch), string(plan.ReasonZeroBase), string(plan.ReasonOverCap), reasonZeroAmount, reasonNoPlan}

func (w *walk) batch(ctx context.Context, sales []*ent.Conversion) (*batch, error) {
	b := &batch{byHand: map[string]*ent.Attribution{}, decided: map[string]rules.Decision{}, groups: map[string]string{}, unpaid: map[string]map[string]plan.Trace{}, uplines: map[string]map[string][]levels.Member{}, under: map[string]string{}}
	ids, poor := make([]string, len(sales)), []string(nil)
	for i, sale := range sales {
		if ids[i] = sale.ID; len(sale.Edges.Commissions) == 0 && slices.Contains(byTerms, sale.RatingReason) {
			poor = append(poor, sale.ID)
		}
	}
	touched, err := w.client.Attribution.Query().Where(attribution.ConversionIDIn(ids...), attribution.Rule(string(rules.RuleManual))).
		Select(attribution.FieldConversionID).Strings(ctx)
	if err != nil {
		return nil, err
	}
	last, err := w.lastDecisions(ctx, append(touched, poor...))
	if err != nil {
		return nil, err
	}
	var who []string
	for id, d := range last {
		if d.Rule == string(rules.RuleManual) {
			b.byHand[id] = d
			continue
		}
		if !slices.Contains(poor, id) {
			continue
		}
		if b.decided[id], err = rules.DecodeDecision(d.Decision); err != nil {
			return nil, err
		}
		for _, p := range b.decided[id].Parties() {
			who = append(who, p.AffiliateID)
		}
	}
	return b, w.readGroups(ctx, b, who)
}

// readCorrected finds the terms of those that earn nothing since a simulation was
// applied, and what was computed then for everybody who did.
func (w *simulating) readCorrected(ctx context.Context, b *batch, sales []*ent.Conversion) error {
	var ids []string
	for _, sale := range sales {
		if of := sale.Edges.Commissions; len(of) == 0 || w.recounts[*of[0].PlanVersionID] {
			ids = append(ids, sale.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := w.client.SimulationDifference.Query().Where(simulationdifference.ConversionIDIn(ids...), simulationdifference.OutcomeEQ(simulationdifference.OutcomeAPPLIED)).
		Order(simulationdifference.ByID()).WithSimulation().All(ctx)
	if err != nil {
		return err
	}
	for _, d := range rows {
		b.under[*d.ConversionID] = *d.Edges.Simulation.PlanVersionID
		if len(d.Trace) == 0 || d.AfterMinor != 0 || d.CommissionKind != simulationdifference.CommissionKindCONVERSION {
			continue
		}
		t, err := plan.DecodeTrace(d.Trace)
		if err != nil {
			return err
		}
		t.VersionID = *d.Edges.Simulation.PlanVersionID
		if !slices.ContainsFunc(t.Lines, func(l plan.LineOut) bool { return l.Commission != 0 }) { // else what it looked at was lost
			b.keep(*d.ConversionID, t)
		}
	}
	return nil
}

// lastDecisions reads a row of the decision in force on conversions.
func (w *walk) lastDecisions(ctx context.Context, ids []string) (map[string]*ent.Attribution, error) {
	last := map[string]*ent.Attribution{}
	if len(ids) == 0 {
		return last, nil
	}
	rows, err := w.client.Attribution.Query().Where(attribution.ConversionIDIn(ids...)).Order(attribution.ByRevision(sql.OrderDesc())).All(ctx)
	for _, row := range rows {
		if last[row.ConversionID] == nil {
			last[row.ConversionID] = row
		}
	}
	return last, err
}

func (w *walk) readGroups(ctx context.Context, b *batch, who []string) error {
	slices.Sort(who)
	for ids := range slices.Chunk(slices.Compact(who), groupPage) {
		rows, err := w.client.Affiliate.Query().Where(affiliate.IDIn(ids...), affiliate.GroupIDNotNil()).All(ctx)
		if err != nil {
			return err
		}
		for _, a := range rows {
			b.groups[a.ID] = *a.GroupID
		}
	}
	return nil
}

// parties are those with credit for a conversion that earned nothing by the terms.
func (b *batch) parties(sale *ent.Conversion) (all []plan.Party) {
	d, there := b.decided[sale.ID]
	if !there {
		return nil
	}
	for _, p := range d.Parties() {
		all = append(all, plan.Party{AffiliateID: p.AffiliateID, GroupID: b.groups[p.AffiliateID], Num: p.Num})
	}
	return all
}

// eachAdjustment goes through what people adjusted in the period, which no
// recalculation touches (Q37), and adds it to the hash.
func (w *walk) eachAdjustment(ctx context.Context, fn func(*ent.Commission)) error {
	for last := ""; ; {
		rows, err := w.client.Commission.Query().Where(commission.ProgramID(w.sim.ProgramID), commission.KindEQ(commission.KindADJUSTMENT),
			commission.EarnedAtGTE(w.sim.PeriodFrom), commission.EarnedAtLT(w.sim.PeriodUntil), commission.IDGT(last)).
			Order(commission.ByID()).Limit(simulatePage).All(ctx)
		if err != nil {
			return err
		}
		for _, c := range rows {
			fmt.Fprintln(w.hash, c.ID)
			fn(c)
		}
		if len(rows) < simulatePage {
			return nil
		}
		last = rows[len(rows)-1].ID
	}
}

func (w *simulating) adjustments(ctx context.Context) error {
	return w.eachAdjustment(ctx, func(c *ent.Commission) {
		w.pinned++
		w.rows = append(w.rows, foundRow{
			recounted: recounted{kind: c.Kind, level: cmp.Or(c.Level, 1), affiliate: c.AffiliateID, was: c, amount: c.AmountMinor, left: c.AmountMinor - c.ReversedMinor},
			sort:      simulationdifference.KindPINNED, reason: simulationdifference.ReasonADJUSTMENT, currency: c.Currency,
		})
	})
}
