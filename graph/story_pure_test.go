package graph

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/internal/money"
)

// earns compares what a rating pays: by the evaluator, by the API, and by hand.
func (n *narrator) earns(s scene, verb string, words []string) {
	n.Helper()
	made := map[string][]owedCommission{}
	for _, c := range n.commissions() {
		if !n.known[c.ID] && (c.Kind == "CONVERSION" || c.Kind == "OVERRIDE") {
			made[c.Kind] = append(made[c.Kind], c)
		}
		n.known[c.ID] = true
	}
	if s.Rated == nil {
		if (verb == "order" || verb == "edit") && s.Refused == "" {
			n.Error("an order says what it earns")
		}
		return
	}
	var got, want []string
	for _, c := range made["CONVERSION"] {
		got = append(got, n.who(c.AffiliateID)[1:]+" "+c.Amount.Amount)
	}
	for _, r := range s.Rated {
		n.weighs(n.orders[words[0]], r)
		if strings.Trim(r.Pays, "0.") != "" {
			want = append(want, r.Of+" "+r.Pays)
		}
		if above := levelsOf(made["OVERRIDE"], n.id(r.Of)); !slices.Equal(above, r.Levels) {
			n.Errorf("the API pays the levels above %s %q, want %q", r.Of, above, r.Levels)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		n.Errorf("the API pays %q, want %q", got, want)
	}
}

func levelsOf(all []owedCommission, seller string) (told []string) {
	slices.SortFunc(all, func(a, b owedCommission) int { return cmp.Compare(a.Level, b.Level) })
	for _, c := range all {
		if c.SoldByID == seller {
			told = append(told, levelText(c.Level, c.Amount.Amount, c.Waits))
		}
	}
	return told
}

// weighs runs the evaluator, without a database, on what the row says of a rating.
func (n *narrator) weighs(order map[string]any, r rating) {
	n.Helper()
	if r.Lines != nil {
		order = maps.Clone(order)
		order["lines"] = n.lines(r.Lines, n.currency)
	}
	terms := n.terms
	if r.Terms != nil {
		terms = r.Terms
	}
	v, in := n.version(terms), n.rated(order)
	in.AffiliateID, in.Payment, in.Month, in.Buyer = n.id(r.Of), r.Payment, r.Month, plan.Buyer(r.Buyer)
	if r.Of == "ann" {
		in.GroupID = n.ids["$gold"]
	}
	in.Share = plan.Share{Num: r.Share[0], Den: r.Share[1]}
	for i, before := range r.Counted {
		in.Counters = append(in.Counters, plan.Counter{RuleID: v.Rules[i].ID, AffiliateID: in.AffiliateID, Before: n.figure(before, in.Currency)})
	}
	for i, used := range r.Used {
		in.Used = append(in.Used, plan.Used{Cap: i, Minor: n.figure(used, in.Currency)})
	}
	result, err := plan.Evaluate(v, in)
	n.must(err)
	if got := result.Amount.Decimal(); got != r.Pays && (result.Amount.Minor != 0 || strings.Trim(r.Pays, "0.") != "") {
		n.Errorf("the evaluator pays %s %s (%s), want %s", r.Of, got, result.Reason, r.Pays)
	}
	if above := n.pureLevels(goldenPlan{Terms: terms, Upline: r.Upline}, result); !slices.Equal(above, r.Levels) {
		n.Errorf("the evaluator pays the levels above %s %q, want %q", r.Of, above, r.Levels)
	}
}

// figure reads an amount such as "60.00", or a number such as "3".
func (n *narrator) figure(text string, in money.Currency) int64 {
	n.Helper()
	if count, err := strconv.ParseInt(text, 10, 64); err == nil && in != "JPY" {
		return count
	}
	m, err := money.Parse(text, string(in))
	n.must(err)
	return m.Minor
}
