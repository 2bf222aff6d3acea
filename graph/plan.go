package graph

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// mapRules turns rules of the API into rules of a plan.
func mapRules(in []*model.PlanRuleInput) ([]plan.Rule, error) {
	var f faults
	out := make([]plan.Rule, 0, len(in))
	for i, r := range in {
		out = append(out, f.rule(fmt.Sprintf("rules.%d.", i), r))
	}
	return out, f.err()
}

func (f *faults) rule(path string, r *model.PlanRuleInput) plan.Rule {
	if r.Kind != model.PlanRuleKindFixed && r.Percent == nil {
		f.all = append(f.all, problem.At(problem.Invalid, path+"percent", "a %s rule says its percent", r.Kind))
	}
	return plan.Rule{
		Level: plan.Level(r.Level), TargetID: or(r.TargetID, ""), Kind: plan.Kind(r.Kind), Rate: f.percent(path+"percent", r.Percent),
		Fixed: f.amount(path+"fixed", r.Fixed), PayOnZero: or(r.PayOnZero, false),
		When: f.condition(path+"when.", r.When), From: or(r.From, time.Time{}), Until: or(r.Until, time.Time{}), DayParts: dayParts(r.DayParts),
		Tiers:    f.tiers(path+"tiers.", r.Tiers),
		PerLine:  plan.Clamp{Min: f.amount(path+"minPerLine", r.MinPerLine), Max: f.amount(path+"maxPerLine", r.MaxPerLine)},
		PerOrder: plan.Clamp{Min: f.amount(path+"minPerOrder", r.MinPerOrder), Max: f.amount(path+"maxPerOrder", r.MaxPerOrder)},
	}
}

func (f *faults) percent(field string, in *string) money.Rate {
	if in == nil {
		return money.Rate{}
	}
	rate, err := money.ParseRate(*in)
	switch {
	case errors.Is(err, money.ErrPrecision):
		f.all = append(f.all, problem.At(problem.Invalid, field, "has more than %d digits after the point", money.RateScale).Because(err))
	case errors.Is(err, money.ErrRange):
		f.all = append(f.all, problem.At(problem.Invalid, field, "is out of range").Because(err))
	case err != nil:
		f.all = append(f.all, problem.At(problem.Invalid, field, "not a decimal number such as 12.5").Because(err))
	}
	return rate
}

func mapRefundPolicy(in *model.RefundPolicyInput) (plan.RefundPolicy, error) {
	if in == nil {
		return plan.RefundPolicy{}, nil
	}
	p := plan.RefundPolicy{Mode: plan.RefundMode(in.Kind)}
	if in.Percent != nil {
		n, err := strconv.ParseInt(*in.Percent, 10, 64)
		if err != nil {
			return p, problem.At(problem.Invalid, "refundPolicy.percent", "a whole number from 1 to 100")
		}
		p.AtPercent = n
	}
	return p, nil
}

// showExplanation turns an explanation into the API's.
func showExplanation(e earn.CommissionExplanation) *model.CommissionExplanation {
	out := &model.CommissionExplanation{PlanVersionID: e.VersionID, Rule: showRule(e.Rule), Amount: &e.Amount, Steps: []*model.ExplanationStep{}, Rules: []*model.PlanRule{}, Levels: showExplainedLevels(e.Levels)}
	for _, r := range e.Rules {
		out.Rules = append(out.Rules, showRule(r))
	}
	for _, s := range e.Steps {
		after := money.Of(s.After, e.Amount.Currency)
		out.Steps = append(out.Steps, &model.ExplanationStep{Name: string(s.Kind), Text: s.Text, After: &after})
	}
	return out
}

// mapTerms turns an input into terms.
func mapTerms(in model.CommissionPlanActivateInput) (earn.PlanActivateInput, error) {
	rules, err := mapRules(in.Rules)
	policy, err2 := mapRefundPolicy(in.RefundPolicy)
	out := earn.PlanActivateInput{PlanID: in.PlanID, Rules: rules, HoldDays: or(in.HoldDays, 0), Reanchor: or(in.Reanchor, false), AutoApprove: or(in.AutoApprove, false), RefundPolicy: policy}
	if in.HoldFrom != nil {
		out.HoldFrom = plan.HoldFrom(*in.HoldFrom)
	}
	if in.Precedence != nil {
		out.Precedence = plan.Precedence(*in.Precedence)
	}
	if b := in.Base; b != nil {
		out.Base = plan.Base{Tax: or(b.Tax, false), Shipping: or(b.Shipping, false), Discount: or(b.Discount, false), GiftCards: or(b.GiftCards, false)}
	}
	var f faults
	out.Caps, out.Levels, out.Bonuses = f.caps(in.Caps), f.levels(in.Levels), f.bonuses(in.Bonuses)
	out.Clicks = f.clicks(in.Clicks)
	out.Margin, out.Accept = f.percent("marginPercent", in.MarginPercent), findingCodes(in.AcceptFindings)
	out.GraceDays = f.grace(in.EarlierClicks)
	err = errors.Join(err, f.err())
	if r := in.Recovery; r != nil {
		out.Recovery = earn.Recovery{Mode: r.Kind, Days: or(r.Days, 0)}
	}
	if in.ValidFrom != nil {
		out.ValidFrom = *in.ValidFrom
	}
	return out, errors.Join(err, err2)
}

// grace reads for how many days earlier touches keep earlier terms.
func (f *faults) grace(in *model.EarlierClicksInput) int {
	if in == nil {
		return 0
	}
	days := or(in.GraceDays, 0)
	if (in.Kind == model.EarlierClicksEarlierTerms) != (in.GraceDays != nil && days > 0) {
		f.all = append(f.all, problem.At(problem.Invalid, "earlierClicks.graceDays", "must be between 1 and 400 for EARLIER_TERMS, else empty"))
	}
	return days
}

// theirNames are fields of a rule that the input calls otherwise.
var theirNames = strings.NewReplacer("marginPercent", "marginPercent", "margin", "marginPercent", ".rate", ".percent", ".perLine.min", ".minPerLine", ".perLine.max", ".maxPerLine",
	".perOrder.min", ".minPerOrder", ".perOrder.max", ".maxPerOrder")

// asInput names a rule's fields as the input does.
func asInput(err error) error {
	var all []error
	for _, one := range flatten(err) {
		if p, ok := problem.As(one); ok {
			if path := strings.Join(p.Field, "."); theirNames.Replace(path) != path {
				one = problem.At(p.Code, theirNames.Replace(path), "%s", p.Message).Because(one)
			}
		}
		all = append(all, one)
	}
	return errors.Join(all...)
}
