package earn

import (
	"context"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/commissionplan"
	"github.com/tributary/tributary/ent/planversion"
	rules "github.com/tributary/tributary/track/attribution"
)

// New terms may leave earlier touches under the terms of before for a time (N32): who
// sent the buyer did so for what was promised then. Each affiliate with credit is under
// the terms of its own touch; a code without a click is used with the order, and so
// under the terms of its day. Who began to pay under rules that look at payments stays
// under those (Q33), whatever a later touch would say.

// keptTerms are terms, with why where they are not those of the day of the sale.
type keptTerms struct {
	version plan.Version
	why     plan.Kept
}

// of gives the terms that an affiliate is under.
func (a *award) of(affiliateID string) keptTerms {
	if k, is := a.kept[affiliateID]; is {
		return k
	}
	return keptTerms{version: a.version}
}

// protect finds the affiliates with credit who are under earlier terms than those in
// force. Terms that protect nothing cost nothing.
func (w *work) protect(ctx context.Context, a *award) error {
	if a.version.GraceDays == 0 || w.anchored {
		return nil
	}
	a.kept = map[string]keptTerms{}
	for _, p := range a.decision.Parties() {
		touch, has := lastTouch(a.facts, a.decision, p.AffiliateID)
		if !has {
			continue
		}
		k, err := w.keptSince(ctx, a.version, touch)
		if err != nil {
			return err
		}
		if k.why != (plan.Kept{}) {
			a.kept[p.AffiliateID] = k
		}
	}
	return nil
}

// lastTouch gives when an affiliate's last touch with a share was. By a person's decision
// a touch has none: it is then the affiliate's last that may earn.
func lastTouch(f rules.Facts, d rules.Decision, affiliateID string) (at time.Time, has bool) {
	for _, t := range f.Touches {
		mine := t.AffiliateID == affiliateID && t.Kind != rules.KindManual
		if mine && t.Payable && (d.Kind == rules.KindManual || d.ShareOf(t.ID).Num > 0) && (!has || t.At.After(at)) {
			at, has = t.At, true
		}
	}
	return at, has
}

// keptSince gives the terms that a touch of an instant keeps: of before those in force,
// as long as these let it, and so on back to those of the touch.
func (w *work) keptSince(ctx context.Context, now plan.Version, touch time.Time) (keptTerms, error) {
	row, err := w.tx.Ent().PlanVersion.Get(ctx, now.ID)
	if err != nil {
		return keptTerms{version: now}, err
	}
	return keep(termsFrom{row.ValidFrom, now}, touch, w.sale.OccurredAt, func(until time.Time) (termsFrom, bool, error) {
		row, err := w.tx.Ent().PlanVersion.Query().
			Where(planversion.HasPlanWith(commissionplan.ProgramID(w.sale.ProgramID)), planversion.ValidFromLT(until), planversion.Recount(false)).
			Order(ent.Desc(planversion.FieldValidFrom, planversion.FieldCreatedAt, planversion.FieldID)).First(ctx)
		if err != nil {
			return termsFrom{}, false, ent.MaskNotFound(err)
		}
		v, err := plan.DecodeVersion(row.Document)
		return termsFrom{row.ValidFrom, v}, true, err
	})
}

// keep is the rule: before gives the terms that were in force until an instant.
func keep(now termsFrom, touch, sale time.Time, before func(time.Time) (termsFrom, bool, error)) (keptTerms, error) {
	k, at := keptTerms{version: now.Version}, now
	for at.GraceDays > 0 && touch.Before(at.from) && sale.Before(at.from.Add(time.Duration(at.GraceDays)*24*time.Hour)) {
		earlier, has, err := before(at.from)
		if err != nil || !has {
			return k, err
		}
		at = earlier
		k = keptTerms{version: at.Version, why: plan.Kept{VersionID: now.ID, Number: now.Number, From: now.from, Touch: touch}}
	}
	return k, nil
}

// began gives the version that a customer's first payment was rated under, where the
// terms of its day may have left it to earlier ones; those of its day else.
func (w *work) began(ctx context.Context, first *ent.Conversion, day plan.Version) (plan.Version, error) {
	if day.GraceDays == 0 {
		return day, nil
	}
	made, err := w.tx.Ent().Commission.Query().Where(
		commission.ConversionID(first.ID), commission.KindEQ(commission.KindCONVERSION), commission.SupersededAtIsNil(), commission.PlanVersionIDNotNil(),
	).Order(ent.Asc(commission.FieldLevel, commission.FieldID)).First(ctx)
	if ent.IsNotFound(err) {
		return day, nil
	}
	if err != nil {
		return day, err
	}
	versions, err := termsOf(ctx, w.tx.Ent(), []*ent.Commission{made})
	return versions[*made.PlanVersionID], err
}
