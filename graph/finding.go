package graph

import (
	"slices"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan/lint"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/internal/money"
)

// found turns findings into the API's, which names rules by their places: the rules of
// terms go by ascending id.
func found(in earn.Looked) []*model.PlanFinding {
	var ids []string
	for _, r := range in.Terms.Rules {
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	out := make([]*model.PlanFinding, len(in.Findings))
	for i, f := range in.Findings {
		out[i] = &model.PlanFinding{
			Severity: model.PlanFindingSeverity(f.Severity), Code: model.PlanFindingCode(f.Code), Rules: places(f.Rules, ids),
			Caps: append([]int{}, f.Caps...), Text: f.Text, Example: showExample(f.Example, ids),
		}
	}
	return out
}

func places(of, ids []string) []int {
	out := make([]int, len(of))
	for i, id := range of {
		out[i] = slices.Index(ids, id)
	}
	return out
}

func showExample(x lint.Example, ids []string) *model.PlanExample {
	in := x.Order
	out := &model.PlanExample{
		Kind: conversion.Kind(in.Kind), OccurredAt: in.At.UTC().Truncate(time.Microsecond), Lines: []*model.PlanExampleLine{}, CouponCodes: list(in.Coupons),
		SubIds: map[string]string{}, AffiliateID: some(in.AffiliateID), GroupID: some(in.GroupID), Buyer: some(model.PlanBuyer(in.Buyer)),
		Payment: some(in.Payment), Pays: &x.Pays, Reason: some(string(x.Reason)), PaidBy: places(x.PaidBy, ids), Instead: &x.Instead,
	}
	if in.Payment > 0 {
		out.Month = &in.Month
	}
	for _, l := range in.Lines {
		out.Lines = append(out.Lines, &model.PlanExampleLine{Amount: &l.Amount, ProductID: some(l.ProductID), Sku: some(l.SKU)})
	}
	for _, s := range in.SubIDs {
		out.SubIds[s.Name] = s.Value
	}
	for _, c := range in.Counters {
		out.CountedBefore = some(int(c.Before))
	}
	for _, u := range in.Used {
		before := money.Of(u.Minor, in.Currency)
		out.PaidBefore = &before
	}
	return out
}

func findingCodes(in []model.PlanFindingCode) (out []lint.Code) {
	for _, c := range in {
		out = append(out, lint.Code(c))
	}
	return out
}
