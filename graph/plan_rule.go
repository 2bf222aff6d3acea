package graph

import (
	"slices"
	"strconv"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/track/order"
)

// condition turns a condition of the API into a plan's. path ends with a dot.
func (f *faults) condition(path string, in *model.PlanConditionInput) *plan.Condition {
	if in == nil {
		return nil
	}
	c := &plan.Condition{
		ProductIDs: in.ProductIds, SKUs: in.Skus, CouponCodes: in.CouponCodes, AffiliateIDs: in.AffiliateIds, GroupIDs: in.GroupIds,
		Not: f.condition(path+"not.", in.Not), OrderAtLeast: f.amount(path+"orderAtLeast", in.OrderAtLeast), OrderBelow: f.amount(path+"orderBelow", in.OrderBelow),
	}
	c.Payments, c.Months = span(in.Payments), span(in.Months)
	c.All, c.Any = f.conditions(path+"all.", in.All), f.conditions(path+"any.", in.Any)
	c.Countries, c.Devices, c.Channels, c.Categories = in.Countries, devices(in.Devices), in.Channels, in.Categories
	c.Fields = fieldTests(in.Fields)
	for _, b := range in.Buyers {
		c.Buyers = append(c.Buyers, plan.Buyer(b))
	}
	for _, k := range in.Kinds {
		c.Kinds = append(c.Kinds, string(order.Kind(k)))
	}
	for _, s := range in.SubIds {
		c.SubIDs = append(c.SubIDs, plan.SubID{Name: s.Name, Values: s.Values})
	}
	return c
}

func (f *faults) conditions(path string, in []*model.PlanConditionInput) (out []plan.Condition) {
	for i, one := range in {
		out = append(out, *f.condition(path+strconv.Itoa(i)+".", one))
	}
	return out
}

func span(in *model.PlanSpanInput) plan.Span {
	if in == nil {
		return plan.Span{}
	}
	return plan.Span{From: in.From, Until: or(in.Until, 0)}
}

func showSpan(s plan.Span) *model.PlanSpan {
	if s == (plan.Span{}) {
		return nil
	}
	return &model.PlanSpan{From: s.From, Until: some(s.Until)}
}

func dayParts(in []*model.PlanDayPartInput) (out []plan.DayPart) {
	for _, p := range in {
		part := plan.DayPart{From: p.FromMinute, Until: p.UntilMinute}
		for _, d := range p.Days {
			part.Days |= 1 << slices.Index(model.AllWeekday, d)
		}
		out = append(out, part)
	}
	return out
}

// showRule turns a plan's rule into the API's.
func showRule(r plan.Rule) *model.PlanRule {
	out := &model.PlanRule{
		Level: model.PlanRuleLevel(r.Level), TargetID: some(r.TargetID), Kind: model.PlanRuleKind(r.Kind), PayOnZero: r.PayOnZero,
		Fixed: shownMoney(r.Fixed), When: showCondition(r.When), From: some(r.From), Until: some(r.Until), DayParts: []*model.PlanDayPart{},
		MinPerLine: shownMoney(r.PerLine.Min), MaxPerLine: shownMoney(r.PerLine.Max), MinPerOrder: shownMoney(r.PerOrder.Min), MaxPerOrder: shownMoney(r.PerOrder.Max),
	}
	out.Tiers = showTiers(r.Tiers)
	if r.Kind != plan.KindFixed {
		out.Percent = some(r.Rate.String())
	}
	for _, p := range r.DayParts {
		part := &model.PlanDayPart{FromMinute: p.From, UntilMinute: p.Until, Days: []model.Weekday{}}
		for i, d := range model.AllWeekday {
			if p.Days&(1<<i) != 0 {
				part.Days = append(part.Days, d)
			}
		}
		out.DayParts = append(out.DayParts, part)
	}
	return out
}

func shownMoney(m money.Money) *money.Money {
	if m.Currency == "" {
		return nil
	}
	return &m
}

// showCondition turns a plan's condition into the API's.
func showCondition(c *plan.Condition) *model.PlanCondition {
	if c == nil {
		return nil
	}
	out := &model.PlanCondition{
		All: showConditions(c.All), Any: showConditions(c.Any), Not: showCondition(c.Not), ProductIds: list(c.ProductIDs), Skus: list(c.SKUs),
		CouponCodes: list(c.CouponCodes), AffiliateIds: list(c.AffiliateIDs), GroupIds: list(c.GroupIDs), Buyers: []model.PlanBuyer{},
		SubIds: []*model.PlanSubID{}, OrderAtLeast: shownMoney(c.OrderAtLeast), OrderBelow: shownMoney(c.OrderBelow),
		Payments: showSpan(c.Payments), Months: showSpan(c.Months),
		Countries: list(c.Countries), Devices: showDevices(c.Devices), Channels: list(c.Channels), Categories: list(c.Categories), Fields: showFieldTests(c.Fields),
	}
	for _, b := range c.Buyers {
		out.Buyers = append(out.Buyers, model.PlanBuyer(b))
	}
	out.Kinds = conversionKinds(c.Kinds)
	for _, s := range c.SubIDs {
		out.SubIds = append(out.SubIds, &model.PlanSubID{Name: s.Name, Values: s.Values})
	}
	return out
}

func showConditions(in []plan.Condition) []*model.PlanCondition {
	out := make([]*model.PlanCondition, 0, len(in))
	for i := range in {
		out = append(out, showCondition(&in[i]))
	}
	return out
}

func list(in []string) []string { return append([]string{}, in...) }

func conversionKinds(in []string) []conversion.Kind {
	out := make([]conversion.Kind, 0, len(in))
	for _, k := range in {
		out = append(out, conversion.Kind(k))
	}
	return out
}
