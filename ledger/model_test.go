package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/ledger"
)

// purse is what the model says an affiliate has in one currency, in minor units.
type purse struct{ pending, payable, reserved, paid int64 }

// owed is a commission or a payout in the model.
type owed struct {
	id        string
	affiliate string
	currency  money.Currency
	pending   int64 // of a commission
	payable   int64 // of a commission, less what was taken back
	reserved  int64 // of a payout, until it ends
	steps     int

	reservedFirst int64
}

func (o *owed) money(minor int64) money.Money { return money.Of(minor, o.currency) }

// model is the book kept with plain integers beside the real one.
type model struct {
	*book
	r           *rapid.T
	clock       *storetest.Clock
	seen        map[string]int
	purses      map[string]*purse // by affiliate and currency
	expense     map[money.Currency]int64
	clearing    map[money.Currency]int64
	commissions []*owed
	payouts     []*owed
	repeats     []func(context.Context, *store.Tx) error
	ids         int
}

var errBack = errors.New("rolled back")

func (m *model) purse(o *owed) *purse {
	key := o.affiliate + " " + string(o.currency)
	if m.purses[key] == nil {
		m.purses[key] = &purse{}
	}
	return m.purses[key]
}

// does runs a step that must succeed, now and then first in a command that is
// rolled back, and remembers it for a repeat.
func (m *model) does(name string, step func(context.Context, *store.Tx) error) {
	if rapid.IntRange(0, 9).Draw(m.r, "back") == 0 {
		m.seen["rolled back"]++
		err := m.run(func(ctx context.Context, tx *store.Tx) error { return errors.Join(step(ctx, tx), errBack) })
		if !errors.Is(err, errBack) || problem.CodeOf(err) != problem.Internal {
			m.r.Fatalf("%s, rolled back: %v", name, err)
		}
	}
	if err := m.run(step); err != nil {
		m.r.Fatalf("%s: %v", name, err)
	}
	m.seen[name]++
	m.repeats = append(m.repeats, step)
}

// fails runs a step that must be refused.
func (m *model) fails(name string, code problem.Code, step func(context.Context, *store.Tx) error) {
	if err := m.run(step); problem.CodeOf(err) != code {
		m.r.Fatalf("%s: answered %v, want %s", name, err, code)
	}
	m.seen[name]++
}

func (m *model) fresh(prefix string) *owed {
	m.ids++
	return &owed{
		id:        fmt.Sprint(prefix, m.ids),
		affiliate: m.affiliates[rapid.IntRange(0, len(m.affiliates)-1).Draw(m.r, "affiliate")],
		currency:  rapid.SampledFrom([]money.Currency{"USD", "JPY"}).Draw(m.r, "currency"),
	}
}

// pick gives one that fits, or skips the action.
func pick(m *model, all []*owed, fits func(*owed) bool) *owed {
	var some []*owed
	for _, o := range all {
		if fits(o) {
			some = append(some, o)
		}
	}
	if len(some) == 0 {
		m.r.Skip("none fits")
	}
	o := some[rapid.IntRange(0, len(some)-1).Draw(m.r, "which")]
	o.steps++
	return o
}

func hasPending(o *owed) bool  { return o.pending > 0 }
func hasPayable(o *owed) bool  { return o.payable > 0 }
func hasReserved(o *owed) bool { return o.reserved > 0 }

// check compares every affiliate with the model, and the book with itself.
func (m *model) check(r *rapid.T) {
	sums, err := m.ledger.TrialBalance(m.ctx)
	if err != nil {
		r.Fatal(err)
	}
	for c, sum := range sums {
		if sum != 0 {
			r.Fatalf("the trial balance in %s is %d", c, sum)
		}
	}
	all, err := m.ledger.Balances(m.ctx, "")
	if err != nil {
		r.Fatal(err)
	}
	got := map[string]purse{}
	for _, one := range all {
		got[one.AffiliateID+" "+string(one.Currency)] = purse{one.Pending.Minor, one.Payable.Minor, one.Reserved.Minor, one.Paid.Minor}
	}
	for key, want := range m.purses {
		if got[key] != *want {
			r.Fatalf("%s has %v, the model %v", key, got[key], *want)
		}
	}
	found, err := m.ledger.Verify(m.ctx, nil)
	if err != nil || len(found) > 0 {
		r.Fatalf("verify: %v, %v", found, err)
	}
}

// checkMerchant compares the merchant's accounts, each of which is a checkpoint
// and the entries since.
func (m *model) checkMerchant(r *rapid.T) {
	for _, c := range []money.Currency{"USD", "JPY"} {
		expense, clearing := m.balanceOf(ledger.ExpenseAccount, "", c), m.balanceOf(ledger.ClearingAccount, "", c)
		if expense != money.Of(m.expense[c], c).Decimal() || clearing != money.Of(m.clearing[c], c).Decimal() {
			r.Fatalf("%s: expense %s and clearing %s, the model %d and %d", c, expense, clearing, m.expense[c], m.clearing[c])
		}
	}
}

// TestR4_BookAgreesWithTheModel runs random sequences of every operation, with
// repeats, refusals, commands rolled back, checkpoints and a clock that goes
// both ways; after each, the trial balance is zero, every kept balance is the
// sum of its entries, and every affiliate has what the model says.
func TestR4_BookAgreesWithTheModel(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock)
	seen := map[string]int{}
	draws.Explore(t, seen, func(r *rapid.T) {
		b := newBook(t, s, 2)
		b.ledger = ledger.New(ledger.Config{Store: s, Span: 3})
		m := &model{book: b, r: r, clock: clock, seen: seen, purses: map[string]*purse{},
			expense: map[money.Currency]int64{}, clearing: map[money.Currency]int64{}}
		actions := m.actions()
		actions[""] = m.check
		r.Repeat(actions)
		m.checkMerchant(r)
	}, "accrue", "approve", "reject", "withdraw", "reverse", "into debt", "raise", "lower", "reserve",
		"batch", "release", "settle", "repeat", "rolled back", "overdraw", "take too much", "end twice", "unbalanced", "other words",
		"checkpoint", "no checkpoint", "forward", "back")
}

func (m *model) passTime() {
	step := rapid.SampledFrom([]time.Duration{time.Millisecond, 2 * time.Minute, -time.Millisecond, -30 * time.Minute, time.Hour}).Draw(m.r, "time")
	m.clock.Advance(step)
	m.seen[map[bool]string{true: "forward", false: "back"}[step > 0]]++
}

func (m *model) checkpoints() {
	out, err := m.ledger.Checkpoint(m.ctx)
	if err != nil || out.Busy > 0 {
		m.r.Fatal(out, err)
	}
	m.checkMerchant(m.r)
	m.seen[map[bool]string{true: "checkpoint", false: "no checkpoint"}[out.Made > 0]]++
}
