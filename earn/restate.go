package earn

import (
	"context"
	"slices"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/ledger"
)

// Tiers that count for a whole period. What a stage adds to an order is a commission of
// the kind TIER, beside the one it adds to. It is made, changed and approved under the
// lock of the affiliate's enrolment, which every order and refund of the affiliate
// waits for: so one order may restate another without that order's lock, which would be
// taken in the wrong order and could wait for ever.

// stageLevels is the distance between the levels of a commission and of what stages
// add to it: beyond every level of edits.
const stageLevels = 100_000

// period is an affiliate's sales under a version in one of its periods.
type period struct {
	all       *work // no conversion: its program, currency and an instant in the period
	version   plan.Version
	affiliate string
	reached   plan.Standing
	text      string
}

// restate brings the sales of the affiliates' period to the tiers that it has reached:
// this conversion, and all those that stand at other tiers. Where they are many, most
// of them in one go: the command that moved the period ends, and a task brings the
// others to it (see restating).
func (s *Service) restate(ctx context.Context, w *work, v plan.Version, affiliates []string, cause string) error {
	behind, err := s.restateSome(ctx, w, v, affiliates, s.atOnce(), cause)
	if err != nil {
		return err
	}
	return s.restateLater(ctx, w.tx, behind)
}

// restateSome restates so many sales of each affiliate at most. It gives one commission
// of each affiliate that has more of them.
func (s *Service) restateSome(ctx context.Context, w *work, v plan.Version, affiliates []string, most int, cause string) (behind []string, err error) {
	if !v.Follows() {
		return nil, nil
	}
	if err := w.holdRestated(ctx, v, affiliates); err != nil {
		return nil, err
	}
	all := &work{tx: w.tx, program: w.program, why: w.why, sale: &ent.Conversion{ProgramID: w.sale.ProgramID, Currency: w.sale.Currency, OccurredAt: w.sale.OccurredAt}}
	for _, who := range slices.Sorted(slices.Values(affiliates)) {
		p := period{all: all, version: v, affiliate: who}
		if err := s.goals(ctx, &p, w, cause); err != nil {
			return nil, err
		}
		if len(v.Restating()) == 0 {
			continue
		}
		next, err := s.restatePeriod(ctx, &p, w.sale.ID, most, cause)
		if err != nil {
			return nil, err
		}
		if next != "" {
			behind = append(behind, next)
		}
	}
	return behind, nil
}

// restatePeriod restates a conversion and so many others of a period at most. It gives
// a commission of one that is left, or "".
func (s *Service) restatePeriod(ctx context.Context, p *period, conversionID string, most int, cause string) (next string, err error) {
	behind, next, err := p.read(ctx, most)
	if err != nil {
		return "", err
	}
	if conversionID != "" && !slices.Contains(behind, conversionID) {
		behind = append(behind, conversionID)
	}
	for _, sale := range behind {
		if err := s.restateOne(ctx, p, sale, cause); err != nil {
			return "", err
		}
	}
	return next, nil
}

// read finds where the period stands, and the conversions of the oldest commissions that
// stand elsewhere; next is the first that is not among so many.
func (p *period) read(ctx context.Context, most int) (behind []string, next string, err error) {
	sold := map[string]int64{}
	rules := p.version.Restating()
	for _, r := range rules {
		if sold[r.ID], err = p.all.sold(ctx, r.Tiers, p.affiliate); err != nil {
			return nil, "", err
		}
	}
	p.reached = p.version.Standing(sold)
	p.text = p.version.Text(p.reached)
	of, err := p.all.counted(rules[0].Tiers.Period, p.affiliate)
	if err != nil {
		return nil, "", err
	}
	rows, err := p.all.tx.Ent().Commission.Query().Where(of...).Where(commission.PlanVersionID(p.version.ID), commission.TierNEQ(p.text)).
		Order(ent.Asc(commission.FieldID)).Limit(most+1).Select(commission.FieldID, commission.FieldConversionID).All(ctx)
	for i, c := range rows {
		if i == most {
			return behind, c.ID, err
		}
		if !slices.Contains(behind, *c.ConversionID) {
			behind = append(behind, *c.ConversionID)
		}
	}
	return behind, "", err
}

// restateOne brings one conversion to the tiers of its period.
func (s *Service) restateOne(ctx context.Context, p *period, conversionID, cause string) error {
	sale, err := p.all.tx.Ent().Conversion.Get(ctx, conversionID)
	if err != nil {
		return err
	}
	w := &work{tx: p.all.tx, program: p.all.program, sale: sale, why: p.all.why}
	if err := w.readCommissions(ctx); err != nil || len(w.commissions) == 0 {
		return err
	}
	if err := w.readLines(ctx); err != nil {
		return err
	}
	layers, err := w.layers(ctx)
	if err != nil || layers[0].under(p.affiliate).ID != p.version.ID {
		return err
	}
	rows, err := w.tiersOf(ctx, p.affiliate)
	if err != nil {
		return err
	}
	back, above := spread(bases(layers), left(w.lines, p.version.Base), replaced(w.lines))
	for i, l := range layers {
		if own, ok := l.of(p.affiliate); ok {
			if err := s.restateLayer(ctx, w, p, own, w.givenBack(own.layer, back[i], over(layers, back, above, i)), rows, cause); err != nil {
				return err
			}
		}
	}
	return nil
}

// restateLayer brings what stages add to one commission to where the period stands.
func (s *Service) restateLayer(ctx context.Context, w *work, p *period, own part, given plan.Refunded, rows map[int]*ent.Commission, cause string) error {
	base := w.commissions[own.at]
	for _, stage := range p.version.Stages() {
		row := rows[base.Level+stageLevels*stage.Place]
		on := base.Status != commission.StatusREJECTED && stage.Tier < p.reached[stage.RuleID]
		if row == nil && !on {
			continue
		}
		at, before, err := own.trace.Restated(p.version, stage)
		if err != nil {
			return err
		}
		more := at.Amount.Minor - before.Amount.Minor
		target := max(0, more)
		if on {
			if target, err = stagedBack(at, before, p.version, given); err != nil {
				return err
			}
		}
		if row != nil && *row.PlanVersionID != *base.PlanVersionID {
			if !on {
				more, target = 0, 0
			}
			if err := s.restage(ctx, w, base, row, at, max(0, more), target); err != nil {
				return err
			}
			continue
		}
		if row == nil {
			if more <= target {
				continue // nothing is left that it could be paid on
			}
			if row, err = s.addStage(ctx, w, p.version, base, at, more, base.Level+stageLevels*stage.Place); err != nil {
				return err
			}
		}
		if err := s.bring(ctx, w, row, target, cause); err != nil {
			return err
		}
	}
	if base.Tier == p.text {
		return nil
	}
	return w.tx.Ent().Commission.Update().Where(commission.ID(base.ID)).SetTier(p.text).Exec(ctx)
}

// stagedBack gives how much of what a stage adds is to be taken back after so much was
// given back: what refunds take at the stage more than at the one before.
func stagedBack(at, before plan.Trace, v plan.Version, given plan.Refunded) (int64, error) {
	all, err := at.Due(v, given, 0)
	if err != nil {
		return 0, err
	}
	less, err := before.Due(v, given, 0)
	return min(max(0, all-less), max(0, at.Amount.Minor-before.Amount.Minor)), err
}

// bring takes back so much of a commission in all, or gives again what is above that.
func (s *Service) bring(ctx context.Context, w *work, row *ent.Commission, target int64, cause string) error {
	due := target - row.ReversedMinor - row.AbsorbedMinor
	if row.Status == commission.StatusREJECTED || due == 0 {
		return nil
	}
	alone := *w
	alone.commissions = []*ent.Commission{row}
	return s.change(ctx, &alone, &alone.commissions[0], due, cause)
}

// addStage accrues what a stage adds to a commission, with the same hold.
func (s *Service) addStage(ctx context.Context, w *work, v plan.Version, base *ent.Commission, at plan.Trace, more int64, level int) (*ent.Commission, error) {
	due, agreed := w.heldUntil(v)
	x, err := w.exchange(ctx, base.AffiliateID, money.Of(more, base.Currency), w.sale.OccurredAt)
	if err != nil {
		return nil, err
	}
	c, err := x.keep(w.tx.Ent().Commission.Create().SetID(w.tx.ID(id.Commission)).
		SetConversionID(w.sale.ID).SetNillableAttributionID(base.AttributionID).SetNillablePlanVersionID(base.PlanVersionID).
		SetProgramID(base.ProgramID).SetAffiliateID(base.AffiliateID).
		SetKind(commission.KindTIER).SetLevel(level).SetStatus(commission.StatusPENDING).
		SetCurrency(base.Currency).SetBaseMinor(base.BaseMinor).SetAmountMinor(more).
		SetEarnedAt(base.EarnedAt).SetNillableDueAt(due).SetNillableAgreedAt(agreed).SetTrace(at.Encode())).Save(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.book(ctx, w, c, ledger.Cause{ID: w.sale.ID, At: w.sale.OccurredAt}); err != nil {
		return nil, err
	}
	emitCommission(w.tx, w.program, eventAccrued, c, more, dueOf(c))
	return c, nil
}
