package earn_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/order"
)

// history makes one random operation after another on a market.
type history struct {
	*market
	r              *rand.Rand
	who            []string
	affiliateLinks []uint64
	plan           string
	orders         []order.Order
	made           int
	seen           map[string]int
	paid           map[string]int64 // by affiliate and currency
}

var currencies = []money.Currency{"USD", "JPY", "KWD"}

func startHistory(t *testing.T, seed uint64) *history {
	h := &history{market: open(t), r: rand.New(rand.NewPCG(seed, 1)), seen: map[string]int{}, paid: map[string]int64{}}
	for i := range 3 {
		h.who = append(h.who, h.affiliate(fmt.Sprint("a", i)))
		h.affiliateLinks = append(h.affiliateLinks, h.link(h.who[i]))
	}
	h.plan = h.terms(percent("7.5")).PlanID
	return h
}

// operations by name; each reports whether it did what its name says.
func (h *history) operations() map[string]func() bool {
	return map[string]func() bool{
		"sale":      func() bool { return h.newOrder(order.StatusPaid).Rating == "RATED" },
		"pending":   func() bool { return h.newOrder(order.StatusPending).Rating == "WAITING" },
		"pay":       h.pay,
		"again":     func() bool { return !h.accept(*h.any()).Created },
		"edit":      h.edit,
		"undo":      h.undo,
		"refund":    func() bool { return h.refundSome(false) },
		"full":      func() bool { return h.refundSome(true) },
		"cancel":    h.cancel,
		"approve":   h.approveOne,
		"reject":    h.rejectOne,
		"adjust":    h.adjust,
		"due":       h.due,
		"new terms": h.newTerms,
		"paid out":  h.payOut,
	}
}

func (h *history) any() *order.Order { return &h.orders[h.r.IntN(len(h.orders))] }

func (h *history) newOrder(s order.Status) earn.OrderOutcome {
	h.made++
	amounts := make([]int64, 1+h.r.IntN(3))
	for i := range amounts {
		amounts[i] = 1000 + h.r.Int64N(9000)
	}
	click := h.click(h.affiliateLinks[h.r.IntN(3)], h.clock.Now().Add(-time.Hour))
	o := h.sale(fmt.Sprint("order-", h.made), click, currencies[h.r.IntN(3)], amounts...)
	o.Status, o.Version = s, 1
	h.orders = append(h.orders, o)
	return h.accept(o)
}

func (h *history) pay() bool {
	i := slices.IndexFunc(h.orders, func(o order.Order) bool { return o.Status == order.StatusPending })
	if i < 0 {
		return false
	}
	o := &h.orders[i]
	o.Status = order.StatusPaid
	o.Version++
	return h.accept(*o).Status != "PENDING"
}

// edit changes the price of a line, adds a line or drops one.
func (h *history) edit() bool {
	o := h.any()
	next := *o
	next.Lines = append([]order.Line(nil), o.Lines...)
	switch i := h.r.IntN(len(next.Lines)); h.r.IntN(3) {
	case 0:
		next.Lines[i].Amount.Minor = 1 + h.r.Int64N(9000)
	case 1:
		next.Lines = append(next.Lines, order.Line{ExternalID: fmt.Sprint("x", o.Version), Quantity: 1, Amount: money.Of(1+h.r.Int64N(5000), o.Currency)})
	default:
		if len(next.Lines) > 1 {
			next.Lines = append(next.Lines[:i:i], next.Lines[i+1:]...)
		}
	}
	next.Version++
	next.Total.Minor = next.Base().Minor
	_, err := h.AcceptOrder(h.ctx, next)
	if err == nil {
		*o = next
	}
	return h.done(err)
}

// undo makes a line cheaper and takes that back.
func (h *history) undo() bool {
	o := h.any()
	for _, price := range []int64{(o.Lines[0].Amount.Minor + 1) / 2, o.Lines[0].Amount.Minor} {
		o.Lines = slices.Clone(o.Lines)
		o.Lines[0].Amount.Minor = price
		o.Version++
		if _, err := h.AcceptOrder(h.ctx, *o); !h.done(err) {
			return false
		}
	}
	return true
}

// done accepts refusals that random operations meet; anything else is a fault.
func (h *history) done(err error) bool {
	switch problem.CodeOf(err) {
	case "":
		return true
	case problem.RefundExceeds, problem.State, problem.Insufficient:
		return false
	}
	h.t.Fatal(err)
	return false
}

func (h *history) refundSome(full bool) bool {
	o := h.any()
	r := refundOf(*o, fmt.Sprint("r", h.r.Uint64()), 1+h.r.Int64N(4000))
	if full {
		r.Full, r.Amount = true, money.Money{}
	}
	out, err := h.AcceptRefund(h.ctx, r)
	return h.done(err) && out.Created
}

func (h *history) cancel() bool {
	o := h.any()
	out, err := h.CancelOrder(h.ctx, earn.OrderCancelInput{ProgramID: h.program, OrderExternalID: o.ExternalID, OccurredAt: h.clock.Now()})
	return h.done(err) && out.Status == "CANCELLED"
}

func (h *history) pending() string {
	ids, err := h.store.Client().Commission.Query().Where(commission.StatusEQ(commission.StatusPENDING)).IDs(h.ctx)
	h.must(err)
	if len(ids) == 0 {
		return ""
	}
	return ids[h.r.IntN(len(ids))]
}

func (h *history) approveOne() bool {
	id := h.pending()
	if id != "" {
		h.approve(id)
	}
	return id != ""
}

func (h *history) rejectOne() bool {
	id := h.pending()
	if id == "" {
		return false
	}
	_, err := h.CommissionReject(h.ctx, earn.CommissionRejectInput{ID: id, Reason: "test"})
	return h.done(err)
}

func (h *history) adjust() bool {
	amount := h.r.Int64N(4000) - 2000
	_, err := h.CommissionAdjust(h.ctx, earn.CommissionAdjustInput{
		AffiliateID: h.who[h.r.IntN(3)], ProgramID: h.program, Amount: money.Of(amount, currencies[h.r.IntN(3)]), Reason: "test",
	})
	if amount == 0 {
		return false
	}
	return h.done(err)
}

func (h *history) due() bool {
	h.clock.Advance(8 * 24 * time.Hour)
	n, err := h.ApproveDue(h.ctx, 3)
	return h.done(err) && n > 0
}

func (h *history) newTerms() bool {
	if h.r.IntN(4) > 0 {
		return false
	}
	h.activate(h.plan, percent([]string{"5", "7.5", "12.25"}[h.r.IntN(3)]))
	return true
}

func (h *history) payOut() bool {
	who, c := h.who[h.r.IntN(3)], currencies[h.r.IntN(3)]
	_, payable := h.balance(who, c)
	if payable <= 0 {
		return false
	}
	h.paid[who+string(c)] += payable
	h.drain(who, c)
	return true
}

// agrees compares the ledger with the commissions: what is left of those pending
// is the pending balance; of those approved, less payouts, the payable one.
func (h *history) agrees(after string) {
	h.t.Helper()
	rows, err := h.store.Client().Commission.Query().All(h.ctx)
	h.must(err)
	pending, payable := map[string]int64{}, map[string]int64{}
	for _, c := range rows {
		key, rest := c.AffiliateID+string(c.Currency), c.AmountMinor-c.ReversedMinor
		switch c.Status {
		case commission.StatusPENDING:
			pending[key] += rest
		case commission.StatusAPPROVED:
			payable[key] += rest
		case commission.StatusREVERSED:
			if rest != 0 {
				h.t.Errorf("after %s: %d is left of a reversed commission", after, rest)
			}
		}
		h.seen["commission "+string(c.Status)]++
	}
	for _, who := range h.who {
		for _, c := range currencies {
			h.books("after "+after, who, c, pending[who+string(c)], payable[who+string(c)]-h.paid[who+string(c)])
		}
	}
}

// look counts what no operation asks for by name.
func (h *history) look() {
	n, err := h.store.Client().Commission.Query().Where(commission.LevelGT(1)).Count(h.ctx)
	h.must(err)
	h.seen["commission added by an edit"] = n
	for _, facts := range h.facts("commission.reversed") {
		if strings.HasPrefix(facts["amount"], "-") {
			h.seen["commission given again"]++
		}
	}
}

// Whatever happens in whatever order, the ledger sums to zero and says what the
// commissions say.
func TestTheBooksBalanceAfterAnyHistory(t *testing.T) {
	t.Parallel()
	seed := draws.Seed(t, 0)
	h := startHistory(t, seed)
	operations := h.operations()
	names := []string{"sale", "sale", "sale", "pending", "pay", "pay", "again", "edit", "edit", "edit", "undo", "refund", "refund", "refund", "full",
		"cancel", "approve", "approve", "reject", "adjust", "due", "due", "new terms", "paid out"}
	h.newOrder(order.StatusPaid)
	for n := 0; n < 300 || n < 3000 && len(h.missing(operations)) > 0; n++ {
		name := names[h.r.IntN(len(names))]
		if operations[name]() {
			h.seen[name]++
		}
		if n%10 == 9 {
			h.agrees(name)
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	findings, err := h.ledger.Verify(h.ctx, nil)
	if err != nil || len(findings) > 0 {
		t.Errorf("findings %v, %v", findings, err)
	}
	missing := h.missing(operations)
	t.Log(h.seen)
	if len(missing) > 0 {
		t.Errorf("these never happened: %q", missing)
	}
}

// missing names what has not happened yet: the rare things are waited for.
func (h *history) missing(operations map[string]func() bool) (out []string) {
	h.look()
	for name := range operations {
		if h.seen[name] == 0 {
			out = append(out, name)
		}
	}
	for _, kind := range []string{"PENDING", "APPROVED", "REJECTED", "REVERSED", "added by an edit", "given again"} {
		if h.seen["commission "+kind] == 0 {
			out = append(out, "commission "+kind)
		}
	}
	return out
}
