package graph

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/ent/dispute"
	"github.com/tributary/tributary/ent/host"
	"github.com/tributary/tributary/ent/payout"
	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/roster"
	"github.com/tributary/tributary/track"
)

// chronicle is a random sequence of operations on a program of its own: with so many
// people above its seller, and in one currency.
type chronicle struct {
	*narrator
	r              *rand.Rand
	n, made, depth int
	in             money.Currency
	whole          bool // terms have levels, and tiers of a whole period; else a simulation can be applied
	seller, rival  string
	above          string   // the seller's recruiter
	live           []string // orders that random operations go to
	status         map[string]string
	seen           map[string]bool // of operations, arrows and the rest
}

// sequences is every depth from nobody to ten above the seller, in currencies with no,
// two and three decimals.
const sequences = 33

// Whatever happens, through the API, in whatever order: the book sums to zero after each
// step; after each sequence the ledger says what the commissions say, every decision and
// every commission replays to its bytes, and with everything given back nothing is left.
// Every operation, every arrow of the states, every exponent and every depth occurs in a
// hundredth of the sequences and more: each sequence tells two short stories that are
// dealt to it, with random operations between them.
func TestN06_N17_EverythingHappensThroughTheAPI(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for _, seed := range []uint64{17, draws.Seed(t, 0)} { // the first for what must occur, another for what nobody thought of
		p := openPlanner(t)
		for n := range sequences {
			if seed != 17 && n%4 != int(seed%4) {
				continue
			}
			c := p.chronicle(n, rand.New(rand.NewPCG(seed, uint64(n))))
			c.happens()
			if t.Failed() {
				t.Fatalf("sequence %d of seed %d: %v", n, seed, slices.Sorted(maps.Keys(c.seen)))
			}
			for what := range c.seen {
				seen[what] += map[bool]int{true: 1}[seed == 17]
			}
		}
	}
	for _, what := range mustHappen() {
		if seen[what]*100 < sequences {
			t.Errorf("%s happened in %d of %d sequences", what, seen[what], sequences)
		}
	}
	t.Log(seen)
}

// mustHappen names the operations, the arrows that docs/earning.md draws, and the rest.
func mustHappen() (all []string) {
	all = strings.Split("order,edit up,edit down,cancel,refund part,refund all,refund line,chargeback,won,lost,approve,reject,adjust,take-back,move,share,"+
		"payout,settle,fail,late click,dispute,comment,accept,decline,withdraw,simulate and apply,tier crossed,level,wait,suspend,reinstate,under,"+
		"new PENDING,PENDING APPROVED,PENDING REJECTED,PENDING REVERSED,REVERSED PENDING,APPROVED REVERSED,REVERSED APPROVED,"+
		"payout APPROVED,payout SETTLED,payout FAILED,"+
		"dispute OPEN ANSWERED,dispute OPEN DECLINED,dispute OPEN ACCEPTED,dispute OPEN WITHDRAWN,dispute ANSWERED DECLINED,dispute ANSWERED ACCEPTED,dispute ANSWERED WITHDRAWN", ",")
	for _, exponent := range []int{0, 2, 3} {
		all = append(all, fmt.Sprint("exponent ", exponent))
	}
	for depth := range 11 {
		all = append(all, fmt.Sprint("depth ", depth))
	}
	return all
}

func (p *planner) chronicle(n int, r *rand.Rand) *chronicle {
	p.Helper()
	own := *p
	own.ids = map[string]string{}
	c := &chronicle{r: r, n: n, depth: n % 11, in: []money.Currency{"JPY", "USD", "KWD"}[n%3], whole: n%2 == 0, status: map[string]string{}, seen: map[string]bool{}}
	c.narrator = &narrator{planner: &own, currency: string(c.in), links: map[string]uint64{}, orders: map[string]map[string]any{}, sales: map[string]string{}, known: map[string]bool{}}
	made, err := p.roster.ProgramCreate(p.ctx, roster.ProgramCreateInput{Name: fmt.Sprint("P", n), Currency: string(c.in), TimeZone: "America/New_York", FallbackURL: "https://shop.example/"})
	p.must(err)
	c.program = made.ProgramID
	_, err = p.track.HostAdd(p.ctx, track.HostAddInput{ProgramID: c.program, Name: "shop.example", Purpose: host.PurposeDESTINATION})
	p.must(err)
	c.plan = at(c.done("commissionPlanCreate", "CommissionPlanCreateInput", map[string]any{"programId": c.program, "name": "Standard"}, "plan { id }"), "plan", "id").(string)
	c.agree(scene{More: c.anyTerms()}, nil)
	above := "-"
	for i := c.depth; i > 0; i-- {
		above = c.person(fmt.Sprint("u", i), above)
	}
	c.above = above
	c.seller, c.rival = c.person("s", above), c.person("r", above)
	c.saw(fmt.Sprint("depth ", c.depth), fmt.Sprint("exponent ", map[money.Currency]int{"JPY": 0, "USD": 2, "KWD": 3}[c.in]))
	return c
}

func (c *chronicle) saw(what ...string) {
	for _, one := range what {
		c.seen[one] = true
	}
}

func (c *chronicle) person(role, above string) string {
	c.Helper()
	name := fmt.Sprintf("%s-%d-%d", role, c.n, c.r.Uint64())
	if c.hire(scene{}, []string{name, above}); c.refused != "" {
		c.Fatal(c.refused)
	}
	return name
}

// amount spells a number of minor units.
func (c *chronicle) amount(minor string) string {
	c.Helper()
	n, err := strconv.ParseInt(minor, 10, 64)
	c.must(err)
	return money.Of(n, c.in).Decimal()
}

func (c *chronicle) anyTerms() json.RawMessage {
	tier := fmt.Sprintf(`"tiers": {"metric": "REVENUE", "mode": "%s", "period": "MONTH", "steps": [{"amount": {"amount": "%s", "currency": "%s"}, "percent": "12.5"}]}`,
		map[bool]string{true: "RETROACTIVE", false: "PROSPECTIVE"}[c.whole], c.amount("20000"), c.in)
	levels := ""
	if c.whole {
		levels = `, "levels": {"terms": [{"mode": "OF_SALE", "percent": "1.5"}, {"mode": "OF_LOWER", "percent": "33.3"}, {"mode": "NET_OVERRIDE", "percent": "22"}], "andAbove": true, "maxPercent": "30", "onInactive": "HOLD"}`
	}
	return json.RawMessage(fmt.Sprintf(`{"holdDays": 10, "autoApprove": true, "rules": [{"level": "PROGRAM", "kind": "PERCENT", "percent": "7.5", %s}]%s}`, tier, levels))
}

// happens tells the stories dealt to the sequence.
func (c *chronicle) happens() {
	c.Helper()
	for i := range 2 {
		c.steps(plots[(c.n*2+i)%len(plots)])
	}
	if c.whole {
		c.crosses()
	} else {
		c.applies()
	}
	c.looks()
	c.agrees("at the end")
	c.replays()
	c.everythingBack()
}

// looks checks the book, and notes which way everything has gone since.
func (c *chronicle) looks() {
	c.Helper()
	c.sumsToNothing()
	was := func(id, kind, now string) {
		if before, known := c.status[id]; before != now {
			c.saw(strings.TrimSpace(kind + map[bool]string{true: " " + before + " ", false: " new "}[known && kind != "payout"] + now))
			c.status[id] = now
		}
	}
	for _, row := range c.rows() {
		if row.Kind != commission.KindADJUSTMENT {
			was(row.ID, "", string(row.Status))
		}
		if row.Kind == commission.KindOVERRIDE {
			c.saw("level")
		}
	}
	for _, d := range c.store.Client().Dispute.Query().Where(dispute.ProgramID(c.program)).AllX(c.ctx) {
		was(d.ID, "dispute", string(d.Status))
	}
	for _, one := range c.store.Client().Payout.Query().Where(payout.AffiliateIDIn(slices.Collect(maps.Values(c.ids))...)).AllX(c.ctx) {
		if before := c.status[one.ID]; before != string(one.Status) {
			c.status[one.ID] = string(one.Status)
			c.saw("payout " + string(one.Status))
		}
	}
}

func (c *chronicle) rows() []*ent.Commission {
	c.Helper()
	all, err := c.store.Client().Commission.Query().Where(commission.ProgramID(c.program)).All(c.ctx)
	c.must(err)
	return all
}

// agrees compares each balance with what is left of commissions: pending with those
// pending; payable, reserved and paid with those approved.
func (c *chronicle) agrees(when string) {
	c.Helper()
	want := map[string][2]int64{}
	for _, row := range c.rows() {
		w := want[row.AffiliateID]
		switch rest := row.AmountMinor - row.ReversedMinor; {
		case row.SupersededAt != nil:
		case row.Status == commission.StatusPENDING:
			w[0] += rest
		case row.Status == commission.StatusAPPROVED:
			w[1] += rest
		case row.Status == commission.StatusREVERSED && rest != 0:
			c.Errorf("%s: %d is left of a reversed commission", when, rest)
		}
		want[row.AffiliateID] = w
	}
	for who, id := range c.ids {
		balances, err := c.ledger.Balances(c.ctx, id)
		c.must(err)
		for _, b := range balances {
			if got := [2]int64{b.Pending.Minor, b.Payable.Minor + b.Reserved.Minor + b.Paid.Minor}; got != want[id] {
				c.Errorf("%s: %s has %v in the book and %v by commissions", when, who, got, want[id])
			}
		}
	}
}

// replays decides and computes everything again from its own bytes.
func (c *chronicle) replays() {
	c.Helper()
	for sale := range c.sales {
		all, err := c.earn.ExplainHistory(c.ctx, sale)
		c.must(err)
		for _, d := range all {
			if !d.Replays {
				c.Errorf("revision %d of %s does not replay", d.Row.Revision, c.sales[sale])
			}
		}
	}
	for _, row := range c.rows() {
		if row.Kind == commission.KindADJUSTMENT {
			continue
		}
		if e, err := c.earn.ExplainCommission(c.ctx, row.ID); err != nil || e.Amount != row.Amount() {
			c.Errorf("%s of %s is explained as %s, %v", row.Kind, row.Amount(), e.Amount, err)
		}
	}
}

// everythingBack ends what is open and gives back what is left.
func (c *chronicle) everythingBack() {
	c.Helper()
	for _, o := range c.live {
		c.do("refund $ z all", o)
	}
	c.clock.Advance(time.Second)
	for _, row := range c.rows() {
		if row.Kind != commission.KindADJUSTMENT && row.Status != commission.StatusREJECTED && row.SupersededAt == nil && row.AmountMinor != row.ReversedMinor {
			c.Errorf("everything was given back, and %d of %d are left of a %s, %s", row.AmountMinor-row.ReversedMinor, row.AmountMinor, row.Kind, row.Status)
		}
	}
	c.agrees("everything is given back")
	findings, err := c.ledger.Verify(c.ctx, nil)
	if c.must(err); len(findings) > 0 {
		c.Errorf("%v", findings)
	}
	c.sumsToNothing()
}
