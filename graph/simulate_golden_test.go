package graph

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/ent/simulation"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/token"
)

// goldenSimulation is a row of the table: terms, orders under them and what happened
// to those, other terms, and what these would change, all worked out by hand.
type goldenSimulation struct {
	Name    string
	Recruit map[string]string // who was recruited by whom
	PaidIn  map[string]string // the currency that somebody asked to be paid in
	Now     json.RawMessage
	Orders  []goldenOrder
	Adjust  *struct{ Of, By string }
	Terms   json.RawMessage

	Differences, Pinned, Affiliates, Before, After []string
	Total                                          string
	Later                                          struct{ Of, Back, Then string }
}

type goldenOrder struct {
	ID, Of, Back, Give string
	Lines              []string
	Reject             bool
}

// accountant is a planner that has sold what a row says.
type accountant struct {
	*planner
	links map[string]uint64
	plan  string
	ours  map[string]string // order ids by conversion
}

func usd(amount string) map[string]any { return map[string]any{"amount": amount, "currency": "USD"} }

// done runs a mutation and reads its payload; it has no errors.
func (p *planner) done(mutation, input string, in map[string]any, get string) map[string]any {
	p.Helper()
	out := map[string]map[string]any{}
	p.ask(fmt.Sprintf(`mutation($in: %s!) { %s(input: $in) { userErrors { code field message } %s } }`, input, mutation, get), in, &out)
	if faults := out[mutation]["userErrors"].([]any); len(faults) > 0 {
		p.Fatalf("%s: %v", mutation, faults)
	}
	return out[mutation]
}

func at(v any, path ...string) any {
	for _, name := range path {
		v = v.(map[string]any)[name]
	}
	return v
}

func (g goldenSimulation) open(t *testing.T) *accountant {
	t.Helper()
	a := &accountant{planner: openPlanner(t), links: map[string]uint64{}, ours: map[string]string{}}
	for who, by := range g.Recruit {
		parent := a.ids[by]
		_, err := a.roster.AffiliateUpdate(a.ctx, roster.AffiliateUpdateInput{ID: a.ids[who], ParentID: &parent})
		a.must(err)
	}
	for who, in := range g.PaidIn {
		a.done("affiliateUpdate", "AffiliateUpdateInput", map[string]any{"id": a.ids[who], "payoutCurrency": in}, "affiliate { id }")
		a.published(a.store.Now().Format(time.DateOnly))
	}
	a.plan = at(a.done("commissionPlanCreate", "CommissionPlanCreateInput", map[string]any{"programId": a.program, "name": "Standard"}, "plan { id }"), "plan", "id").(string)
	terms := a.named(g.Now)
	terms["planId"] = a.plan
	a.done("commissionPlanActivate", "CommissionPlanActivateInput", terms, "plan { id }")
	for _, who := range []string{"$ann", "$bob"} {
		l, err := a.track.LinkCreate(a.ctx, track.LinkCreateInput{ProgramID: a.program, AffiliateID: a.ids[who], Destination: "https://shop.example/"})
		a.must(err)
		row, err := a.store.Client().Link.Get(a.ctx, l.ID)
		a.must(err)
		a.links[who] = row.Number
	}
	for _, o := range g.Orders {
		a.sell(o)
	}
	if g.Adjust != nil {
		a.done("commissionAdjust", "CommissionAdjustInput", map[string]any{"affiliateId": a.ids[g.Adjust.Of], "programId": a.program, "amount": usd(g.Adjust.By), "reason": "bonus"}, "commission { id }")
	}
	return a
}

func (a *accountant) sell(o goldenOrder) {
	a.Helper()
	click := id.NewUUID(a.store.Now().Add(-time.Minute))
	click[15] |= 1 // may earn
	var lines []any
	for _, l := range o.Lines {
		amount, product, _ := strings.Cut(l, " ")
		lines = append(lines, map[string]any{"amount": usd(amount), "productId": product})
	}
	sold := a.done("conversionRecord", "ConversionRecordInput", map[string]any{
		"programId": a.program, "externalId": o.ID, "lines": lines, "clickToken": token.Token{Click: click, Link: a.links[o.Of]}.Encode(a.store.Keys()),
	}, "conversion { id commissions { id } }")
	sale := at(sold, "conversion", "id").(string)
	a.ours[sale] = o.ID
	if o.Back != "" {
		a.back(o.ID, o.Back)
	}
	if o.Give != "" {
		a.done("conversionReattribute", "ConversionReattributeInput", map[string]any{"conversionId": sale, "affiliateId": a.ids[o.Give], "reason": "asked"}, "conversion { id }")
	}
	if o.Reject {
		first := at(sold, "conversion", "commissions").([]any)[0]
		a.done("commissionReject", "CommissionRejectInput", map[string]any{"id": at(first, "id"), "reason": "no"}, "commission { id }")
	}
}

func (a *accountant) back(order, amount string) {
	a.Helper()
	a.done("refundRecord", "RefundRecordInput", map[string]any{"programId": a.program, "orderExternalId": order, "externalId": fmt.Sprint("r-", order, amount), "amount": usd(amount)}, "refund { id }")
}

// simulate asks for what terms would change, and does the work of the server's job.
func (a *accountant) simulate(terms json.RawMessage) (simulationID string) {
	a.Helper()
	in := map[string]any{"programId": a.program, "from": "2026-01-01T00:00:00Z", "until": "2026-12-31T00:00:00Z"}
	other := a.named(terms)
	other["planId"] = a.plan
	in["terms"] = other
	simulationID = at(a.done("planSimulate", "PlanSimulateInput", in, "simulation { id status }"), "simulation", "id").(string)
	a.must(a.earn.WorkOn(a.ctx, simulationID))
	return simulationID
}

// who is the name of an affiliate.
func (p *planner) who(affiliateID any) string {
	for name, id := range p.ids {
		if id == affiliateID {
			return name
		}
	}
	return ""
}

const readSimulation = `query($in: ID!) { node(id: $in) { ... on Simulation { status hash
	totals { before { amount } after { amount } difference { amount } }
	differences(first: 50) { edges { node { conversionID affiliateID reason before { amount } beforeLeft { amount } after { amount } afterLeft { amount } } } }
	pinned(first: 50) { edges { node { conversionID affiliateID reason before { amount } beforeLeft { amount } } } }
	affiliates(first: 50) { edges { node { affiliateID before { amount } after { amount } difference { amount } } } } } } }`

// told is a simulation as the API tells it.
type told struct {
	status, hash, total             string
	differences, pinned, affiliates []string
}

func (a *accountant) read(simulationID string) (out told) {
	a.Helper()
	var data struct{ Node map[string]any }
	a.askAs(readSimulation, simulationID, &data)
	body := data.Node
	out.status, out.hash = body["status"].(string), body["hash"].(string)
	amounts := func(v any, fields ...string) (all []string) {
		for _, f := range fields {
			all = append(all, at(v, f, "amount").(string))
		}
		return all
	}
	for _, t := range body["totals"].([]any) {
		out.total = strings.Join(amounts(t, "before", "after", "difference"), " ")
	}
	nodes := func(list string) (all []any) {
		for _, e := range at(body, list, "edges").([]any) {
			all = append(all, at(e, "node"))
		}
		return all
	}
	for _, n := range nodes("differences") {
		x := amounts(n, "before", "beforeLeft", "after", "afterLeft")
		out.differences = append(out.differences, fmt.Sprintf("%s %s %s %s %s → %s %s", a.ours[fmt.Sprint(at(n, "conversionID"))], a.who(at(n, "affiliateID")), at(n, "reason"), x[0], x[1], x[2], x[3]))
	}
	for _, n := range nodes("pinned") {
		sale, _ := at(n, "conversionID").(string)
		out.pinned = append(out.pinned, fmt.Sprintf("%s %s %s %s", a.ours[sale], a.who(at(n, "affiliateID")), at(n, "reason"), strings.Join(amounts(n, "before", "beforeLeft"), " ")))
	}
	for _, n := range nodes("affiliates") {
		out.affiliates = append(out.affiliates, a.who(at(n, "affiliateID"))+" "+strings.Join(amounts(n, "before", "after", "difference"), " "))
	}
	slices.Sort(out.affiliates)
	slices.Sort(out.differences)
	return out
}

func (a *accountant) askAs(query, id string, out any) {
	a.Helper()
	a.ask(strings.ReplaceAll(strings.Replace(query, "query($in: ID!) ", "query ", 1), "$in", `"`+id+`"`), nil, out)
}

// balance spells what of an affiliate is pending and payable.
func (a *accountant) balance(who string) string {
	a.Helper()
	balances, err := a.ledger.Balances(a.ctx, a.ids[who])
	a.must(err)
	if len(balances) != 1 {
		return fmt.Sprint(who, balances)
	}
	return fmt.Sprintf("%s %s %s", who, balances[0].Pending.Decimal(), balances[0].Payable.Decimal())
}

func (a *accountant) stands(when string, want []string) {
	a.Helper()
	for _, w := range want {
		if got := a.balance(w[:4]); got != w {
			a.Errorf("%s: %s; want %s", when, got, w)
		}
	}
	sums, err := a.ledger.TrialBalance(a.ctx)
	for c, sum := range sums {
		if sum != 0 {
			a.Errorf("%s: the book sums to %d %s", when, sum, c)
		}
	}
	a.must(err)
	findings, err := a.ledger.Verify(a.ctx, nil)
	if err != nil || len(findings) > 0 {
		a.Errorf("%s: %v, %v", when, findings, err)
	}
	a.rowsAreTheBooks()
}

// Each row changes what was worked out by hand, and nothing else.
func TestN12_GoldenSimulations(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/simulations.golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []goldenSimulation
	if err := json.Unmarshal(file, &rows); err != nil || len(rows) != 7 {
		t.Fatal(len(rows), err)
	}
	for _, g := range rows {
		t.Run(g.Name, func(t *testing.T) {
			t.Parallel()
			g.check(t)
		})
	}
}

func (g goldenSimulation) check(t *testing.T) {
	a := g.open(t)
	first, second := a.simulate(g.Terms), a.simulate(g.Terms)
	got := a.read(first)
	slices.Sort(g.Differences) // of what is owed for no order, nobody comes first
	for what, pair := range map[string][2][]string{
		"differences": {got.differences, g.Differences}, "pinned": {got.pinned, g.Pinned}, "affiliates": {got.affiliates, g.Affiliates}, "total": {{got.total}, {g.Total}},
	} {
		if !slices.Equal(pair[0], pair[1]) {
			t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(pair[0], "\n"), strings.Join(pair[1], "\n"))
		}
	}
	if again := a.read(second); got.hash == "" || again.hash != got.hash {
		t.Errorf("hashes %q and %q", got.hash, again.hash)
	}
	a.stands("simulated", g.Before)
	a.done("simulationApply", "SimulationApplyInput", map[string]any{"simulationId": second, "reason": "agreed"}, "simulation { id }")
	a.must(a.earn.WorkOn(a.ctx, second))
	if row, err := a.store.Client().Simulation.Get(a.ctx, second); err != nil || row.Status != simulation.StatusAPPLIED {
		t.Fatal(row, err)
	}
	a.stands("applied", g.After)
	a.done("simulationApply", "SimulationApplyInput", map[string]any{"simulationId": first, "reason": "again"}, "simulation { id }")
	a.must(a.earn.WorkOn(a.ctx, first))
	if row, err := a.store.Client().Simulation.Get(a.ctx, first); err != nil || row.Status != simulation.StatusREFUSED || row.Reason != "DATA_MOVED" {
		t.Errorf("the other one, after it: %v, %v", row, err)
	}
	a.stands("refused", g.After)
	if d := a.read(a.simulate(g.Terms)).differences; len(d) > 0 {
		t.Errorf("after it was applied: %q", d)
	}
	a.back(g.Later.Of, g.Later.Back)
	a.stands("later", []string{g.Later.Then})
}
