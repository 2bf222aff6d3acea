package earn

import (
	"context"
	"fmt"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/ent/predicate"
)

// What an affiliate has sold and what a budget has paid is never kept as a number:
// it is summed from the commissions of the period when an order is rated, under a
// lock that the next order for the same affiliate, or under the same budget, waits
// for. Two orders at once would otherwise both find the threshold not reached, or
// the same money left (Q30). The period is that of the event, on the clocks of the
// program; an order that arrives late counts in the period in which it happened
// (Q29). A sale that several share counts for each of them.

// count reads what tiers and caps look at, of everybody with credit: into the input
// what was sold before, and what caps have paid by affiliate.
func (w *work) count(ctx context.Context, v plan.Version, affiliates []string, in *plan.Input) (used map[string][]plan.Used, err error) {
	if err := w.hold(ctx, v, affiliates); err != nil {
		return nil, err
	}
	type sum struct {
		of     plan.Metric
		counts plan.Counts
		period plan.Period
		who    string
	}
	known := map[sum]int64{} // rules that count the same ask once
	for _, r := range v.Rules {
		for _, who := range affiliates {
			if r.Tiers == nil || r.Tiers.Mode == plan.Retroactive {
				break
			}
			k := sum{r.Tiers.Metric, r.Tiers.Counts, r.Tiers.Period, who}
			if _, asked := known[k]; !asked {
				if known[k], err = w.sold(ctx, r.Tiers, who); err != nil {
					return nil, err
				}
			}
			in.Counters = append(in.Counters, plan.Counter{RuleID: r.ID, AffiliateID: who, Before: known[k]})
		}
	}
	return w.used(ctx, v, affiliates)
}

func (w *work) used(ctx context.Context, v plan.Version, affiliates []string) (map[string][]plan.Used, error) {
	used := map[string][]plan.Used{}
	for i, c := range v.Caps {
		if c.Amount.Currency != w.sale.Currency {
			continue
		}
		var minor int64
		for at, who := range affiliates {
			if at == 0 || c.Scope != plan.CapProgram { // a budget is one for all
				var err error
				if minor, err = w.paid(ctx, c, who); err != nil {
					return nil, err
				}
			}
			used[who] = append(used[who], plan.Used{Cap: i, Minor: minor})
		}
	}
	return used, nil
}

// usedNow gives what caps have paid by now, this conversion included.
func (w *work) usedNow(ctx context.Context, v plan.Version, affiliates []string) (map[string][]plan.Used, error) {
	if len(v.Caps) == 0 {
		return nil, nil
	}
	if err := w.hold(ctx, v, affiliates); err != nil {
		return nil, err
	}
	used, err := w.used(ctx, v, affiliates)
	for who, list := range used {
		for i, u := range list {
			for _, c := range w.commissions {
				if c.Status != commission.StatusREJECTED && (v.Caps[u.Cap].Scope == plan.CapProgram || c.AffiliateID == who) {
					list[i].Minor += c.AmountMinor - c.ReversedMinor
				}
			}
		}
	}
	return used, err
}

// hold locks what is counted: the program for a budget, then the enrolments of
// those with credit by ascending id, so that no two orders wait for each other.
func (w *work) hold(ctx context.Context, v plan.Version, affiliates []string) error {
	if slices.ContainsFunc(v.Caps, func(c plan.Cap) bool { return c.Scope == plan.CapProgram }) {
		if err := w.tx.Lock(ctx, "programs", w.sale.ProgramID); err != nil {
			return err
		}
	}
	if !v.Counts() {
		return nil
	}
	return w.holdEnrolled(ctx, affiliates)
}

func (w *work) holdEnrolled(ctx context.Context, affiliates []string) error {
	rows, err := w.tx.Ent().Enrollment.Query().Where(enrollment.ProgramID(w.sale.ProgramID), enrollment.AffiliateIDIn(affiliates...)).IDs(ctx)
	if err != nil {
		return err
	}
	return w.tx.Lock(ctx, "enrollments", rows...)
}

// counted are the commissions of other conversions of the program in a period, of
// one affiliate or, for "", of all.
func (w *work) counted(p plan.Period, affiliateID string) ([]predicate.Commission, error) {
	place, err := time.LoadLocation(w.program.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("the program's time zone: %w", err)
	}
	of := []predicate.Commission{
		commission.MerchantID(w.tx.MerchantID()), commission.ProgramID(w.sale.ProgramID), commission.KindEQ(commission.KindCONVERSION), commission.StatusNEQ(commission.StatusREJECTED), commission.SupersededAtIsNil(),
		commission.Currency(w.sale.Currency), commission.ConversionIDNEQ(w.sale.ID),
	}
	if affiliateID != "" {
		of = append(of, commission.AffiliateID(affiliateID))
	}
	if from, until := p.Of(w.sale.OccurredAt.In(place)); !from.IsZero() {
		of = append(of, commission.EarnedAtGTE(from.UTC()), commission.EarnedAtLT(until.UTC()))
	}
	return of, nil
}

// sold gives what moves an affiliate from tier to tier.
func (w *work) sold(ctx context.Context, t *plan.Tiers, affiliateID string) (int64, error) {
	of, err := w.counted(t.Period, affiliateID)
	if err != nil {
		return 0, err
	}
	if t.Counts == plan.CountsApproved {
		of = append(of, commission.Or(commission.DecidedAtNotNil(), commission.AgreedAtNotNil()))
	}
	if t.Metric == plan.MetricCommission {
		return w.earnedIn(ctx, of)
	}
	sales := w.tx.Ent().Conversion.Query().Where(soldBy(of))
	if t.Metric == plan.MetricCount {
		n, err := sales.Count(ctx)
		return int64(n), err
	}
	var rows []sums
	err = sales.Aggregate(ent.As(ent.Sum(conversion.FieldBaseMinor), "all"), ent.As(ent.Sum(conversion.FieldRefundedMinor), "less")).Scan(ctx, &rows)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].left(), nil
}

// soldBy are the conversions of commissions, found by way of these: those of one affiliate
// in a period are few among all of a merchant's.
func soldBy(of []predicate.Commission) predicate.Conversion {
	return func(s *sql.Selector) {
		t := sql.Table(commission.Table)
		ids := sql.Select(t.C(commission.FieldConversionID)).From(t)
		for _, is := range of {
			is(ids)
		}
		s.Where(sql.In(s.C(conversion.FieldID), ids))
	}
}

// paid gives what a cap has paid.
func (w *work) paid(ctx context.Context, c plan.Cap, affiliateID string) (int64, error) {
	if c.Scope == plan.CapProgram {
		affiliateID = ""
	}
	of, err := w.counted(c.Period, affiliateID)
	if err != nil {
		return 0, err
	}
	return w.earnedIn(ctx, of)
}

// earnedIn sums what was earned, less what was taken back.
func (w *work) earnedIn(ctx context.Context, of []predicate.Commission) (int64, error) {
	var rows []sums
	err := w.tx.Ent().Commission.Query().Where(of...).
		Aggregate(ent.As(ent.Sum(commission.FieldAmountMinor), "all"), ent.As(ent.Sum(commission.FieldReversedMinor), "less")).Scan(ctx, &rows)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].left(), nil
}

// sums are of a column and of what is to be taken off it; nil over no rows.
type sums struct{ All, Less *int64 }

func (s sums) left() int64 {
	if s.All == nil || s.Less == nil {
		return 0
	}
	return max(0, *s.All-*s.Less)
}
