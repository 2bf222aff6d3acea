package earn

import (
	"context"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/attribution"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/commissionplan"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/ent/conversionline"
	"github.com/tributary/tributary/ent/planversion"
	"github.com/tributary/tributary/internal/problem"
	rules "github.com/tributary/tributary/track/attribution"
)

// termsFrom is a version with its first instant.
type termsFrom struct {
	from time.Time
	plan.Version
}

func (s *Service) newComparing(ctx context.Context, in CompareInput) (*comparing, error) {
	c := &comparing{CompareInput: in, client: s.store.Client(), groups: map[string]string{}, rows: map[comparedKey]*compared{}}
	var err error
	if c.program, err = c.client.Program.Get(ctx, in.ProgramID); err != nil {
		return nil, missing(err, "programId", "program")
	}
	versions, err := c.client.PlanVersion.Query().Where(planversion.HasPlanWith(commissionplan.ProgramID(in.ProgramID)), planversion.Recount(false)).
		Order(ent.Desc(planversion.FieldValidFrom, planversion.FieldCreatedAt, planversion.FieldID)).All(ctx)
	for _, row := range versions {
		if err == nil {
			var v plan.Version
			v, err = plan.DecodeVersion(row.Document)
			c.terms = append(c.terms, termsFrom{row.ValidFrom, v})
		}
	}
	return c, err
}

// termsAt is the same choice as when a conversion is rated.
func (c *comparing) termsAt(at time.Time) (termsFrom, bool) {
	for _, t := range c.terms {
		if !t.from.After(at) {
			return t, true
		}
	}
	return termsFrom{}, false
}

// termsBefore are those in force until an instant.
func (c *comparing) termsBefore(until time.Time) (termsFrom, bool, error) {
	for _, t := range c.terms {
		if t.from.Before(until) {
			return t, true, nil
		}
	}
	return termsFrom{}, false, nil
}

// page reads and compares the next conversions; it reports whether there may be more.
// They go by the instant they were told, which an index has, and which is never long
// before the one they happened at.
func (c *comparing) page(ctx context.Context) (more bool, err error) {
	query := c.client.Conversion.Query().Where(conversion.ProgramID(c.ProgramID), conversion.CreatedAtGTE(c.From.Add(-compareBefore)),
		conversion.OccurredAtGTE(c.From), conversion.OccurredAtLT(c.To), conversion.RatingIn(conversion.RatingRATED, conversion.RatingNO_CREDIT))
	if c.last != nil {
		at, id := c.last.CreatedAt, c.last.ID
		query.Where(conversion.Or(conversion.CreatedAtGT(at), conversion.And(conversion.CreatedAt(at), conversion.IDGT(id))))
	}
	rows, err := query.Order(conversion.ByCreatedAt(), conversion.ByID()).Limit(comparePage).
		WithLines(func(q *ent.ConversionLineQuery) { q.Order(conversionline.ByID()) }).
		WithCommissions(func(q *ent.CommissionQuery) { q.Where(commission.KindEQ(commission.KindCONVERSION)) }).All(ctx)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	c.last = rows[len(rows)-1]
	if c.n += len(rows); c.n > MaxCompared {
		return false, problem.At(problem.TooLarge, "to", "the period has more than %d conversions: ask for a shorter one", MaxCompared)
	}
	decided, err := c.decisions(ctx, rows)
	if err != nil {
		return false, err
	}
	for _, sale := range rows {
		if d := decided[sale.ID]; d != nil {
			if err := c.compare(ctx, sale, d); err != nil {
				return false, err
			}
		}
	}
	return len(rows) == comparePage, nil
}

// decisions reads a row of the decision in force on each conversion, and the groups of
// the affiliates it looked at.
func (c *comparing) decisions(ctx context.Context, sales []*ent.Conversion) (map[string]*ent.Attribution, error) {
	ids := make([]string, len(sales))
	for i, sale := range sales {
		ids[i] = sale.ID
	}
	rows, err := c.client.Attribution.Query().Where(attribution.ConversionIDIn(ids...)).
		Order(attribution.ByRevision(sql.OrderDesc())).WithPolicy().All(ctx)
	if err != nil {
		return nil, err
	}
	last, strangers := map[string]*ent.Attribution{}, []string{}
	for _, row := range rows {
		if last[row.ConversionID] != nil {
			continue
		}
		last[row.ConversionID] = row
		facts, _, err := readDecision(row)
		if err != nil {
			return nil, err
		}
		for _, t := range facts.Touches {
			if _, known := c.groups[t.AffiliateID]; !known && t.AffiliateID != "" {
				c.groups[t.AffiliateID] = ""
				strangers = append(strangers, t.AffiliateID)
			}
		}
	}
	return last, c.readGroups(ctx, strangers)
}

// groupPage bounds one statement's parameters.
const groupPage = 500

func (c *comparing) readGroups(ctx context.Context, ids []string) error {
	for len(ids) > 0 {
		n := min(groupPage, len(ids))
		rows, err := c.client.Affiliate.Query().Where(affiliate.IDIn(ids[:n]...), affiliate.GroupIDNotNil()).All(ctx)
		if err != nil {
			return err
		}
		for _, a := range rows {
			c.groups[a.ID] = *a.GroupID
		}
		ids = ids[n:]
	}
	return nil
}

// touching are the affiliates that a decision looked at.
func touching(f rules.Facts) (ids []string) {
	for _, t := range f.Touches {
		if t.AffiliateID != "" && !slices.Contains(ids, t.AffiliateID) {
			ids = append(ids, t.AffiliateID)
		}
	}
	return ids
}
