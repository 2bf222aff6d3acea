package graph

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

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
		path := fmt.Sprintf("rules.%d.", i)
		if r.Kind == model.PlanRuleKindPercent && r.Percent == nil {
			f.all = append(f.all, problem.At(problem.Invalid, path+"percent", "a PERCENT rule says its percent"))
		}
		out = append(out, plan.Rule{
			Level: plan.Level(r.Level), TargetID: or(r.TargetID, ""), Kind: plan.Kind(r.Kind), Rate: f.percent(path+"percent", r.Percent),
			Fixed: f.amount(path+"fixed", r.Fixed), PayOnZero: or(r.PayOnZero, false),
		})
	}
	return out, f.err()
}

func (f *faults) percent(field string, in *string) money.Rate {
	if in == nil {
		return money.Rate{}
	}
	rate, err := money.ParseRate(*in)
	if err != nil {
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

// showRule turns a plan's rule into the API's.
func showRule(r plan.Rule) *model.PlanRule {
	out := &model.PlanRule{Level: model.PlanRuleLevel(r.Level), TargetID: some(r.TargetID), Kind: model.PlanRuleKind(r.Kind)}
	if r.Kind == plan.KindPercent {
		out.Percent = some(r.Rate.String())
	} else {
		out.Fixed = &r.Fixed
	}
	return out
}

// showExplanation turns an explanation into the API's.
func showExplanation(e plan.Explanation) *model.CommissionExplanation {
	out := &model.CommissionExplanation{PlanVersionID: e.VersionID, Rule: showRule(e.Rule), Amount: &e.Amount, Steps: []*model.ExplanationStep{}}
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
	out := earn.PlanActivateInput{PlanID: in.PlanID, Rules: rules, HoldDays: or(in.HoldDays, 0), AutoApprove: or(in.AutoApprove, false), RefundPolicy: policy}
	if in.ValidFrom != nil {
		out.ValidFrom = *in.ValidFrom
	}
	return out, errors.Join(err, err2)
}

// percentNotRate names a rule's rate as the input does.
func percentNotRate(err error) error {
	var all []error
	for _, one := range flatten(err) {
		if p, ok := problem.As(one); ok && len(p.Field) > 0 && p.Field[len(p.Field)-1] == "rate" {
			last := len(p.Field) - 1
			one = problem.At(p.Code, strings.Join(p.Field[:last], ".")+".percent", "%s", p.Message).Because(one)
		}
		all = append(all, one)
	}
	return errors.Join(all...)
}
