package graph

import (
	"cmp"
	"fmt"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/internal/money"
)

// levels turns levels of the API into a plan's; nil for none.
func (f *faults) levels(in *model.PlanLevelsInput) *levels.Terms {
	if in == nil {
		return nil
	}
	t := &levels.Terms{
		AndAbove: or(in.AndAbove, false), OnInactive: unsaid(levels.Policy(or(in.OnInactive, "")), levels.Skip), OnUnqualified: unsaid(levels.Policy(or(in.OnUnqualified, "")), levels.Skip),
		MaxTotal: f.percent("levels.maxPercent", in.MaxPercent), Cut: unsaid(levels.CutOrder(or(in.Cut, "")), levels.FarthestFirst),
	}
	for i, one := range in.Terms {
		t.Levels = append(t.Levels, levels.Term{Mode: levels.Mode(one.Mode), Rate: f.percent(fmt.Sprintf("levels.terms.%d.percent", i), &one.Percent)})
	}
	if q := in.Qualification; q != nil {
		t.Qualification = levels.Qualification{Days: q.Days, Sales: int64(or(q.Sales, 0)), Amount: f.amount("levels.qualification.amount", q.Amount)}
	}
	return t
}

// unsaid gives nothing for what holds when nothing is said, so that terms that mean the
// same are the same bytes.
func unsaid[T comparable](v, usual T) (none T) {
	if v == usual {
		return none
	}
	return v
}

// showLevels turns what a version says of levels into the API's.
func showLevels(v *ent.PlanVersion) (*model.PlanLevels, error) {
	t, has, err := earn.LevelsOf(v)
	if err != nil || !has {
		return nil, err
	}
	return showLevelTerms(t), nil
}

func showLevelTerms(t levels.Terms) *model.PlanLevels {
	out := &model.PlanLevels{
		AndAbove: t.AndAbove, OnInactive: model.PlanLevelPolicy(cmp.Or(t.OnInactive, levels.Skip)), OnUnqualified: model.PlanLevelPolicy(cmp.Or(t.OnUnqualified, levels.Skip)),
		MaxPercent: shownRate(t.MaxTotal), Cut: model.PlanLevelCut(cmp.Or(t.Cut, levels.FarthestFirst)),
	}
	for _, one := range t.Levels {
		out.Terms = append(out.Terms, &model.PlanLevel{Mode: model.PlanLevelMode(one.Mode), Percent: one.Rate.String()})
	}
	if q := t.Qualification; q.Days > 0 {
		out.Qualification = &model.PlanQualification{Days: q.Days, Sales: some(int(q.Sales)), Amount: shownMoney(q.Amount)}
	}
	return out
}

func shownRate(r money.Rate) *string {
	if r.Num == 0 {
		return nil
	}
	return some(r.String())
}

// showExplainedLevels turns what became of an upline into the API's.
func showExplainedLevels(all []earn.LevelExplanation) []*model.ExplanationLevel {
	out := make([]*model.ExplanationLevel, len(all))
	for i, l := range all {
		out[i] = &model.ExplanationLevel{
			Level: l.Level, AffiliateID: some(l.AffiliateID), Outcome: model.LevelOutcome(l.Outcome), Why: some(model.LevelReason(l.Why)),
			Mode: model.PlanLevelMode(l.Term.Mode), Percent: l.Term.Rate.String(), Before: &l.Before, After: &l.After, Text: l.Text,
		}
	}
	return out
}
