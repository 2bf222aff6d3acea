package earn_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/simulation"
	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track"
	"github.com/tributary/tributary/track/attribution"
	"github.com/tributary/tributary/track/order"
)

// simulate computes terms on all that the market has sold.
func (m *market) simulate(in earn.PlanSimulateInput) *ent.Simulation {
	m.t.Helper()
	if in.Until.IsZero() {
		in.From, in.Until = m.clock.Now().Add(-400*24*time.Hour), m.clock.Now().Add(time.Hour)
	}
	in.ProgramID = m.program
	out, err := m.PlanSimulate(m.ctx, in)
	m.must(err)
	m.must(m.WorkOn(m.ctx, out.SimulationID))
	return m.simulation(out.SimulationID)
}

func (m *market) simulation(id string) *ent.Simulation {
	m.t.Helper()
	row, err := m.store.Client().Simulation.Get(m.ctx, id)
	m.must(err)
	return row
}

// differences spells what a simulation would change, oldest first.
func (m *market) differences(sim *ent.Simulation, kinds ...string) (all []string) {
	m.t.Helper()
	rows, err := m.store.Client().SimulationDifference.Query().Order(ent.Asc("id")).All(m.ctx)
	m.must(err)
	for _, d := range rows {
		if d.SimulationID == sim.ID && slices.Contains(kinds, string(d.Kind)) {
			all = append(all, fmt.Sprintf("%s %d/%d → %d/%d", d.Reason, d.BeforeMinor, d.BeforeLeftMinor, d.AfterMinor, d.AfterLeftMinor))
		}
	}
	return all
}

func (m *market) apply(sim *ent.Simulation) *ent.Simulation {
	m.t.Helper()
	_, err := m.SimulationApply(m.ctx, earn.SimulationApplyInput{SimulationID: sim.ID, Reason: "agreed"})
	m.must(err)
	m.must(m.WorkOn(m.ctx, sim.ID))
	return m.simulation(sim.ID)
}

// bazaar is a market of shared orders, refunds, edits and late orders under terms that
// count, bound and look at payments.
type bazaar struct {
	*market
	r      *rand.Rand
	seed   uint64
	who    []string
	orders []order.Order
	seen   map[string]int
	edits  bool
}

// Fixed amounts and edits do not meet: what is let off a fixed amount for what an edit
// put in the place of what it took is settled anew by the next refund.
func bazaarTerms(r *rand.Rand, fixedToo bool) earn.PlanActivateInput {
	tiers := percent([]string{"5", "7.5", "10"}[r.IntN(3)])
	tiers.Tiers = &plan.Tiers{Metric: plan.MetricRevenue, Mode: []plan.TierMode{plan.Marginal, plan.Prospective}[r.IntN(2)], Period: plan.Month, Steps: []plan.Tier{{Amount: money.Of(20_000, "USD"), Rate: percent("12.5").Rate}}}
	count := percent("2")
	count.Tiers = &plan.Tiers{Metric: []plan.Metric{plan.MetricCount}[0], Mode: plan.Prospective, Period: plan.Day, Steps: []plan.Tier{{Count: 2, Rate: percent("3.3").Rate}}}
	bounded := percent("4")
	bounded.PerOrder.Max = money.Of(300, "USD")
	once := fixed(150, "USD")
	once.When = &plan.Condition{Payments: plan.Span{From: 1, Until: 3}}
	rules := []plan.Rule{tiers, count, bounded}
	if fixedToo {
		rules = append(rules, once, fixed(40, "USD"))
	}
	over := func() plan.CapOver { return []plan.CapOver{plan.OverCut, plan.OverNothing}[r.IntN(2)] }
	in := earn.PlanActivateInput{Rules: rules, Levels: bazaarLevels(r), Precedence: []plan.Precedence{plan.Sum, plan.Best}[r.IntN(2)], HoldDays: 10, Caps: []plan.Cap{
		{Scope: plan.CapAffiliate, Period: plan.Month, Amount: money.Of(3000+r.Int64N(3000), "USD"), Over: over()},
		{Scope: plan.CapProgram, Period: plan.Day, Amount: money.Of(2500+r.Int64N(2500), "USD"), Over: over()},
	}}
	if r.IntN(2) == 0 {
		follow(r, &in)
	}
	return in
}

// follow makes terms follow whole periods, and lets go of what may not stand beside that.
func follow(r *rand.Rand, in *earn.PlanActivateInput) {
	in.Caps = nil
	if in.Precedence == plan.Best {
		in.Precedence = plan.Sum
	}
	for range 1 + r.IntN(2) {
		whole := percent("1")
		whole.Tiers = &plan.Tiers{Metric: []plan.Metric{plan.MetricRevenue, plan.MetricCommission}[r.IntN(2)], Mode: plan.Retroactive, Period: plan.Month, Steps: []plan.Tier{
			{Amount: money.Of(500+r.Int64N(1000), "USD"), Rate: percent("1.7").Rate}, {Amount: money.Of(20_000+r.Int64N(20_000), "USD"), Rate: percent("2.9").Rate},
		}}
		if r.IntN(3) == 0 {
			whole.Tiers.Counts = plan.CountsApproved
		}
		in.Rules = append(in.Rules, whole)
	}
	every := plan.Bonus{Name: "every", Kind: plan.BonusGoal, Amount: money.Of(77, "USD"), Metric: plan.MetricCount, Period: plan.Month, Count: 2 + r.Int64N(3), Every: true, Keep: r.IntN(2) == 0}
	in.Bonuses = []plan.Bonus{every, {Name: "great", Kind: plan.BonusGoal, Amount: money.Of(555, "USD"), Metric: plan.MetricCommission, Period: plan.Year, Goal: money.Of(500+r.Int64N(4000), "USD")}}
}

// bazaarLevels are nothing, in a third of all cases, or what an upline earns.
func bazaarLevels(r *rand.Rand) *levels.Terms {
	if r.IntN(3) == 0 {
		return nil
	}
	t := of([]string{"5 sale, 20 lower", "3.3 sale, 9 net, 50 lower", "12 net, 15 net"}[r.IntN(3)])
	t.OnUnqualified = []levels.Policy{levels.Skip, levels.Compress, levels.Stop}[r.IntN(3)]
	if r.IntN(2) == 0 {
		t.Qualification = levels.Qualification{Days: 1 + r.IntN(3), Sales: 1}
	}
	if r.IntN(2) == 0 {
		t.MaxTotal = rateOf("11")
	}
	return t
}

func openBazaar(t *testing.T, seed uint64) (*bazaar, earn.PlanActivateInput, string) {
	b := &bazaar{market: open(t), seed: seed, r: rand.New(rand.NewPCG(seed, 7)), seen: map[string]int{}, edits: seed%2 == 0}
	in := bazaarTerms(b.r, !b.edits)
	p, err := b.PlanCreate(b.ctx, earn.PlanCreateInput{ProgramID: b.program, Name: "Standard"})
	b.must(err)
	in.PlanID = p.PlanID
	v, err := b.PlanActivate(b.ctx, in)
	b.must(err)
	b.rules(track.PolicyActivateInput{Model: attribution.ModelLinear})
	b.who = b.chain(4)
	b.who = append(b.who[:2], b.affiliate("alone"))
	b.published(b.clock.Now().AddDate(0, 0, -4).Format(time.DateOnly)) // for three days from now
	b.paidIn(b.who[2], "KWD")
	return b, in, v.PlanVersionID
}

// trade makes random operations.
func (b *bazaar) trade(n int) {
	b.t.Helper()
	for range n {
		b.clock.Advance(time.Duration(b.r.IntN(9)) * time.Hour)
		ops := []string{"order", "order", "order", "late", "refund", "refund", "refund more", "edit", "edit", "full", "cancel", "approve"}
		op := ops[b.r.IntN(len(ops))]
		if len(b.orders) == 0 {
			op = "order"
		}
		if b.do(op) {
			b.seen[op]++
		}
	}
}

func (b *bazaar) do(op string) bool {
	switch op {
	case "order", "late":
		return b.buy(op == "late")
	case "edit":
		return b.edits && b.edit()
	case "cancel":
		o := b.orders[b.r.IntN(len(b.orders))]
		if b.r.IntN(3) > 0 {
			return false
		}
		_, err := b.CancelOrder(b.ctx, earn.OrderCancelInput{ProgramID: b.program, OrderExternalID: o.ExternalID, OccurredAt: b.clock.Now()})
		return b.took(err)
	case "approve":
		ids, err := b.store.Client().Commission.Query().Where(commission.StatusEQ(commission.StatusPENDING), commission.RateMissing(false)).Limit(2).IDs(b.ctx)
		b.must(err)
		if len(ids) > 0 {
			b.approve(ids...)
		}
		return len(ids) > 0
	}
	o := b.orders[b.r.IntN(len(b.orders))]
	r := refundOf(o, fmt.Sprint("r", b.r.Uint64()), 1+b.r.Int64N(2000))
	if op == "full" {
		r.Full, r.Amount = true, money.Money{}
	}
	_, err := b.AcceptRefund(b.ctx, r)
	return b.took(err)
}

func (b *bazaar) took(err error) bool {
	b.t.Helper()
	switch problem.CodeOf(err) {
	case "":
		return true
	case problem.RefundExceeds, problem.State:
		return false
	}
	b.t.Fatalf("seed %d after %v: %v", b.seed, b.seen, err)
	return false
}

func (b *bazaar) buy(late bool) bool {
	who := slices.Clone(b.who)
	b.r.Shuffle(3, func(i, j int) { who[i], who[j] = who[j], who[i] })
	amounts := make([]int64, 1+b.r.IntN(3))
	for i := range amounts {
		amounts[i] = 100 + b.r.Int64N(9000)
	}
	o := b.visited(fmt.Sprint("o", len(b.orders)), who[:1+b.r.IntN(3)], amounts...)
	o.Customer.Email = fmt.Sprint("buyer", b.r.IntN(4), "@elsewhere.example")
	if late {
		o.OccurredAt = o.OccurredAt.Add(-time.Minute)
	}
	o.Version = 1
	out := b.accept(o)
	b.seen[out.Rating+" "+b.reason(out.ConversionID)]++
	b.orders = append(b.orders, o)
	return true
}

func (b *bazaar) edit() bool {
	at := b.r.IntN(len(b.orders))
	next := b.orders[at]
	next.Lines = slices.Clone(next.Lines)
	if b.r.IntN(2) == 0 {
		next.Lines[b.r.IntN(len(next.Lines))].Amount.Minor = 100 + b.r.Int64N(9000)
	} else {
		next.Lines = append(next.Lines, order.Line{ExternalID: fmt.Sprint("x", next.Version), Quantity: 1, Amount: money.Of(1+b.r.Int64N(5000), "USD")})
	}
	next.Version++
	next.Total.Minor = next.Base().Minor
	_, err := b.AcceptOrder(b.ctx, next)
	if b.took(err) {
		b.orders[at] = next
		return true
	}
	return false
}

func TestN12_TheSameTermsChangeNothing(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for i := range uint64(6) {
		seed := draws.Seed(t, i)&^1 + i%2
		b, in, version := openBazaar(t, seed)
		b.trade(60)
		first, second := b.simulate(earn.PlanSimulateInput{PlanVersionID: version}), b.simulate(earn.PlanSimulateInput{Terms: &in})
		for _, sim := range []*ent.Simulation{first, second} {
			if d := b.differences(sim, "CHANGED", "CARRIED"); sim.Status != simulation.StatusDONE || len(d) > 0 || sim.LookedAt == 0 {
				t.Fatalf("seed %d: %s, %d looked at: %q", seed, sim.Status, sim.LookedAt, d)
			}
		}
		if first.Hash != second.Hash || first.Hash == "" {
			t.Errorf("hashes %s and %s", first.Hash, second.Hash)
		}
		for k, n := range b.seen {
			seen[k] += n
		}
		above, err := b.store.Client().Commission.Query().Where(commission.KindEQ(commission.KindOVERRIDE)).Count(b.ctx)
		b.must(err)
		seen["levels"] += above
		layered, err := b.store.Client().Commission.Query().Where(commission.LevelGT(1), commission.KindEQ(commission.KindCONVERSION)).Count(b.ctx)
		b.must(err)
		seen["layers"] += layered
		tiers, err := b.store.Client().Commission.Query().Where(commission.KindEQ(commission.KindTIER)).Count(b.ctx)
		b.must(err)
		seen["tiers"] += tiers
	}
	t.Log(seen)
	for _, must := range []string{"levels", "layers", "refund", "edit", "late", "full", "approve"} {
		if seen[must] == 0 {
			t.Errorf("%s never occurred", must)
		}
	}
}

// spells compares what a simulation would change.
func (m *market) spells(sim *ent.Simulation, want ...string) {
	m.t.Helper()
	if got := m.differences(sim, "CHANGED"); !slices.Equal(got, want) {
		m.t.Errorf("%s %s\n%q\nwant\n%q", sim.Status, sim.Reason, got, want)
	}
}
