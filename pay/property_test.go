package pay_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tributary/tributary/ent/payout"
	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/pay"
)

// model is what the desk must come to, kept in the plainest way.
type model struct {
	*desk
	affiliates []string
	payable    map[string]int64
	reserved   map[string]int64
	paid       map[string]int64
	batches    []*modelBatch
	seen       map[string]int // how often each operation had an effect
}

type modelBatch struct {
	id       string
	approved bool
	closed   bool
	open     map[string]int64 // affiliate → amount
	arrived  map[string]int64 // and was not sent back
	payout   map[string]string
}

func (m *model) step(rt *rapid.T) {
	op := rapid.SampledFrom([]string{"owe", "owe", "debit", "batch", "approve", "approve", "approve", "settle", "settle", "fail", "fail", "cancel", "return"}).Draw(rt, "op")
	who := rapid.SampledFrom(m.affiliates).Draw(rt, "who")
	if op != "owe" && op != "debit" && op != "batch" && len(m.batches) == 0 {
		op = "batch"
	}
	switch op {
	case "owe", "debit":
		amount := rapid.Int64Range(1, 20_000).Draw(rt, "amount")
		if op == "debit" {
			amount = -amount
		}
		m.owe(who, amount, "USD")
		m.payable[who] += amount
		m.seen[op]++
	case "batch":
		m.makeBatch(rt)
	default:
		m.touch(rt, op, rapid.SampledFrom(m.among(rt, op)).Draw(rt, "batch"))
	}
}

// among gives the batches to do something to: half of the time, where there are any,
// those of which it is not refused.
func (m *model) among(rt *rapid.T, op string) []*modelBatch {
	some := slices.DeleteFunc(slices.Clone(m.batches), func(b *modelBatch) bool {
		if op == "return" {
			return len(b.arrived) == 0
		}
		return b.closed || op == "approve" && b.approved || op != "approve" && op != "cancel" && !b.approved
	})
	if len(some) > 0 && rapid.Bool().Draw(rt, "one that may") {
		return some
	}
	return m.batches
}

const modelThreshold = 1000

func (m *model) makeBatch(rt *rapid.T) {
	b := &modelBatch{open: map[string]int64{}, arrived: map[string]int64{}}
	for _, a := range m.affiliates {
		if m.payable[a] >= modelThreshold {
			b.open[a] = m.payable[a]
		}
	}
	out, err := m.BatchCreate(m.ctx, pay.BatchCreateInput{BatchKey: fmt.Sprint("run ", len(m.batches)), Currency: "USD"})
	if len(b.open) == 0 {
		m.refuses(err, problem.BelowThreshold, "")
		m.seen["empty batch"]++
		return
	}
	if err != nil {
		rt.Fatal(err)
	}
	b.id = out.BatchID
	var states map[string]string
	states, b.payout = m.payouts(b.id)
	want := map[string]string{}
	for a, amount := range b.open {
		want[a] = fmt.Sprint(amount, " RESERVED")
		m.payable[a] -= amount
		m.reserved[a] += amount
	}
	if !maps.Equal(states, want) {
		rt.Fatalf("the batch pays %v, want %v", states, want)
	}
	m.batches = append(m.batches, b)
	m.seen["batch"]++
}

// touch does something to a batch, which is refused in the wrong state.
func (m *model) touch(rt *rapid.T, op string, b *modelBatch) {
	payouts := slices.Sorted(maps.Keys(b.payout))
	if len(b.open) > 0 && rapid.Bool().Draw(rt, "open") {
		payouts = slices.Sorted(maps.Keys(b.open))
	}
	who := rapid.SampledFrom(payouts).Draw(rt, "payout")
	if op == "return" {
		m.sendBack(rt, b)
		return
	}
	_, isOpen := b.open[who]
	may := !b.closed && (op == "cancel" || op == "approve" != b.approved) && (op == "cancel" || op == "approve" || isOpen)
	err := m.do(op, b.id, b.payout[who])
	if !may {
		m.refuses(err, problem.State, "id")
		m.seen["refused "+op]++
		return
	}
	if err != nil {
		rt.Fatal(op, err)
	}
	m.seen[op]++
	switch op {
	case "approve":
		b.approved = true
	case "settle", "fail":
		m.end(b, who, op == "settle")
		b.closed = len(b.open) == 0
	case "cancel":
		b.closed = true
		for _, a := range slices.Collect(maps.Keys(b.open)) {
			m.end(b, a, false)
		}
	}
}

func (m *model) do(op, batch, one string) (err error) {
	switch op {
	case "approve":
		_, err = m.BatchApprove(m.ctx, pay.BatchApproveInput{ID: batch})
	case "cancel":
		_, err = m.BatchCancel(m.ctx, pay.BatchCancelInput{ID: batch, Reason: "r"})
	case "settle":
		_, err = m.PayoutSettle(m.ctx, pay.PayoutSettleInput{ID: one})
	case "fail":
		_, err = m.PayoutFail(m.ctx, pay.PayoutFailInput{ID: one, Reason: "r"})
	}
	return err
}

func (m *model) end(b *modelBatch, who string, sent bool) {
	amount := b.open[who]
	delete(b.open, who)
	m.reserved[who] -= amount
	if sent {
		m.paid[who] += amount
		b.arrived[who] = amount
	} else {
		m.payable[who] += amount
	}
}

// sendBack returns a payout, which is refused unless it had arrived.
func (m *model) sendBack(rt *rapid.T, b *modelBatch) {
	who := rapid.SampledFrom(slices.Sorted(maps.Keys(b.payout))).Draw(rt, "returned")
	amount, arrived := b.arrived[who]
	err := m.returned(b.payout[who])
	if !arrived {
		m.refuses(err, problem.State, "id")
		m.seen["refused return"]++
		return
	}
	if err != nil {
		rt.Fatal(err)
	}
	delete(b.arrived, who)
	m.paid[who] -= amount
	m.payable[who] += amount
	m.seen["return"]++
}

// agrees compares the desk with the model, to the cent.
func (m *model) agrees() {
	var openRows int64
	for _, p := range m.store.Client().Payout.Query().Where(payout.StatusIn(payout.StatusRESERVED, payout.StatusAPPROVED)).AllX(m.ctx) {
		openRows += p.AmountMinor
	}
	var reserved int64
	for _, a := range m.affiliates {
		m.stands(a, fmt.Sprint(m.payable[a], " ", m.reserved[a], " ", m.paid[a]))
		reserved += m.reserved[a]
	}
	if reserved != openRows {
		m.t.Errorf("reserved %d, open payouts come to %d", reserved, openRows)
	}
	m.balanced()
}

func TestQ65_RandomRunsAgreeWithAPlainModel(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock)
	seen := map[string]int{}
	draws.Explore(t, seen, func(rt *rapid.T) {
		d := newDesk(t, s, clock)
		p := d.program("USD", modelThreshold)
		m := &model{desk: d, payable: map[string]int64{}, reserved: map[string]int64{}, paid: map[string]int64{}, seen: seen}
		for range 3 {
			m.affiliates = append(m.affiliates, d.affiliate(p))
		}
		for range rapid.IntRange(30, 60).Draw(rt, "steps") {
			m.step(rt)
		}
		m.agrees()
	}, "owe", "debit", "batch", "empty batch", "approve", "settle", "fail", "cancel", "return", "refused return", "refused settle", "refused approve", "refused cancel", "refused fail")
}
