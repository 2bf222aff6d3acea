package earn_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/order"
)

// lives are two markets in which the same happens, but that one of them never merges.
type lives struct {
	market *market
	who    []string
	sold   []order.Order
	waits  map[string][]string // commissions to be approved, by order
	left   map[string]int64    // of an order, not given back
}

func newLives(t *testing.T, people int) *lives {
	l := &lives{market: open(t), waits: map[string][]string{}, left: map[string]int64{}}
	l.market.terms(percent("10"))
	for i := range people {
		l.who = append(l.who, l.market.affiliate(fmt.Sprint("p", i)))
	}
	return l
}

func (l *lives) sell(who int, amount int64) {
	o := l.market.sale(fmt.Sprint("o", len(l.sold)), l.market.clicked(l.who[who]), "USD", amount)
	l.sold, l.left[o.ExternalID] = append(l.sold, o), amount
	l.waits[o.ExternalID] = l.market.accept(o).CommissionIDs
}

func (l *lives) giveBack(at int, share int64) {
	o := l.sold[at%len(l.sold)]
	if back := max(1, l.left[o.ExternalID]*share/100); l.left[o.ExternalID] > 0 {
		l.left[o.ExternalID] -= back
		l.market.refund(o, fmt.Sprint("r", o.ExternalID, l.left[o.ExternalID]), back)
	}
}

func (l *lives) approve(at int) {
	o := l.sold[at%len(l.sold)]
	if ids := l.waits[o.ExternalID]; len(ids) > 0 && l.left[o.ExternalID] > 0 {
		l.market.approve(ids...)
		delete(l.waits, o.ExternalID)
	}
}

// pay sends everybody what is payable, but only when nobody has a debt: who has one is
// paid less once it is one with somebody who has not.
func (l *lives) pay(other *lives) bool {
	for _, each := range []*lives{l, other} {
		for _, who := range each.who {
			if _, payable := each.market.balance(who, "USD"); payable < 0 {
				return false
			}
		}
	}
	for _, each := range []*lives{l, other} {
		for _, who := range each.who {
			if _, payable := each.market.balance(who, "USD"); payable > 0 {
				each.market.drain(who, "USD")
			}
		}
	}
	return true
}

// sum is what all have together: pending, payable, reserved and paid.
func (l *lives) sum() (sum [4]int64) {
	all, err := l.market.ledger.Balances(l.market.ctx, "")
	l.market.must(err)
	for _, b := range all {
		for i, m := range []int64{b.Pending.Minor, b.Payable.Minor, b.Reserved.Minor, b.Paid.Minor} {
			sum[i] += m
		}
	}
	return sum
}

// Whatever happens, those who were merged have nothing, and all together have what they
// would have without a merge.
func TestQ80_N17_RandomMergesMoveMoneyAndMakeNone(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(80, seed))
		merged, apart := newLives(t, 4), newLives(t, 4)
		gone := map[int]bool{}
		for range 45 {
			who, at, share, amount := r.IntN(4), r.IntN(1000), 1+r.Int64N(100), 1+r.Int64N(500_00)
			op := []string{"sell", "sell", "refund", "refund", "approve", "approve", "pay", "merge"}[r.IntN(8)]
			if len(merged.sold) == 0 && op != "merge" {
				op = "sell"
			}
			switch op {
			case "sell":
				merged.sell(who, amount)
				apart.sell(who, amount)
			case "refund":
				merged.giveBack(at, share)
				apart.giveBack(at, share)
			case "approve":
				merged.approve(at)
				apart.approve(at)
			case "pay":
				if !merged.pay(apart) {
					op = "debt"
				}
			case "merge":
				into := at % 4
				if len(merged.sold) < 5 || gone[who] || gone[into] || who == into {
					continue
				}
				merged.market.must(merged.market.merge(merged.who[who], merged.who[into]))
				gone[who] = true
			}
			seen[op]++
			if got, want := merged.sum(), apart.sum(); got != want {
				t.Fatalf("seed %d, after %s: all have %v, without merges %v", seed, op, got, want)
			}
		}
		for who := range gone {
			pending, payable := merged.market.balance(merged.who[who], "USD")
			if pending != 0 || payable != 0 {
				t.Errorf("seed %d: one who was merged has %d pending, %d payable", seed, pending, payable)
			}
		}
		for at := range merged.sold { // all of it given back leaves what was paid, as a debt
			merged.giveBack(at, 100)
		}
		if sum := merged.sum(); sum[0] != 0 || sum[1]+sum[3] != 0 {
			t.Errorf("seed %d: all given back leaves %v", seed, sum)
		}
		merged.market.trial("at the end")
		merged.market.sound()
	}
	t.Log("operations:", seen)
	for _, op := range []string{"sell", "refund", "approve", "pay", "merge"} {
		if seen[op] < 5 {
			t.Errorf("%q came %d times", op, seen[op])
		}
	}
}

// Twenty merges into one, and orders and refunds of those who are merged, all at once:
// at the end one has everything. Twenty sell 10.00 before and 20.00 meanwhile, at 10 %;
// of the ten refunds each gives 5.00 back: 20 × 1.00 + 20 × 2.00 − 10 × 0.50 = 55.00.
func TestQ80_MergesAndOrdersAtOnceLeaveEverythingWithTheSurvivor(t *testing.T) {
	t.Parallel()
	m, hub := hired(t, percent("10"))
	var who []string
	var early, late []order.Order
	for i := range 20 {
		who = append(who, m.affiliate(fmt.Sprint("p", i)))
		early = append(early, m.sale(fmt.Sprint("early", i), m.clicked(who[i]), "USD", 10_00))
		late = append(late, m.sale(fmt.Sprint("late", i), m.clicked(who[i]), "USD", 20_00))
		m.accept(early[i])
	}
	m.together(50, func(i int) error {
		switch {
		case i < 20:
			return m.merges(who[i], hub)
		case i < 40:
			_, err := m.AcceptOrder(m.ctx, late[i-20])
			return err
		}
		_, err := m.AcceptRefund(m.ctx, refundOf(early[i-40], "r", 5_00))
		return err
	})
	for _, one := range who {
		m.stands("merged", one, "0 0 0 0")
	}
	m.stands("the survivor", hub, "5500 0 0 0")
	m.trial("at the end")
}

// merges merges, again while the book is busy.
func (m *market) merges(from, into string) (err error) {
	for range 5 {
		if err = m.merge(from, into); problem.CodeOf(err) != problem.Unavailable {
			return err
		}
	}
	return err
}

// Of many merges of two into each other and round about one can be: each time the first
// one is archived, and nothing can be merged into it.
func TestQ80_MergesInACircleAtOnceLeaveOneOfThem(t *testing.T) {
	t.Parallel()
	m := open(t)
	who := []string{m.affiliate("a"), m.affiliate("b"), m.affiliate("c")}
	done := make([]bool, 6)
	m.together(6, func(i int) error {
		from, into := who[i%3], who[(i+1+i/3)%3]
		err := m.merges(from, into)
		if done[i] = err == nil; !done[i] {
			m.refusesState(err)
		}
		return nil
	})
	left := 0
	for _, one := range who {
		if row := m.store.Client().Affiliate.GetX(m.ctx, one); row.Status == "ACTIVE" {
			left++
		}
	}
	if left != 1 {
		t.Errorf("%d are left, merges done: %v", left, done)
	}
}

func (m *market) refusesState(err error) {
	m.t.Helper()
	if problem.CodeOf(err) != problem.State {
		m.t.Errorf("got %v, want WRONG_STATE", err)
	}
}
