package earn

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	rules "github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/trust"
)

// Bounds of a comparison.
const (
	MaxCompared   = 5000 // conversions
	ComparedRows  = 100  // affiliates and currencies that are told, those with the most
	comparePage   = 200
	compareBefore = 5 * time.Minute // an order may say that it happens so much later than it is told
)

// CompareInput is a period of a program, from an instant until before another.
type CompareInput struct {
	ProgramID string
	From, To  time.Time
}

// Comparison is what each model would pay on the conversions of a period, after what
// was given back of them until now.
type Comparison struct {
	Conversions int           // that were compared
	Rows        []ComparedRow // those with the most first, at most ComparedRows
	Totals      []ComparedRow // of all affiliates, by currency
}

// ComparedRow is what an affiliate has of the period, and would have.
type ComparedRow struct {
	AffiliateID string // "" in totals
	Earned      money.Money
	Models      map[rules.Model]money.Money
}

// AttributionComparison decides every conversion of a period again by each model:
// from the facts that its decision in force has frozen, without what a person
// decided, under the policy of that decision with the model in place of its own and
// all else alike, and by the terms of the conversion's instant, or those that an
// earlier touch keeps (N32). It reads no clicks and writes nothing. Errors: FORBIDDEN for an affiliate; NOT_FOUND programId; INVALID
// programId for terms with tiers or caps, which count what was sold before; INVALID
// to for a period that is empty or above 400 days; TOO_LARGE to for one with more than
// MaxCompared conversions.
func (s *Service) AttributionComparison(ctx context.Context, in CompareInput) (Comparison, error) {
	if v, _ := trust.From(ctx); v.AffiliateID != "" {
		return Comparison{}, problem.New(problem.Forbidden, "what others would earn is not open to affiliates").Because(trust.ErrForbidden)
	}
	if !in.To.After(in.From) || in.To.Sub(in.From) > rules.MaxWindow {
		return Comparison{}, problem.At(problem.Invalid, "to", "must be after from, by at most 400 days")
	}
	c, err := s.newComparing(ctx, in)
	for more := true; more && err == nil; {
		more, err = c.page(ctx)
	}
	if err != nil {
		return Comparison{}, err
	}
	return c.told(), nil
}

// comparing is a comparison under way.
type comparing struct {
	CompareInput
	client  *ent.Client
	program *ent.Program
	terms   []termsFrom // latest first
	groups  map[string]string
	rows    map[comparedKey]*compared
	inputs  map[string]plan.Input // of the conversion under way, by version
	last    *ent.Conversion       // read
	n       int
}

type comparedKey struct {
	affiliate string
	currency  money.Currency
}

// compared are minor units.
type compared struct {
	earned int64
	models map[rules.Model]int64
}

// most is what an affiliate would have by the model that is best for it.
func (c *compared) most() int64 {
	return slices.Max(append(slices.Collect(maps.Values(c.models)), c.earned))
}

func (c *comparing) row(affiliate string, currency money.Currency) *compared {
	k := comparedKey{affiliate, currency}
	if c.rows[k] == nil {
		c.rows[k] = &compared{models: map[rules.Model]int64{}}
	}
	return c.rows[k]
}

// compare adds what each model would pay on a conversion, and what was earned.
func (c *comparing) compare(ctx context.Context, sale *ent.Conversion, decided *ent.Attribution) error {
	for _, m := range sale.Edges.Commissions {
		if m.SupersededAt == nil && m.Status != "REJECTED" {
			c.row(m.AffiliateID, m.Currency).earned += m.AmountMinor - m.ReversedMinor
		}
	}
	facts, _, err := readDecision(decided)
	if err != nil {
		return err
	}
	policy, err := rules.DecodePolicy(decided.Edges.Policy.Document)
	if err != nil {
		return err
	}
	now, found := c.termsAt(sale.OccurredAt)
	if !found {
		return nil
	}
	c.inputs = map[string]plan.Input{}
	for _, m := range rules.Models() {
		a := award{groups: c.groups, version: now.Version, facts: facts, decision: rules.Decide(policy.As(m), facts.Unnamed())}
		if err := c.add(ctx, m, sale, now, a); err != nil {
			return err
		}
	}
	return nil
}

// add adds what one model would pay on a conversion, after what was given back.
func (c *comparing) add(ctx context.Context, m rules.Model, sale *ent.Conversion, now termsFrom, a award) error {
	if !a.decision.Credited() {
		return nil
	}
	if err := c.protect(&a, now, sale.OccurredAt); err != nil {
		return err
	}
	terms := map[plan.Kept]plan.Version{}
	for _, p := range a.decision.Parties() {
		own := a.of(p.AffiliateID)
		terms[own.why] = own.version
	}
	for why, version := range terms {
		in, err := c.input(ctx, sale, version, touching(a.facts))
		if err != nil {
			return err
		}
		in.Kept = why
		if err := a.earn(in, nil); err != nil {
			return err
		}
	}
	a.conclude()
	back := plan.Refunded{Lines: map[string]int64{}, Whole: whole(sale.Status)}
	for _, l := range sale.Edges.Lines {
		back.Lines[l.ID] = l.RefundedMinor
	}
	for _, r := range a.results {
		reversed, err := r.Trace.Due(terms[r.Trace.Input.Kept], back, 0)
		if err != nil {
			return err
		}
		c.row(r.Trace.Input.AffiliateID, sale.Currency).models[m] += r.Amount.Minor - reversed
	}
	return nil
}

// protect leaves those whose touch came before the terms in force under the ones that
// they keep (N32).
func (c *comparing) protect(a *award, now termsFrom, sale time.Time) error {
	a.kept = map[string]keptTerms{}
	for _, p := range a.decision.Parties() {
		touch, has := lastTouch(a.facts, a.decision, p.AffiliateID)
		if !has {
			continue
		}
		k, err := keep(now, touch, sale, c.termsBefore)
		if err != nil {
			return err
		}
		if k.why != (plan.Kept{}) {
			a.kept[p.AffiliateID] = k
		}
	}
	return nil
}

// input is what terms look at of a conversion, read once for all models.
func (c *comparing) input(ctx context.Context, sale *ent.Conversion, version plan.Version, touched []string) (plan.Input, error) {
	if in, read := c.inputs[version.ID]; read {
		return in, nil
	}
	if version.Counts() {
		return plan.Input{}, problem.At(problem.Invalid, "programId", "the program's terms have tiers or caps: what they would have counted by another model is not known")
	}
	in, err := inputOf(ctx, c.client, c.program, sale, sale.Edges.Lines, version.Ready())
	if err != nil {
		return in, err
	}
	if err := fieldsOf(ctx, c.client, version.Ready(), touched, &in); err != nil {
		return in, err
	}
	c.inputs[version.ID] = in
	return in, nil
}

// told gives the sums, those with the most first.
func (c *comparing) told() Comparison {
	out, totals := Comparison{Conversions: c.n}, map[money.Currency]*compared{}
	for k, row := range c.rows {
		out.Rows = append(out.Rows, row.told(k))
		sum := totals[k.currency]
		if sum == nil {
			sum = &compared{models: map[rules.Model]int64{}}
			totals[k.currency] = sum
		}
		sum.earned += row.earned
		for m, v := range row.models {
			sum.models[m] += v
		}
	}
	slices.SortFunc(out.Rows, func(a, b ComparedRow) int {
		ka, kb := comparedKey{a.AffiliateID, a.Earned.Currency}, comparedKey{b.AffiliateID, b.Earned.Currency}
		return cmp.Or(cmp.Compare(c.rows[kb].most(), c.rows[ka].most()), cmp.Compare(ka.affiliate, kb.affiliate), cmp.Compare(ka.currency, kb.currency))
	})
	out.Rows = out.Rows[:min(len(out.Rows), ComparedRows)]
	for _, currency := range slices.Sorted(maps.Keys(totals)) {
		out.Totals = append(out.Totals, totals[currency].told(comparedKey{"", currency}))
	}
	return out
}

func (c *compared) told(k comparedKey) ComparedRow {
	row := ComparedRow{AffiliateID: k.affiliate, Earned: money.Of(c.earned, k.currency), Models: map[rules.Model]money.Money{}}
	for _, m := range rules.Models() {
		row.Models[m] = money.Of(c.models[m], k.currency)
	}
	return row
}
