package earn_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/attribution"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track/order"
)

// tree is one program with a chain of affiliates and random terms of levels, and what
// happens to its orders.
type tree struct {
	*market
	r        *rapid.T
	who      []string // the seller, then who is above it
	other    string   // sells too, for the same recruiter
	terms    levels.Terms
	currency money.Currency
	orders   []order.Order
	ids      []string // of their conversions
	open     []string // a chargeback under way, by order
	seen     map[string]int
	steps    *int
}

var exponentOf = map[money.Currency]int{"JPY": 0, "USD": 2, "KWD": 3}

// grow makes a program of its own for one run.
func grow(m *market, r *rapid.T, n int, seen map[string]int, steps *int) *tree {
	own := *m
	own.links = uint64(n) * 1000 // of its own: numbers are unique
	t := &tree{market: &own, r: r, seen: seen, steps: steps}
	p, err := m.roster.ProgramCreate(m.ctx, roster.ProgramCreateInput{Name: fmt.Sprint("P", n), Currency: "USD", TimeZone: "UTC", FallbackURL: "https://shop.example/"})
	m.must(err)
	t.program = p.ProgramID
	depth := 0 // three draws: a single one prefers small numbers
	for range 3 {
		depth += rapid.IntRange(0, 10).Draw(r, "depth")
	}
	depth %= 11
	t.currency = rapid.SampledFrom([]money.Currency{"USD", "JPY", "KWD"}).Draw(r, "currency")
	parent := ""
	for i := depth; i >= 0; i-- {
		parent = t.recruit("a", fmt.Sprintf("a%d-%d@aff.example", n, i), "", parent)
		t.who = append([]string{parent}, t.who...)
	}
	above := ""
	if depth > 0 {
		above = t.who[1]
	}
	t.other = t.recruit("b", fmt.Sprintf("b%d@aff.example", n), "", above)
	t.terms = t.anyTerms()
	t.leveled(&t.terms, percent(rapid.SampledFrom([]string{"10", "7.5", "3.33"}).Draw(r, "percent")))
	return t
}

func (t *tree) anyTerms() (terms levels.Terms) {
	modes := []levels.Mode{levels.OfSale, levels.OfLower, levels.NetOverride}
	policies := []levels.Policy{"", levels.Skip, levels.Compress, levels.Hold, levels.Stop}
	for range rapid.IntRange(1, 10).Draw(t.r, "terms") {
		one := levels.Term{Mode: rapid.SampledFrom(modes).Draw(t.r, "mode")}
		one.Rate = rateOf(map[levels.Mode]string{levels.OfSale: "1.5", levels.OfLower: "33.3", levels.NetOverride: "22"}[one.Mode])
		terms.Levels = append(terms.Levels, one)
	}
	terms.OnInactive = rapid.SampledFrom(policies).Draw(t.r, "inactive")
	terms.AndAbove = rapid.Bool().Draw(t.r, "above")
	if terms.AndAbove || rapid.Bool().Draw(t.r, "capped") {
		terms.MaxTotal = rateOf(rapid.SampledFrom([]string{"12", "17.5", "30"}).Draw(t.r, "max"))
	}
	terms.Cut = rapid.SampledFrom([]levels.CutOrder{"", levels.Proportional}).Draw(t.r, "cut")
	return terms
}

// step does one thing at random and counts it when it happened.
func (t *tree) step() {
	if len(t.orders) == 0 {
		t.order()
		t.count("order")
		return
	}
	operations := []struct {
		name string
		do   func(i int) error
	}{
		{"order", func(int) error { t.order(); return nil }},
		{"refund", t.giveBack},
		{"edit", t.edit},
		{"edit", t.edit},
		{"move", t.move},
		{"move", t.move},
		{"stand", t.stand},
		{"reattribute", t.reattribute},
		{"share", t.share},
		{"approve", t.approveSome},
		{"reject", t.rejectSeller},
		{"reject", t.rejectSeller},
		{"charge", t.charge},
		{"charge", t.charge},
		{"end", t.end},
		{"end", t.end},
		{"end", t.end},
		{"end", t.end},
		{"cancel", t.cancel},
	}
	o := operations[rapid.IntRange(0, len(operations)-1).Draw(t.r, "operation")]
	i := rapid.IntRange(0, len(t.orders)-1).Draw(t.r, "order")
	switch err := o.do(i); problem.CodeOf(err) {
	case "":
		t.count(o.name)
	case problem.RefundExceeds, problem.State, problem.Conflict, problem.Invalid:
	default:
		t.t.Fatal(o.name, err)
	}
	t.agrees(o.name, i)
}

func (t *tree) count(operation string) {
	*t.steps++
	t.seen[operation]++
	t.seen[fmt.Sprint("exponent ", exponentOf[t.currency])]++
	t.seen[fmt.Sprint("depth ", len(t.who)-1)]++
}

func (t *tree) amount() int64 { return rapid.Int64Range(1, 20_000).Draw(t.r, "amount") }

func (t *tree) order() {
	o := t.sale(fmt.Sprint("o", len(t.orders), "-", t.program), t.clicked(t.who[0]), t.currency, t.amount())
	o.Version = 1
	out := t.accept(o)
	t.orders, t.ids, t.open = append(t.orders, o), append(t.ids, out.ConversionID), append(t.open, "")
}

func (t *tree) giveBack(i int) error {
	_, err := t.AcceptRefund(t.ctx, refundOf(t.orders[i], fmt.Sprint("r", *t.steps), min(t.amount(), t.orders[i].Total.Minor/2+1)))
	return err
}

// edit changes the price, or adds a line, or takes one away.
func (t *tree) edit(i int) error {
	o := t.orders[i]
	o.Lines = slices.Clone(o.Lines)
	switch rapid.IntRange(0, 3).Draw(t.r, "edit") {
	case 0:
		o.Lines = append(o.Lines, order.Line{ExternalID: fmt.Sprint("x", *t.steps), Quantity: 1, Amount: money.Of(t.amount(), t.currency)})
	case 1:
		if len(o.Lines) > 1 {
			o.Lines = o.Lines[1:]
		}
	default:
		o.Lines[0].Amount.Minor = t.amount()
	}
	o.Version++
	o.Total = o.Base()
	_, err := t.AcceptOrder(t.ctx, o)
	if err == nil {
		t.orders[i] = o
	}
	return err
}

func (t *tree) move(int) error {
	parents := append([]string{"", t.other}, t.who...)
	parent := rapid.SampledFrom(parents).Draw(t.r, "parent")
	_, err := t.roster.AffiliateUpdate(t.ctx, roster.AffiliateUpdateInput{ID: rapid.SampledFrom(t.who).Draw(t.r, "who"), ParentID: &parent})
	return err
}

func (t *tree) stand(int) error {
	if len(t.who) == 1 {
		return nil
	}
	in := roster.StandingInput{ID: rapid.SampledFrom(t.who[1:]).Draw(t.r, "member"), Reason: "test"}
	_, err := t.roster.AffiliateSuspend(t.ctx, in)
	if problem.CodeOf(err) == problem.State {
		_, err = t.roster.AffiliateReinstate(t.ctx, in)
	}
	return err
}

func (t *tree) reattribute(i int) error {
	_, err := t.Reattribute(t.ctx, earn.ReattributeInput{ConversionID: t.ids[i], AffiliateID: rapid.SampledFrom([]string{t.who[0], t.other}).Draw(t.r, "to"), Reason: "test"})
	return err
}

func (t *tree) share(i int) error {
	_, err := t.Reattribute(t.ctx, earn.ReattributeInput{ConversionID: t.ids[i], Reason: "test", Shares: []earn.NamedShare{
		{AffiliateID: t.who[0], Parts: rapid.IntRange(1, 3).Draw(t.r, "own")}, {AffiliateID: t.other, Parts: 2},
	}})
	return err
}

func (t *tree) approveSome(int) error {
	t.clock.Advance(time.Hour)
	_, err := t.ApproveDue(t.ctx, 3)
	return err
}

func (t *tree) rejectSeller(i int) error {
	for _, c := range t.commissions(t.ids[i]) {
		if c.Kind == commission.KindCONVERSION && c.Status == commission.StatusPENDING {
			_, err := t.CommissionReject(t.ctx, earn.CommissionRejectInput{ID: c.ID, Reason: "test"})
			return err
		}
	}
	return problem.New(problem.State, "nothing is pending")
}

func (t *tree) charge(i int) error {
	if t.open[i] != "" {
		return problem.New(problem.State, "one is under way")
	}
	id := fmt.Sprint("cb", *t.steps)
	_, err := t.chargedBack(t.orders[i], id, 0)
	if err == nil {
		t.open[i] = id
	}
	return err
}

func (t *tree) end(int) error {
	i := slices.IndexFunc(t.open, func(id string) bool { return id != "" })
	if i < 0 {
		return problem.New(problem.State, "none is under way")
	}
	_, err := t.ended(t.orders[i], t.open[i], rapid.Bool().Draw(t.r, "won"))
	t.open[i] = ""
	t.agrees("end", i)
	return err
}

func (t *tree) cancel(i int) error {
	_, err := t.CancelOrder(t.ctx, earn.OrderCancelInput{ProgramID: t.program, OrderExternalID: t.orders[i].ExternalID, OccurredAt: t.clock.Now()})
	return err
}

// agrees compares what is left of each level with what is left of the order, worked
// out from the rows: of the base that is left the seller's part, of which and of what
// the seller has left the levels are computed as if it were a new sale; never more
// than was accrued.
func (t *tree) agrees(after string, i int) {
	t.t.Helper()
	rows := slices.DeleteFunc(t.commissions(t.ids[i]), func(c *ent.Commission) bool { return c.SupersededAt != nil })
	for _, seller := range []string{t.who[0], t.other} {
		own := slices.DeleteFunc(slices.Clone(rows), func(c *ent.Commission) bool { return c.Kind != commission.KindCONVERSION || c.AffiliateID != seller })
		above := slices.DeleteFunc(slices.Clone(rows), func(c *ent.Commission) bool { return c.SellerID != seller })
		switch rejected := slices.IndexFunc(own, func(c *ent.Commission) bool { return c.Status == commission.StatusREJECTED }); {
		case rejected >= 0:
			all := !slices.ContainsFunc(own, func(c *ent.Commission) bool { return c.Status != commission.StatusREJECTED })
			for _, c := range above {
				if all && c.Status != commission.StatusREJECTED && c.AmountMinor != c.ReversedMinor {
					t.t.Errorf("after %s: %d of a level are left of a sale that was rejected", after, c.AmountMinor-c.ReversedMinor)
				}
			}
		case len(t.orders[i].Lines) == 1 && len(own) > 0 && t.plainLines(i):
			t.compare(after, i, seller, own, above)
		}
	}
}

// plainLines reports an order that always had one line: more than one rounds line by
// line, and rows do not say what is left on which.
func (t *tree) plainLines(i int) bool {
	sale, err := t.store.Client().Conversion.Get(t.ctx, t.ids[i])
	t.must(err)
	lines, err := sale.QueryLines().Count(t.ctx)
	t.must(err)
	return lines == 1
}

func (t *tree) compare(after string, i int, seller string, own, above []*ent.Commission) {
	t.t.Helper()
	sale, err := t.store.Client().Conversion.Get(t.ctx, t.ids[i])
	t.must(err)
	decided, err := t.store.Client().Attribution.Query().Where(attribution.ConversionID(sale.ID), attribution.AffiliateID(seller)).Order(ent.Desc(attribution.FieldRevision)).First(t.ctx)
	t.must(err)
	upline, err := levels.DecodeUpline(decided.Upline)
	t.must(err)
	line := levels.Line{ID: "1", Base: t.partOf(seller, sale.BaseMinor-sale.RefundedMinor, decided)}
	for _, c := range own {
		line.Commission += c.AmountMinor - c.ReversedMinor
	}
	want, err := t.terms.Evaluate(levels.Sale{Currency: t.currency, Lines: []levels.Line{line}, Upline: upline})
	t.must(err)
	if len(above) > 0 {
		t.seen["comparison"]++
	}
	for at, member := range upline {
		var left, accrued, due int64
		for _, c := range above {
			if c.AffiliateID == member.AffiliateID {
				left, accrued = left+c.AmountMinor-c.ReversedMinor, accrued+c.AmountMinor
			}
		}
		for _, step := range want.Steps {
			if step.Member == at {
				due = step.Amount
			}
		}
		if left != min(due, accrued) {
			t.t.Fatalf("after %s: member %d has %d left of %d, want %d of %+v", after, at+1, left, accrued, due, line)
		}
	}
}

// partOf is the seller's part of an amount when two share: by parts of the decision,
// the unit that is missing to the larger rest, of equal ones to the lower id.
func (t *tree) partOf(seller string, amount int64, row *ent.Attribution) int64 {
	e, err := t.ExplainAttribution(t.ctx, row.ConversionID)
	t.must(err)
	var own, all int64
	for _, p := range e.Decision.Parties() {
		all += p.Num
		if p.AffiliateID == seller {
			own = p.Num
		}
	}
	part, rest := amount*own/all, amount*own%all
	lower := seller == min(t.who[0], t.other)
	if rest > 0 && (2*rest > all || 2*rest == all && lower) {
		part++
	}
	return part
}

// Whatever happens to orders, people and decisions in whatever order: the ledger sums
// to zero, every commission replays to its bytes, every level has what the state of
// the order comes to, and with everything given back nothing is left at any level.
func TestN16_N17_E05_LevelsFollowAnyHistory(t *testing.T) {
	t.Parallel()
	m := open(t)
	seen, steps, n := map[string]int{}, 0, 0
	for _, must := range strings.Fields("order refund edit move stand reattribute share approve reject charge end cancel comparison") {
		seen[must] = 0
	}
	for d := range 11 {
		seen[fmt.Sprint("depth ", d)] = 0
	}
	rare := func() (told []string) {
		for what, times := range seen {
			if times*100 < steps {
				told = append(told, fmt.Sprintf("%s happened in %d of %d steps only", what, times, steps))
			}
		}
		return told
	}
	draws.Until(t, func(r *rapid.T) {
		n++
		tree := grow(m, r, n, seen, &steps)
		for range rapid.IntRange(5, 12).Draw(r, "steps") {
			tree.step()
		}
		tree.finish()
		if t.Failed() {
			t.FailNow()
		}
	}, rare)
	t.Logf("%d steps: %v", steps, seen)
}

// finish replays everything, and gives everything back.
func (t *tree) finish() {
	t.trial("before all is given back")
	for i, o := range t.orders {
		for _, c := range t.commissions(t.ids[i]) {
			t.replays(c)
		}
		r := refundOf(o, "all", 0)
		r.Full = true
		if _, err := t.AcceptRefund(t.ctx, r); err != nil && !problem.CodeOf(err).User() {
			t.t.Fatal(err)
		}
		for _, c := range t.commissions(t.ids[i]) {
			if c.Status != commission.StatusREJECTED && c.AmountMinor != c.ReversedMinor {
				t.t.Errorf("all was given back, and %d of %d are left at level %d", c.AmountMinor-c.ReversedMinor, c.AmountMinor, c.Level)
			}
		}
	}
	for _, who := range append(t.who, t.other) {
		if pending, payable := t.balance(who, t.currency); pending != 0 || payable != 0 {
			t.t.Errorf("in the end %s has %d pending, %d payable", who, pending, payable)
		}
	}
	t.trial("in the end")
}

// replays computes a commission again from its own bytes.
func (t *tree) replays(c *ent.Commission) {
	t.t.Helper()
	if c.Kind == commission.KindOVERRIDE {
		trace, err := levels.DecodeTrace(c.Trace)
		t.must(err)
		if _, err := trace.Replay(); err != nil || trace.Amount() != c.Amount() {
			t.t.Errorf("%s replays to %v, %v", c.ID, trace.Amount(), err)
		}
		return
	}
	if e, err := t.ExplainCommission(t.ctx, c.ID); err != nil || e.Amount != c.Amount() {
		t.t.Errorf("%s is explained as %v, %v", c.ID, e.Amount, err)
	}
}
