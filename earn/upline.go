package earn

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track"
)

// maxUpline is how many above a seller are looked at: the levels of a sale then end
// below those of what an edit adds to it (see amended).
const maxUpline = amended - 1

// levelsOf gives what a version says of levels; false when it has none.
func levelsOf(v plan.Version) (t levels.Terms, has bool, err error) {
	if len(v.Levels) == 0 {
		return t, false, nil
	}
	t, err = levels.DecodeTerms(v.Levels)
	return t, err == nil, err
}

// LevelsOf gives what a plan's version says of levels; false when it has none.
func LevelsOf(row *ent.PlanVersion) (t levels.Terms, has bool, err error) {
	v, err := plan.DecodeVersion(row.Document)
	if err != nil {
		return t, false, err
	}
	return levelsOf(v)
}

// climb takes the snapshot of an award: who is above each affiliate with credit, how
// each of them stands in the program, what it has sold itself, and whether it is the
// buyer. It is read once, when the decision is made, and kept with it: whoever moves
// or is suspended afterwards changes nothing of the sale (Q57).
func (s *Service) climb(ctx context.Context, w *work, a *award) error {
	if a.reason != "" {
		return nil
	}
	for _, t := range a.terms() {
		if t.levelled() {
			if err := s.climbFor(ctx, w, a, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// climbFor takes it for those who are under the same terms.
func (s *Service) climbFor(ctx context.Context, w *work, a *award, t underTerms) error {
	terms, _, err := levelsOf(t.version)
	if err != nil {
		return err
	}
	buyer, err := s.track.BuyerIn(ctx, w.tx, track.Case{Conversion: w.sale, Customer: w.buyer, Message: w.message})
	if err != nil {
		return err
	}
	above, err := roster.Uplines(ctx, w.tx, w.sale.ProgramID, t.affiliates, maxUpline, buyer)
	if err != nil {
		return err
	}
	own, err := w.ownSales(ctx, terms.Qualification, above)
	if err != nil {
		return err
	}
	if w.payIn == nil {
		w.payIn = map[string]string{}
	}
	if a.uplines == nil {
		a.uplines = map[string][]levels.Member{}
	}
	for _, seller := range t.affiliates {
		upline := []levels.Member{}
		for _, u := range above[seller] {
			m := own[u.AffiliateID]
			m.AffiliateID, m.Status, m.Buyer = u.AffiliateID, u.Status, u.Buyer
			w.payIn[u.AffiliateID] = u.PayIn
			upline = append(upline, m)
		}
		a.uplines[seller] = upline
	}
	return nil
}

// ownSales gives what members have sold themselves in the window before the sale:
// sales of the program that stand, counted and, in the qualification's currency,
// added up less what was given back. A sale that several share counts for each.
func (w *work) ownSales(ctx context.Context, q levels.Qualification, above map[string][]roster.Upper) (map[string]levels.Member, error) {
	own := map[string]levels.Member{}
	for _, upline := range above {
		for _, u := range upline {
			own[u.AffiliateID] = levels.Member{}
		}
	}
	if q.Days == 0 || len(own) == 0 {
		return own, nil
	}
	ids := make([]string, 0, len(own))
	for id := range own {
		ids = append(ids, id)
	}
	from := w.sale.OccurredAt.Add(-time.Duration(q.Days) * 24 * time.Hour)
	var rows []ownSum
	sold := sql.Table(conversion.Table)
	err := w.tx.Ent().Commission.Query().Where(
		commission.ProgramID(w.sale.ProgramID), commission.KindEQ(commission.KindCONVERSION), commission.Level(1),
		commission.StatusNEQ(commission.StatusREJECTED), commission.SupersededAtIsNil(), commission.AffiliateIDIn(ids...),
		commission.ConversionIDNEQ(w.sale.ID), commission.EarnedAtGTE(from), commission.EarnedAtLT(w.sale.OccurredAt),
		func(s *sql.Selector) {
			s.Join(sold).OnP(sql.And(sql.ColumnsEQ(s.C(commission.FieldMerchantID), sold.C(conversion.FieldMerchantID)), sql.ColumnsEQ(s.C(commission.FieldConversionID), sold.C(conversion.FieldID))))
			s.Where(sql.In(sold.C(conversion.FieldStatus), string(conversion.StatusACCEPTED), string(conversion.StatusPARTIALLY_REFUNDED)))
		},
	).GroupBy(commission.FieldAffiliateID, commission.FieldCurrency).Aggregate(
		ent.As(ent.Count(), "sales"),
		ent.As(func(*sql.Selector) string { return sql.Sum(sold.C(conversion.FieldBaseMinor)) }, "base"),
		ent.As(func(*sql.Selector) string { return sql.Sum(sold.C(conversion.FieldRefundedMinor)) }, "refunded"),
	).Scan(ctx, &rows)
	for _, r := range rows {
		m := own[r.AffiliateID]
		m.Sales += r.Sales
		if r.Currency == q.Amount.Currency {
			m.Amount = money.Of(max(0, r.Base-r.Refunded), r.Currency)
		}
		own[r.AffiliateID] = m
	}
	return own, err
}

// ownSum is what an affiliate has sold in a currency.
type ownSum struct {
	AffiliateID           string `json:"affiliate_id"`
	Currency              money.Currency
	Sales, Base, Refunded int64
}
