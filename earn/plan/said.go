package plan

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/internal/money"
)

// What terms say, in words: the names are the API's. Ids of rules, versions and what
// follows from other terms are not among it.

func (v Version) said() (s settings) {
	s.add("precedence", string(cmp.Or(v.Precedence, MostSpecific)))
	s.flag("base.tax", v.Base.Tax)
	s.flag("base.shipping", v.Base.Shipping)
	s.flag("base.discount", v.Base.Discount)
	s.flag("base.giftCards", v.Base.GiftCards)
	s.add("holdDays", strconv.Itoa(v.HoldDays))
	s.add("holdFrom", string(cmp.Or(v.HoldFrom, FromEvent)))
	s.add("autoApprove", strconv.FormatBool(v.AutoApprove))
	s.flag("reanchor", v.Reanchor)
	s.add("refundPolicy", v.RefundPolicy.words())
	s.number("earlierClicks.graceDays", int64(v.GraceDays))
	s.add("marginPercent", rateWords(v.Margin))
	return s
}

func (p RefundPolicy) words() string {
	if p.Mode == RefundAllOrNothing {
		return fmt.Sprintf("%s at %d %%", p.Mode, p.AtPercent)
	}
	return string(cmp.Or(p.Mode, RefundProportional))
}

func rateWords(r money.Rate) string {
	if r == (money.Rate{}) {
		return ""
	}
	return r.String()
}

func (v Version) ruleItems() (all []item) {
	for _, r := range v.Rules {
		whom := string(r.Level) + " " + r.TargetID
		all = append(all, item{r.said(), whom + " " + r.When.words(), whom})
	}
	return all
}

func (r Rule) said() (s settings) {
	s.add("level", string(r.Level))
	s.add("targetId", r.TargetID)
	s.add("kind", string(r.Kind))
	if r.Kind.rates() {
		s.add("percent", r.Rate.String())
	}
	s.money("fixed", r.Fixed)
	s.flag("payOnZero", r.PayOnZero)
	s.add("when", r.When.words())
	s.add("from", instantWords(r.From))
	s.add("until", instantWords(r.Until))
	for i, p := range r.DayParts {
		s.add("dayParts."+strconv.Itoa(i), fmt.Sprintf("days %07b from %d until %d", p.Days, p.From, p.Until))
	}
	s.money("minPerLine", r.PerLine.Min)
	s.money("maxPerLine", r.PerLine.Max)
	s.money("minPerOrder", r.PerOrder.Min)
	s.money("maxPerOrder", r.PerOrder.Max)
	r.Tiers.say(&s)
	return s
}

func (t *Tiers) say(s *settings) {
	if t == nil {
		return
	}
	s.add("tiers", fmt.Sprintf("%s of %s in %s, %s", t.Mode, t.Metric, t.Period, cmp.Or(t.Counts, CountsAll)))
	for i, step := range t.Steps {
		var one settings
		one.number("count", step.Count)
		one.money("amount", step.Amount)
		one.add("percent", step.Rate.String())
		one.money("fixed", step.Fixed)
		s.add("tiers.steps."+strconv.Itoa(i), one.String())
	}
}

func instantWords(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func (v Version) capItems() (all []item) {
	for _, c := range v.Caps {
		var s settings
		s.add("scope", string(c.Scope))
		s.add("period", string(c.Period))
		s.money("amount", c.Amount)
		s.add("over", string(c.Over))
		all = append(all, item{s, fmt.Sprint(c.Scope, c.Period, c.Amount.Currency), fmt.Sprint(c.Scope, c.Amount.Currency)})
	}
	return all
}

func (v Version) bonusItems() (all []item) {
	for _, b := range v.Bonuses {
		var s settings
		s.add("name", b.Name)
		s.add("kind", string(b.Kind))
		s.money("amount", b.Amount)
		s.add("metric", string(b.Metric))
		s.add("period", string(b.Period))
		s.number("count", b.Count)
		s.money("goal", b.Goal)
		s.flag("every", b.Every)
		s.flag("keep", b.Keep)
		s.flag("firstSale", b.FirstSale)
		all = append(all, item{s, b.Name, b.Name})
	}
	return all
}

func (v Version) clickItems() (all []item) {
	for _, c := range v.Clicks {
		var s settings
		s.add("level", string(c.Level))
		s.add("targetId", c.TargetID)
		s.money("amount", c.Amount)
		s.flag("repeats", c.Repeats)
		s.flag("unidentified", c.Unidentified)
		s.number("maxPerDay", c.MaxPerDay)
		whom := string(c.Level) + " " + c.TargetID
		all = append(all, item{s, whom, whom})
	}
	return all
}

// words gives what a condition says, "" for none. All of what is joined by commas holds.
func (c *Condition) words() string {
	if c == nil {
		return ""
	}
	var s settings
	for _, l := range []struct {
		name string
		list []string
	}{
		{"productIds", c.ProductIDs}, {"skus", c.SKUs}, {"couponCodes", c.CouponCodes}, {"affiliateIds", c.AffiliateIDs}, {"groupIds", c.GroupIDs},
		{"kinds", c.Kinds}, {"countries", c.Countries}, {"devices", c.Devices}, {"channels", c.Channels}, {"categories", c.Categories},
	} {
		s.add(l.name, listed(l.list, "|"))
	}
	for _, b := range c.Buyers {
		s.add("buyers", string(b))
	}
	for _, l := range c.SubIDs {
		s.add("subIds."+l.Name, listed(l.Values, "|"))
	}
	s.money("orderAtLeast", c.OrderAtLeast)
	s.money("orderBelow", c.OrderBelow)
	s.add("payments", c.Payments.words())
	s.add("months", c.Months.words())
	for _, f := range c.Fields {
		s.add("fields."+strings.ToLower(string(f.Of))+"."+f.Name, string(f.Compare)+" "+listed(f.Values, "|"))
	}
	s.add("all", conditionsWords(c.All))
	s.add("any", conditionsWords(c.Any))
	if c.Not != nil {
		s.add("not", "("+c.Not.words()+")")
	}
	return s.String()
}

func conditionsWords(all []Condition) string {
	out := make([]string, len(all))
	for i := range all {
		out[i] = "(" + all[i].words() + ")"
	}
	return strings.Join(out, " ")
}

// listed joins texts, each in quotes where it has what joins.
func listed(list []string, by string) string {
	out := make([]string, len(list))
	for i, text := range list {
		if out[i] = text; strings.ContainsAny(text, by+`, ()"`) {
			out[i] = strconv.Quote(text)
		}
	}
	return strings.Join(out, by)
}

func (s Span) words() string {
	switch {
	case s == (Span{}):
		return ""
	case s.Until == 0:
		return fmt.Sprintf("from %d", s.From)
	}
	return fmt.Sprintf("from %d until %d", s.From, s.Until)
}
