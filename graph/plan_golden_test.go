package graph

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent/host"
	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/pay"
	"github.com/tributary/tributary/pay/rail"
	"github.com/tributary/tributary/pay/rail/manual"
	"github.com/tributary/tributary/report"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/track/token"
)

// goldenPlan is a row of the table: terms and an order as the API takes them, what
// the order pays in minor units, and the arithmetic behind it, both by hand.
type goldenPlan struct {
	Name  string          `json:"name"`
	Why   string          `json:"why"`
	Terms json.RawMessage `json:"terms"`
	Order json.RawMessage `json:"order"`
	Pays  int64           `json:"pays"`

	// Upline is who stands above ann, nearest first: "active", "suspended", "archived",
	// or such as "active 2 × 25.00" for one with sales of its own. Levels are what they
	// earn: "2=5.00" is level 2's, the recruiter's.
	Upline []string `json:"upline"`
	Levels []string `json:"levels"`
}

// planner is a merchant's API with affiliates ann, who is gold, and bob; rows name
// them by a dollar sign. Its clock stands at Monday 2026-03-02, 10:00 UTC.
type planner struct {
	counter
	roster *roster.Service
	track  *track.Service
	earn   *earn.Service
	ledger *ledger.Service
	clock  *storetest.Clock
	ids    map[string]string
}

// rowsAreTheBooks: what commissions say of themselves is what the book holds.
func (p *planner) rowsAreTheBooks() {
	p.Helper()
	findings, err := report.New(report.Config{Store: p.store}).VerifyCommissions(p.ctx)
	if err != nil || len(findings) > 0 {
		p.Errorf("%v, %v", findings, err)
	}
}

func openPlanner(t *testing.T) *planner {
	t.Helper()
	p := &planner{counter: counter{TB: t}, clock: storetest.NewClock(), ids: map[string]string{}}
	p.store = storetest.OpenAt(t, p.clock)
	p.ctx, _ = storetest.Merchant(t, p.store)
	p.roster = roster.New(roster.Config{Store: p.store})
	trk, err := track.New(track.Config{Store: p.store})
	p.must(err)
	p.track = trk
	book := ledger.New(ledger.Config{Store: p.store})
	earned := earn.New(earn.Config{Store: p.store, Track: trk, Ledger: book})
	p.track, p.earn, p.ledger = trk, earned, book
	desk := pay.New(pay.Config{Store: p.store, Ledger: book, Rails: []rail.Rail{manual.New()}})
	p.api = NewHandler(Config{Resolver: &Resolver{Store: p.store, Roster: p.roster, Track: trk, Earn: earned, Ledger: book, Pay: desk, Log: p.store.Log()}})
	g, err := p.roster.GroupCreate(p.ctx, roster.GroupCreateInput{Name: "Gold"})
	p.must(err)
	made, err := p.roster.ProgramCreate(p.ctx, roster.ProgramCreateInput{Name: "Shoes", Currency: "USD", TimeZone: "America/New_York", FallbackURL: "https://shop.example/"})
	p.must(err)
	p.program, p.ids["$gold"] = made.ProgramID, g.GroupID
	for name, group := range map[string]string{"ann": g.GroupID, "bob": ""} {
		a, err := p.roster.AffiliateCreate(p.ctx, roster.AffiliateCreateInput{Name: name, Email: name + "@aff.example", GroupID: group, ProgramIDs: []string{p.program}})
		p.must(err)
		p.ids["$"+name] = a.AffiliateID
	}
	_, err = trk.HostAdd(p.ctx, track.HostAddInput{ProgramID: p.program, Name: "shop.example", Purpose: host.PurposeDESTINATION})
	p.must(err)
	p.link = p.linkOf(p.ids["$ann"])
	return p
}

func (p *planner) linkOf(affiliateID string) uint64 {
	p.Helper()
	l, err := p.track.LinkCreate(p.ctx, track.LinkCreateInput{ProgramID: p.program, AffiliateID: affiliateID, Destination: "https://shop.example/"})
	p.must(err)
	row, err := p.store.Client().Link.Get(p.ctx, l.ID)
	p.must(err)
	return row.Number
}

func (p *planner) token(link uint64) string {
	click := id.NewUUID(p.store.Now().Add(-time.Minute))
	click[15] |= 1 // may earn
	return token.Token{Click: click, Link: link}.Encode(p.store.Keys())
}

// ask runs an operation and reads its data.
func (p *planner) ask(query string, in, out any) {
	p.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": map[string]any{"in": in}})
	p.must(err)
	r := httptest.NewRequestWithContext(p.ctx, http.MethodPost, "/graphql", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	p.api.ServeHTTP(w, r)
	if strings.Contains(w.Body.String(), `"errors"`) {
		p.Fatal(w.Body)
	}
	p.must(json.Unmarshal(w.Body.Bytes(), &struct{ Data any }{out}))
}

func (p *planner) named(raw json.RawMessage) map[string]any {
	p.Helper()
	text := string(raw)
	for name, id := range p.ids {
		text = strings.ReplaceAll(text, name, id)
	}
	out := map[string]any{}
	p.must(json.Unmarshal([]byte(text), &out))
	return out
}

const activatePlan = `mutation($in: CommissionPlanActivateInput!) { commissionPlanActivate(input: $in) { userErrors { message field code } version { id rules { when { all { not { couponCodes } } } } } } }`

// through gives what the API pays the seller and its upline for a row, and what the
// explanation adds up to.
func (p *planner) through(g goldenPlan, n int, in money.Currency) (paid, explained string, levels []string) {
	p.Helper()
	var made struct {
		CommissionPlanCreate struct{ Plan struct{ ID string } }
	}
	p.ask(`mutation($in: CommissionPlanCreateInput!) { commissionPlanCreate(input: $in) { plan { id } } }`,
		map[string]any{"programId": p.program, "name": g.Name}, &made)
	terms := p.named(g.Terms)
	terms["planId"] = made.CommissionPlanCreate.Plan.ID
	var active struct {
		CommissionPlanActivate struct{ UserErrors []any }
	}
	if p.ask(activatePlan, terms, &active); len(active.CommissionPlanActivate.UserErrors) > 0 {
		p.Fatal(active)
	}
	p.recruit(g.Upline)
	sale := p.named(g.Order)
	sale["programId"], sale["externalId"], sale["clickToken"] = p.program, fmt.Sprint("o", n), p.token(p.link)
	var sold soldPlan
	p.ask(recordSale, sale, &sold)
	c := sold.ConversionRecord.Conversion
	if c == nil || len(c.Commissions) == 0 {
		p.Fatalf("%+v", sold)
	}
	whole, told := money.Zero(in), money.Zero(in)
	slices.SortFunc(c.Commissions, func(a, b soldCommission) int { return a.Level - b.Level })
	for _, one := range c.Commissions {
		if one.Kind != "OVERRIDE" { // what tiers of a whole period add is a commission of its own
			whole, told = p.plus(whole, one.Amount.Amount), p.plus(told, one.Explanation.Amount.Amount)
			continue
		}
		if one.Explanation.Amount != one.Amount || one.Explanation.Levels[len(one.Explanation.Levels)-1].Level == 0 {
			p.Errorf("level %d is explained as %+v", one.Level, one.Explanation)
		}
		levels = append(levels, levelText(one.Level, one.Amount.Amount, one.Waits))
	}
	return whole.Decimal(), told.Decimal(), levels
}

// pure gives what the evaluator pays for a row, without a database.
func (p *planner) pure(g goldenPlan) plan.Result {
	p.Helper()
	v := p.version(g.Terms)
	in := p.rated(p.named(g.Order))
	in.AffiliateID, in.GroupID, in.LocalMinute = p.ids["$ann"], p.ids["$gold"], 5*60
	r, err := plan.Evaluate(v, in)
	p.must(err)
	return p.staged(v, r, in.Order)
}

// version is what the evaluator reads of a row's terms.
func (p *planner) version(written json.RawMessage) plan.Version {
	p.Helper()
	var terms model.CommissionPlanActivateInput
	p.reread(p.named(written), &terms)
	mapped, err := mapTerms(terms)
	p.must(err)
	v := plan.Version{ID: "plv_1", Number: 1, Precedence: mapped.Precedence, Base: mapped.Base, Caps: mapped.Caps}
	for i, r := range mapped.Rules {
		r.ID = fmt.Sprintf("r%04d", i)
		if r.When != nil {
			for j, code := range r.When.CouponCodes {
				r.When.CouponCodes[j] = attribution.CouponKey(code)
			}
		}
		v.Rules = append(v.Rules, r)
	}
	return v
}

// rated is what the evaluator reads of an order as the API takes it.
func (p *planner) rated(order map[string]any) plan.Input {
	p.Helper()
	var sold model.ConversionRecordInput
	p.reread(order, &sold)
	o, err := mapOrder(sold, p.store.Now())
	p.must(err)
	in := plan.Input{Currency: o.Currency, Kind: string(o.Kind), At: o.OccurredAt}
	if in.Currency == "" {
		in.Currency = "USD"
	}
	for _, code := range o.CouponCodes {
		in.Coupons = append(in.Coupons, attribution.CouponKey(code))
	}
	in.Country, in.Device, in.Channel = o.Country, string(o.Device), o.Channel
	for _, f := range o.Fields {
		in.Fields = append(in.Fields, plan.Field{Of: plan.OfOrder, Field: f})
	}
	for _, f := range o.Customer.Fields {
		in.Fields = append(in.Fields, plan.Field{Of: plan.OfCustomer, Field: f})
	}
	for name, value := range o.SubIDs {
		in.SubIDs = append(in.SubIDs, plan.Label{Name: name, Value: value})
	}
	for _, l := range o.Lines {
		in.Order += l.Amount.Minor
		line := plan.LineIn{ID: l.ExternalID, Amount: l.Amount, GiftCard: l.GiftCard, ProductID: l.ProductID, SKU: l.SKU, Category: l.Category, Tax: l.Tax.Minor, Discount: l.Discount.Minor}
		if len(o.Lines) == 1 { // what the order says is the line's
			line.Tax, line.Shipping, line.Discount = o.Tax.Minor, o.Shipping.Minor, o.Discount.Minor
		}
		in.Lines = append(in.Lines, line)
	}
	return in
}

func (p *planner) plus(sum money.Money, amount string) money.Money {
	p.Helper()
	m, err := money.Parse(amount, string(sum.Currency))
	p.must(err)
	sum, err = sum.Add(m)
	p.must(err)
	return sum
}

// staged adds what the order earns more at the tiers that it reaches by itself, where
// tiers count for a whole period.
func (p *planner) staged(v plan.Version, r plan.Result, sold int64) plan.Result {
	p.Helper()
	for _, stage := range v.Stages() {
		rule, _ := v.Rule(stage.RuleID)
		if sold < rule.Tiers.Steps[stage.Tier].Amount.Minor {
			continue
		}
		at, before, err := r.Trace.Restated(v, stage)
		p.must(err)
		r.Amount.Minor += at.Amount.Minor - before.Amount.Minor
	}
	return r
}

func (p *planner) reread(in map[string]any, out any) {
	p.Helper()
	b, err := json.Marshal(in)
	p.must(err)
	p.must(json.Unmarshal(b, out))
}

// Each row pays what was worked out by hand, by the evaluator and by the API.
func TestC08_GoldenPlans(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/plans.golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []goldenPlan
	if err := json.Unmarshal(file, &rows); err != nil || len(rows) < 30 {
		t.Fatal(len(rows), err)
	}
	for i, g := range rows {
		t.Run(g.Name, func(t *testing.T) {
			t.Parallel()
			p := openPlanner(t)
			r := p.pure(g)
			paid, explained, levels := p.through(g, i, r.Amount.Currency)
			if pure := p.pureLevels(g, r); !slices.Equal(pure, g.Levels) || !slices.Equal(levels, g.Levels) {
				t.Errorf("%s\nthe evaluator pays the levels %q, the API %q; want %q", g.Why, pure, levels, g.Levels)
			}
			if r.Amount.Minor != g.Pays || paid != r.Amount.Decimal() || explained != paid {
				t.Errorf("%s\nthe evaluator pays %d minor units, the API %s, its explanation %s; want %d", g.Why, r.Amount.Minor, paid, explained, g.Pays)
			}
		})
	}
}
