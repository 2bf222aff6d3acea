package lint_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/earn/plan/lint"
	"github.com/tributary/tributary/internal/money"
)

// Monday.
var begin = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func rate(s string) money.Rate {
	r, err := money.ParseRate(s)
	if err != nil {
		panic(err)
	}
	return r
}

// mod changes a rule.
type mod func(*plan.Rule)

func percent(s string, mods ...mod) plan.Rule {
	return with(plan.Rule{Level: plan.LevelProgram, Kind: plan.KindPercent, Rate: rate(s)}, mods)
}

func fixed(minor int64, mods ...mod) plan.Rule {
	return with(plan.Rule{Level: plan.LevelProgram, Kind: plan.KindFixed, Fixed: usd(minor)}, mods)
}

func with(r plan.Rule, mods []mod) plan.Rule {
	for _, m := range mods {
		m(&r)
	}
	return r
}

func usd(minor int64) money.Money { return money.Of(minor, "USD") }

func when(c plan.Condition) mod { return func(r *plan.Rule) { r.When = &c } }
func until(t time.Time) mod     { return func(r *plan.Rule) { r.Until = t } }
func of(level plan.Level, id string) mod {
	return func(r *plan.Rule) { r.Level, r.TargetID = level, id }
}

func tiered(m plan.Metric, mode plan.TierMode, steps ...plan.Tier) mod {
	return func(r *plan.Rule) {
		r.Tiers = &plan.Tiers{Metric: m, Mode: mode, Period: plan.Month, Steps: steps}
	}
}

func most(perOrder, perLine int64) mod {
	return func(r *plan.Rule) {
		if perOrder > 0 {
			r.PerOrder.Max = usd(perOrder)
		}
		if perLine > 0 {
			r.PerLine.Max = usd(perLine)
		}
	}
}

func least(perOrder int64) mod { return func(r *plan.Rule) { r.PerOrder.Min = usd(perOrder) } }

// days are times of the week, from midnight to midnight.
func days(bits uint8, from, until int) mod {
	return func(r *plan.Rule) {
		r.DayParts = append(r.DayParts, plan.DayPart{Days: bits, From: from, Until: until})
	}
}

func terms(p plan.Precedence, caps []plan.Cap, rules ...plan.Rule) plan.Version {
	for i := range rules {
		rules[i].ID = fmt.Sprintf("r%04d", i+1)
	}
	return plan.Version{ID: "plv_1", Number: 1, Precedence: p, Caps: caps, Rules: rules}
}

func limit(scope plan.CapScope, p plan.Period, minor int64, over plan.CapOver) plan.Cap {
	return plan.Cap{Scope: scope, Period: p, Amount: usd(minor), Over: over}
}

type bad struct {
	name   string
	v      plan.Version
	margin string
	// want is each finding: code, rules and caps by their place from 1, what the
	// example's terms pay and what is paid instead, in minor units.
	want []string
	why  string
}

const none = plan.Precedence("")

// Conditions of the table.
var (
	shoes, hats  = plan.Condition{ProductIDs: []string{"shoes"}}, plan.Condition{ProductIDs: []string{"hats"}}
	fresh, again = plan.Condition{Buyers: []plan.Buyer{plan.BuyerNew}}, plan.Condition{Buyers: []plan.Buyer{plan.BuyerReturning}}
	both         = plan.Condition{ProductIDs: []string{"shoes", "hats"}}
	above, below = plan.Condition{OrderAtLeast: usd(5000)}, plan.Condition{OrderBelow: usd(5000)}
	code         = plan.Condition{CouponCodes: []string{"june"}}
)

// table is terms that are not right. The figures are on an order of 100.00 unless the
// rule is for no such order.
func table() []bad {
	return slices.Concat(contradictions(), hidden(), periods(), amounts())
}

func contradictions() []bad {
	return []bad{
		{"a condition of two amounts that exclude each other", terms(none, nil, percent("5"), percent("10", when(plan.Condition{OrderAtLeast: usd(10_000), OrderBelow: usd(5000)}))), "",
			[]string{"ERROR CONDITION_NEVER_HOLDS 2 pays 500 not 1000"}, "100.00 is at least 100.00 and never below 50.00: rule 1 pays 5 % = 5.00, rule 2 would 10 % = 10.00"},
		{"a product and not that product", terms(none, nil, percent("5"), percent("10", when(plan.Condition{ProductIDs: []string{"shoes"}, Not: &both}))), "",
			[]string{"ERROR CONDITION_NEVER_HOLDS 2 pays 500 not 1000"}, "shoes are among what it excludes"},
		{"two products on one line", terms(none, nil, percent("5"), percent("10", when(plan.Condition{All: []plan.Condition{shoes, hats}}))), "",
			[]string{"ERROR CONDITION_NEVER_HOLDS 2 pays 500 not 1000"}, "a line has one product"},
		{"a new buyer's second payment", terms(none, nil, percent("5"), percent("10", when(plan.Condition{Buyers: []plan.Buyer{plan.BuyerNew}, Payments: plan.Span{From: 2}}))), "",
			[]string{"ERROR CONDITION_NEVER_HOLDS 2 pays 500 not 1000"}, "who pays a second time has bought before"},
		{"a first payment a month later", terms(none, nil, percent("5"), percent("10", when(plan.Condition{Payments: plan.Span{From: 1, Until: 2}, Months: plan.Span{From: 1}}))), "",
			[]string{"ERROR CONDITION_NEVER_HOLDS 2 pays 500 not 1000"}, "months count from the first payment"},
		{"payments of a lead", terms(none, nil, percent("5"), percent("10", when(plan.Condition{Kinds: []string{"LEAD"}, Payments: plan.Span{From: 1}}))), "",
			[]string{"ERROR CONDITION_NEVER_HOLDS 2 pays 500 not 1000"}, "only a sale is a payment"},
		{"a rule for one affiliate that names another", terms(none, nil, percent("5"), percent("10", of(plan.LevelAffiliate, "aff_1"), when(plan.Condition{AffiliateIDs: []string{"aff_2"}}))), "",
			[]string{"ERROR CONDITION_NEVER_HOLDS 2 pays 500 not 1000"}, "aff_1 is not aff_2; on an order of aff_1 rule 1 pays 5.00"},
		{"an amount in another currency than the rule's", terms(none, nil, percent("5"), fixed(300, when(plan.Condition{OrderAtLeast: money.Of(1000, "EUR")}))), "",
			[]string{"ERROR CONDITION_NEVER_HOLDS 2 pays 500 not 300"}, "in USD its order is not at least 10.00 EUR; 100.00 × 5 % = 5.00"},
		{"an alternative that never holds", terms(none, nil, percent("10", when(plan.Condition{OrderAtLeast: usd(8000), Any: []plan.Condition{shoes, below}})), percent("5")), "",
			[]string{"WARNING ALTERNATIVE_NEVER_HOLDS 1 pays 500 not 1000"}, "an order of at least 80.00 is not below 50.00; without shoes it is under rule 2: 5.00"},
	}
}

func hidden() []bad {
	return []bad{
		{"over before it begins", terms(none, nil, percent("5"), percent("10", until(begin))), "",
			[]string{"ERROR DATES_NEVER_COME 2 pays 500 not 1000"}, "it ends at the first instant of the terms"},
		{"Sundays of a Monday and a Tuesday", terms(none, nil, percent("5"), percent("10", until(begin.AddDate(0, 0, 2)), days(1<<6, 0, 1440))), "",
			[]string{"ERROR DATES_NEVER_COME 2 pays 500 not 1000"}, "2 March 2026 is a Monday; the rule is over on Wednesday"},
		{"a general rule before its exception", terms(plan.FirstMatch, nil, percent("5"), percent("10", when(shoes))), "",
			[]string{"ERROR RULE_UNREACHABLE 2 1 pays 500 not 1000"}, "rule 1 is for shoes too: 5.00, where rule 2 would pay 10.00"},
		{"two rules that take everything together", terms(plan.FirstMatch, nil, percent("5", when(above)), percent("6", when(plan.Condition{Not: &above})), percent("10")), "",
			[]string{"ERROR RULE_UNREACHABLE 3 1 2 pays 500 not 1000"}, "an order is at least 50.00 or it is not"},
		{"an exception within an exception", terms(none, nil, percent("5", when(both)), percent("10", when(shoes)), percent("1")), "",
			[]string{"ERROR RULE_UNREACHABLE 2 1 pays 500 not 1000"}, "shoes are among the products of rule 1"},
		{"a better rule for the same, written first", terms(plan.Best, nil, percent("10"), percent("5", when(fresh))), "",
			[]string{"ERROR RULE_UNREACHABLE 2 1 pays 1000 not 500"}, "10 % is never less than 5 %, to the last cent"},
		{"one affiliate's rule hidden by its own", terms(plan.FirstMatch, nil, percent("5", of(plan.LevelAffiliate, "aff_1")), percent("8", of(plan.LevelAffiliate, "aff_1"), when(code)), percent("1")), "",
			[]string{"ERROR RULE_UNREACHABLE 2 1 pays 500 not 800"}, "aff_1 has 5 % on every order, with a code too"},
		{"two rules that cross", terms(plan.FirstMatch, nil, percent("5", when(fresh)), percent("10", when(above)), percent("1")), "",
			[]string{"NOTE RULES_OVERLAP 1 2 pays 500 not 1000"}, "an order of 100.00 of a new buyer: rule 1 pays, rule 2 would pay 10.00"},
		{"the same rule twice", terms(plan.Sum, nil, percent("5"), percent("5")), "",
			[]string{"WARNING RULE_TWICE 1 2 pays 1000 not 500"}, "5.00 + 5.00 = 10.00"},
		{"nothing added to something", terms(plan.Sum, nil, percent("5"), percent("0", when(shoes))), "",
			[]string{"NOTE RULE_WITHOUT_EFFECT 2 pays 500 not 500"}, "5.00 + 0 = 5.00"},
	}
}

func periods() []bad {
	return []bad{
		{"an amount in a currency nobody pays in", terms(none, nil, percent("5", when(shoes)), percent("7", func(r *plan.Rule) { r.PerOrder.Max = money.Of(900, "EUR") })), "",
			[]string{"WARNING CURRENCY_UNUSED 2 pays 0 not 0", "NOTE RULES_OVERLAP 1 2 pays 500 not 700", "NOTE ORDER_WITHOUT_RULE pays 0 not 0"}, "in USD only shoes earn; on 100.00 EUR of shoes rule 1 comes first, rule 2 would pay 7.00"},
		{"a cap in a currency nobody pays in", terms(none, []plan.Cap{{Scope: plan.CapAffiliate, Period: plan.Month, Amount: money.Of(1000, "EUR"), Over: plan.OverCut}}, percent("10")), "",
			[]string{"WARNING CURRENCY_UNUSED cap 1 pays 1100000 not 1100000"}, "1000 × (10.00 + 100.00) = 110 000.00; 10 % = 11 000.00, whatever the cap in EUR"},
		{"a tier that pays less", terms(none, nil, percent("10", tiered(plan.MetricRevenue, plan.Prospective, plan.Tier{Amount: usd(100_000), Rate: rate("12")}, plan.Tier{Amount: usd(500_000), Rate: rate("11")}))), "",
			[]string{"WARNING TIER_PAYS_LESS 1 pays 1100 not 1200"}, "from 5 000.00 on 11 % of 100.00 = 11.00, below it 12 % = 12.00"},
		{"a marginal tier that pays less, within its bounds", terms(none, nil, percent("10", tiered(plan.MetricRevenue, plan.Marginal, plan.Tier{Amount: usd(100_000), Rate: rate("8")}, plan.Tier{Amount: usd(104_000), Rate: rate("20")}))), "",
			[]string{"WARNING TIER_PAYS_LESS 1 pays 320 not 400"}, "the tier is 40.00 wide: 40.00 × 8 % = 3.20, below it 10 % = 4.00"},
		{"a tier that changes nothing", terms(none, nil, percent("10", tiered(plan.MetricCount, plan.Prospective, plan.Tier{Count: 10, Rate: rate("10")}))), "",
			[]string{"NOTE TIER_CHANGES_NOTHING 1 pays 1000 not 1000"}, "10 % before and after"},
		{"a tier beyond the cap", terms(none, []plan.Cap{limit(plan.CapAffiliate, plan.Day, 3000, plan.OverCut)}, percent("10", tiered(plan.MetricCommission, plan.Prospective, plan.Tier{Amount: usd(93_100), Rate: rate("12")}))), "",
			[]string{"WARNING TIER_OUT_OF_REACH 1 cap 1 pays 0 not 1200"}, "at most 31 × 30.00 = 930.00 in a month, and the tier begins at 931.00; 12 % of 100.00 = 12.00"},
		{"a cap below a bonus", terms(none, []plan.Cap{limit(plan.CapAffiliate, plan.Month, 2000, plan.OverCut)}, fixed(2500)), "",
			[]string{"WARNING CAP_BELOW_RULE 1 cap 1 pays 2000 not 2500"}, "25.00 are cut to 20.00"},
		{"a cap that lets no bonus through", terms(none, []plan.Cap{limit(plan.CapProgram, plan.Month, 2000, plan.OverNothing)}, fixed(2500)), "",
			[]string{"ERROR CAP_BELOW_RULE 1 cap 1 pays 0 not 2500"}, "25.00 would pass 20.00, and nothing of it is paid"},
		{"a cap of nothing", terms(none, []plan.Cap{limit(plan.CapAffiliate, plan.Day, 0, plan.OverCut)}, percent("10")), "",
			[]string{"ERROR CAP_BELOW_RULE 1 cap 1 pays 0 not 1000"}, "10.00 are cut to 0"},
		{"a cap that another one comes before", terms(none, []plan.Cap{limit(plan.CapAffiliate, plan.Day, 9000, plan.OverCut), limit(plan.CapAffiliate, plan.Month, 5000, plan.OverCut)}, percent("10")), "",
			[]string{"NOTE CAP_WITHOUT_EFFECT cap 1 cap 2 pays 5000 not 5000"}, "50.00 in a month are at most 50.00 in a day"},
	}
}

func amounts() []bad {
	return []bad{
		{"a maximum below the fixed amount", terms(none, nil, fixed(2500, most(2000, 0))), "",
			[]string{"WARNING MOST_BELOW_FIXED 1 pays 2000 not 2500"}, "25.00 within at most 20.00"},
		{"a maximum per line below the fixed amount", terms(none, nil, fixed(2500, most(0, 1000))), "",
			[]string{"WARNING MOST_BELOW_FIXED 1 pays 1000 not 2500"}, "one line: 25.00 within at most 10.00"},
		{"a percentage between equal bounds", terms(none, nil, percent("10", least(300), most(300, 0))), "",
			[]string{"NOTE BOUNDS_FIX_AMOUNT 1 pays 300 not 1000"}, "10.00 within 3.00 and 3.00"},
		{"leads without an amount", terms(none, nil, percent("5"), fixed(1500, of(plan.LevelGroup, "grp_1"), when(plan.Condition{Kinds: []string{"LEAD", "SIGNUP"}}))), "",
			[]string{"WARNING LEAD_PAYS_NOTHING 2 pays 0 not 1500"}, "a lead has no amount: it pays only where payOnZero says so"},
		{"returning buyers earn nothing", terms(none, nil, percent("5", when(fresh))), "",
			[]string{"NOTE ORDER_WITHOUT_RULE pays 0 not 0"}, "rule 1 is for new buyers alone"},
		{"more than the margin", terms(none, nil, percent("15", when(fresh)), percent("10")), "12.5",
			[]string{"ERROR PAYS_ABOVE_MARGIN 1 pays 1500 not 1250"}, "15.00 of 100.00, of which 12.50 are left"},
		{"more than the margin in the highest tier", terms(none, nil, percent("10", tiered(plan.MetricCount, plan.Prospective, plan.Tier{Count: 100, Rate: rate("14")}))), "12",
			[]string{"ERROR PAYS_ABOVE_MARGIN 1 pays 1400 not 1200"}, "14 % from 100 sales on"},
		{"more than the margin of a small order", terms(none, nil, fixed(500)), "20",
			[]string{"WARNING PAYS_ABOVE_MARGIN 1 pays 500 not 20"}, "5.00 on an order of 1.00; 20 % of it are 0.20"},
		{"rules that are too much together", terms(plan.Sum, nil, percent("8"), percent("7", when(again))), "12",
			[]string{"ERROR PAYS_ABOVE_MARGIN 1 2 pays 1500 not 1200", "ERROR PAYS_ABOVE_MARGIN 2 1 pays 1500 not 1200"}, "8.00 + 7.00 = 15.00"},
		{"more than was sold", terms(plan.Sum, nil, percent("60"), percent("50", when(shoes))), "",
			[]string{"WARNING PAYS_ABOVE_SALE 1 2 pays 11000 not 10000", "WARNING PAYS_ABOVE_SALE 2 1 pays 11000 not 10000"}, "60.00 + 50.00 = 110.00 of 100.00"},
	}
}

func check(b bad) lint.Report {
	s := lint.Setting{Currency: "USD", From: begin}
	if b.margin != "" {
		s.Margin = rate(b.margin)
	}
	return lint.Check(b.v, s)
}

func told(f lint.Finding) string {
	out := []string{string(f.Severity), string(f.Code)}
	for _, id := range f.Rules {
		out = append(out, strings.TrimLeft(id, "r0"))
	}
	for _, c := range f.Caps {
		out = append(out, fmt.Sprint("cap ", c+1))
	}
	return strings.Join(out, " ") + fmt.Sprintf(" pays %d not %d", f.Example.Pays.Minor, f.Example.Instead.Minor)
}

// N31: each of these terms has the findings that were worked out by hand, and no other.
func TestN31_GoldenFindings(t *testing.T) {
	t.Parallel()
	rows := table()
	if len(rows) < 25 {
		t.Fatal(len(rows))
	}
	for _, b := range rows {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			if faults := b.v.Validate(); len(faults) > 0 {
				t.Fatal(faults)
			}
			var got []string
			r := check(b)
			for _, f := range r.Findings {
				got = append(got, told(f))
			}
			if !slices.Equal(got, b.want) || !r.Complete {
				t.Errorf("%s\nfound %q\nwant  %q", b.why, got, b.want)
			}
		})
	}
}
