package earn

import (
	"context"
	"fmt"
	"strconv"

	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/commissionplan"
	"github.com/tributary/tributary/ent/planversion"
	"github.com/tributary/tributary/ent/predicate"
	"github.com/tributary/tributary/internal/money"
)

// maxComing bounds how many terms that are not in force yet are shown.
const maxComing = 10

// AffiliateTerms is a version as far as it can be an affiliate's.
type AffiliateTerms struct {
	Row *ent.PlanVersion
	plan.Version
	Upline  *levels.Terms // what it earns on its recruits' sales; nil for nothing
	Changes []plan.Change // against the terms before
}

// TermsOf gives the terms that an affiliate is under in a program now; nil before the
// program has any.
func (s *Service) TermsOf(ctx context.Context, e *ent.Enrollment) (*AffiliateTerms, error) {
	c := s.store.Client()
	row, err := lastTerms(ctx, c, e.ProgramID, planversion.ValidFromLTE(s.store.MerchantTime(ctx)))
	if err != nil || row == nil {
		return nil, err
	}
	whom, err := whomOf(ctx, c, e.AffiliateID)
	if err != nil {
		return nil, err
	}
	return affiliateTerms(ctx, c, e.ProgramID, row, whom)
}

// ComingTerms gives the terms that it will be under later, the nearest first.
func (s *Service) ComingTerms(ctx context.Context, e *ent.Enrollment) ([]*AffiliateTerms, error) {
	c := s.store.Client()
	rows, err := c.PlanVersion.Query().
		Where(planversion.HasPlanWith(commissionplan.ProgramID(e.ProgramID)), planversion.Recount(false), planversion.ValidFromGT(s.store.MerchantTime(ctx))).
		Order(ent.Asc(planversion.FieldValidFrom, planversion.FieldCreatedAt, planversion.FieldID)).Limit(maxComing).All(ctx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	whom, err := whomOf(ctx, c, e.AffiliateID)
	if err != nil {
		return nil, err
	}
	out := make([]*AffiliateTerms, len(rows))
	for i, row := range rows {
		if out[i], err = affiliateTerms(ctx, c, e.ProgramID, row, whom); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// VersionChanges gives what differs between a version and the program's terms before it.
func (s *Service) VersionChanges(ctx context.Context, row *ent.PlanVersion) ([]plan.Change, error) {
	c := s.store.Client()
	of, err := c.CommissionPlan.Query().Where(commissionplan.ID(row.PlanID)).Only(ctx)
	if err != nil {
		return nil, err
	}
	before, err := termsBefore(ctx, c, of.ProgramID, row)
	if err != nil || before == nil {
		return nil, err
	}
	return changesOf(before, row, func(v plan.Version) plan.Version { return v }, true)
}

// lastTerms gives the last of a program's terms that meet a condition, nil for none; of
// two that begin together, the later made.
func lastTerms(ctx context.Context, c *ent.Client, programID string, which ...predicate.PlanVersion) (*ent.PlanVersion, error) {
	row, err := c.PlanVersion.Query().Where(planversion.HasPlanWith(commissionplan.ProgramID(programID)), planversion.Recount(false)).Where(which...).
		Order(ent.Desc(planversion.FieldValidFrom, planversion.FieldCreatedAt, planversion.FieldID)).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return row, err
}

// termsBefore gives the terms that were in force before a version's first instant.
func termsBefore(ctx context.Context, c *ent.Client, programID string, row *ent.PlanVersion) (*ent.PlanVersion, error) {
	return lastTerms(ctx, c, programID, planversion.IDNEQ(row.ID), planversion.Or(
		planversion.ValidFromLT(row.ValidFrom), planversion.And(planversion.ValidFrom(row.ValidFrom), planversion.CreatedAtLT(row.CreatedAt)),
	))
}

// whomOf reads what terms may look at of an affiliate.
func whomOf(ctx context.Context, c *ent.Client, affiliateID string) (plan.Whom, error) {
	a, err := c.Affiliate.Query().Where(affiliate.ID(affiliateID)).Only(ctx)
	if err != nil {
		return plan.Whom{}, err
	}
	return whom(a), nil
}

func whom(a *ent.Affiliate) plan.Whom {
	var in plan.Input
	addFields(&in, plan.OfAffiliate, a.ID, a.Fields)
	w := plan.Whom{AffiliateID: a.ID, Fields: in.Fields}
	if a.GroupID != nil {
		w.GroupID = *a.GroupID
	}
	return w
}

func affiliateTerms(ctx context.Context, c *ent.Client, programID string, row *ent.PlanVersion, who plan.Whom) (*AffiliateTerms, error) {
	v, err := plan.DecodeVersion(row.Document)
	if err != nil {
		return nil, err
	}
	out := &AffiliateTerms{Row: row, Version: v.For(who)}
	if t, has, err := levelsOf(v); err != nil {
		return nil, err
	} else if has {
		t.MaxTotal, t.Cut = money.Rate{}, ""
		out.Upline = &t
	}
	before, err := termsBefore(ctx, c, programID, row)
	if err == nil && before != nil {
		out.Changes, err = changesFor(before, row, who)
	}
	return out, err
}

// changesFor gives what differs between terms as far as it can be an affiliate's.
func changesFor(before, after *ent.PlanVersion, who plan.Whom) ([]plan.Change, error) {
	return changesOf(before, after, func(v plan.Version) plan.Version { return v.For(who) }, false)
}

// changesOf gives what differs between terms, as a view of them shows it.
func changesOf(before, after *ent.PlanVersion, view func(plan.Version) plan.Version, all bool) ([]plan.Change, error) {
	was, err := plan.DecodeVersion(before.Document)
	if err != nil {
		return nil, err
	}
	is, err := plan.DecodeVersion(after.Document)
	if err != nil {
		return nil, err
	}
	more, err := saidBeside(before, was, all)
	if err != nil {
		return nil, err
	}
	now, err := saidBeside(after, is, all)
	return append(view(is).Changes(view(was)), plan.Differ("", more, now)...), err
}

// saidBeside is what a version says that the pure terms do not tell: who bears what is
// given back after a payout, and its levels; their maximum for staff alone.
func saidBeside(row *ent.PlanVersion, v plan.Version, all bool) ([]plan.Setting, error) {
	out := []plan.Setting{{Name: "recovery.kind", Value: string(row.Recovery)}}
	say := func(name, value string) {
		if value != "" && value != "0" {
			out = append(out, plan.Setting{Name: name, Value: value})
		}
	}
	say("recovery.days", strconv.Itoa(row.RecoveryDays))
	t, has, err := levelsOf(v)
	if err != nil || !has {
		return out, err
	}
	for i, l := range t.Levels {
		say(fmt.Sprintf("levels.terms.%d", i), fmt.Sprintf("%s %s", l.Mode, l.Rate))
	}
	say("levels.andAbove", strconv.FormatBool(t.AndAbove))
	say("levels.onInactive", string(t.OnInactive))
	say("levels.onUnqualified", string(t.OnUnqualified))
	say("levels.qualification.days", strconv.Itoa(t.Qualification.Days))
	say("levels.qualification.sales", strconv.FormatInt(t.Qualification.Sales, 10))
	if t.Qualification.Amount.Currency != "" {
		say("levels.qualification.amount", t.Qualification.Amount.String())
	}
	if all {
		say("levels.maxPercent", t.MaxTotal.String())
		say("levels.cut", string(t.Cut))
	}
	return out, nil
}
