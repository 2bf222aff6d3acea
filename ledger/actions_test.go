package ledger_test

import (
	"context"

	"pgregory.net/rapid"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
)

// do makes an action of the model's.
func (m *model) do(fn func()) func(*rapid.T) {
	return func(r *rapid.T) {
		m.r = r
		fn()
	}
}

func (m *model) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"accrue": m.do(m.accrueOne), "approve": m.do(m.approve), "reject": m.do(m.reject), "withdraw": m.do(m.withdraw),
		"reverse": m.do(m.reverse), "adjust": m.do(m.adjust), "reserve": m.do(m.reserve), "batch": m.do(m.batch),
		"end": m.do(m.end), "end twice": m.do(m.endTwice), "repeat": m.do(m.repeat), "refuse": m.do(m.refuse),
		"time": m.do(m.passTime), "checkpoint": m.do(m.checkpoints),
	}
}

func (m *model) accrueOne() {
	o := m.fresh("com_")
	amount := rapid.Int64Range(1, 1000).Draw(m.r, "amount")
	m.does("accrue", func(ctx context.Context, tx *store.Tx) error {
		return m.ledger.AccrueIn(ctx, tx, o.id, o.affiliate, o.money(amount))
	})
	o.pending = amount
	m.purse(o).pending += amount
	m.expense[o.currency] -= amount
	m.commissions = append(m.commissions, o)
}

func (m *model) approve() {
	o := pick(m, m.commissions, hasPending)
	amount := o.pending
	m.does("approve", func(ctx context.Context, tx *store.Tx) error {
		return m.ledger.ApproveIn(ctx, tx, o.id, o.affiliate, o.money(amount))
	})
	o.pending, o.payable = 0, o.payable+amount
	m.purse(o).pending -= amount
	m.purse(o).payable += amount
}

func (m *model) reject() {
	o := pick(m, m.commissions, hasPending)
	amount := o.pending
	m.does("reject", func(ctx context.Context, tx *store.Tx) error {
		return m.ledger.RejectIn(ctx, tx, o.id, o.affiliate, o.money(amount))
	})
	o.pending = 0
	m.purse(o).pending -= amount
	m.expense[o.currency] += amount
}

// withdraw takes back before approval.
func (m *model) withdraw() {
	o := pick(m, m.commissions, hasPending)
	amount, key := rapid.Int64Range(1, o.pending).Draw(m.r, "amount"), "rfn_"+string(rune('a'+o.steps))
	m.does("withdraw", func(ctx context.Context, tx *store.Tx) error {
		return m.ledger.ReverseIn(ctx, tx, key, o.id, o.affiliate, o.money(amount), true)
	})
	o.pending -= amount
	m.purse(o).pending -= amount
	m.expense[o.currency] += amount
}

// reverse takes back after approval, whatever is still payable.
func (m *model) reverse() {
	o := pick(m, m.commissions, hasPayable)
	amount, key := rapid.Int64Range(1, o.payable).Draw(m.r, "amount"), "rfn_"+string(rune('a'+o.steps))
	name := "reverse"
	if m.purse(o).payable < amount {
		name = "into debt"
	}
	m.does(name, func(ctx context.Context, tx *store.Tx) error {
		return m.ledger.ReverseIn(ctx, tx, key, o.id, o.affiliate, o.money(amount), false)
	})
	o.payable -= amount
	m.purse(o).payable -= amount
	m.expense[o.currency] += amount
}

func (m *model) adjust() {
	o := m.fresh("com_")
	amount := rapid.SampledFrom([]int64{1, 250, -1, -40, 1000}).Draw(m.r, "amount")
	m.does(map[bool]string{true: "raise", false: "lower"}[amount > 0], func(ctx context.Context, tx *store.Tx) error {
		return m.ledger.AdjustIn(ctx, tx, o.id, o.affiliate, o.money(amount), "by hand")
	})
	m.purse(o).payable += amount
	m.expense[o.currency] -= amount
}

func (m *model) reserve() {
	o := m.fresh("pay_")
	have := m.purse(o).payable
	if have <= 0 {
		m.fails("overdraw", problem.Insufficient, func(ctx context.Context, tx *store.Tx) error {
			return m.ledger.ReserveIn(ctx, tx, o.id, o.affiliate, o.money(1))
		})
		return
	}
	amount := rapid.Int64Range(1, have).Draw(m.r, "amount")
	m.does("reserve", func(ctx context.Context, tx *store.Tx) error {
		return m.ledger.ReserveIn(ctx, tx, o.id, o.affiliate, o.money(amount))
	})
	m.reserved(o, amount)
}

func (m *model) reserved(o *owed, amount int64) {
	o.reserved, o.reservedFirst = amount, amount
	m.purse(o).payable -= amount
	m.purse(o).reserved += amount
	m.payouts = append(m.payouts, o)
}

// batch reserves all that is payable in one currency, in one command.
func (m *model) batch() {
	first := m.fresh("pay_")
	var all []ledger.Payable
	m.must(func(ctx context.Context, tx *store.Tx) (err error) {
		if all, err = m.ledger.Payables(ctx, tx, first.currency); err != nil {
			return err
		}
		for _, one := range all {
			if err := m.ledger.ReserveIn(ctx, tx, first.id+one.AffiliateID, one.AffiliateID, one.Amount); err != nil {
				return err
			}
		}
		return nil
	})
	for _, aff := range m.affiliates {
		o := &owed{id: first.id + aff, affiliate: aff, currency: first.currency}
		if have := m.purse(o).payable; have > 0 {
			m.reserved(o, have)
			m.seen["batch"]++
			all = all[1:] // checked in full by the balances
		}
	}
	if len(all) != 0 {
		m.r.Fatalf("paid %v besides", all)
	}
}

func (m *model) end() {
	o := pick(m, m.payouts, hasReserved)
	amount := o.reserved
	o.reserved = 0
	p := m.purse(o)
	p.reserved -= amount
	if rapid.Bool().Draw(m.r, "settle") {
		m.does("settle", func(ctx context.Context, tx *store.Tx) error {
			return m.ledger.SettleIn(ctx, tx, o.id, o.affiliate, o.money(amount))
		})
		p.paid += amount
		m.clearing[o.currency] += amount
		return
	}
	m.does("release", func(ctx context.Context, tx *store.Tx) error {
		return m.ledger.ReleaseIn(ctx, tx, o.id, o.affiliate, o.money(amount))
	})
	p.payable += amount
}

// repeat does again what was done before: nothing happens.
func (m *model) repeat() {
	if len(m.repeats) == 0 {
		m.r.Skip("nothing was done yet")
	}
	step := m.repeats[rapid.IntRange(0, len(m.repeats)-1).Draw(m.r, "step")]
	m.must(step)
	m.seen["repeat"]++
}

// refuse tries what the book must not do.
func (m *model) refuse() {
	switch rapid.IntRange(0, 3).Draw(m.r, "refuse") {
	case 0:
		o := m.fresh("pay_")
		amount := max(m.purse(o).payable, 0) + rapid.Int64Range(1, 5).Draw(m.r, "more")
		m.fails("overdraw", problem.Insufficient, func(ctx context.Context, tx *store.Tx) error {
			return m.ledger.ReserveIn(ctx, tx, o.id, o.affiliate, o.money(amount))
		})
	case 1:
		o, pending := pick(m, m.commissions, func(*owed) bool { return true }), rapid.Bool().Draw(m.r, "pending")
		amount := map[bool]int64{true: o.pending, false: o.payable}[pending] + 1
		m.fails("take too much", problem.State, func(ctx context.Context, tx *store.Tx) error {
			return m.ledger.ReverseIn(ctx, tx, "too much", o.id, o.affiliate, o.money(amount), pending)
		})
	case 2:
		o := m.fresh("com_")
		m.fails("unbalanced", problem.Invalid, func(ctx context.Context, tx *store.Tx) error {
			_, _, err := m.ledger.PostIn(ctx, tx, ledger.Posting{Kind: ledger.Accrual, SourceKey: o.id, Subject: o.id, Sides: []ledger.Side{
				{Account: ledger.Ref{Kind: ledger.ExpenseAccount}, Amount: o.money(-2)},
				{Account: ledger.Ref{Kind: ledger.PendingAccount, AffiliateID: o.affiliate}, Amount: o.money(3)}}})
			return err
		})
	case 3:
		o := pick(m, m.commissions, func(*owed) bool { return true })
		m.fails("other words", problem.Conflict, func(ctx context.Context, tx *store.Tx) error {
			return m.ledger.AccrueIn(ctx, tx, o.id, o.affiliate, money.Of(1001, o.currency))
		})
	}
}

// endTwice tries both ends of a payout that has ended: the one it had would be a
// repeat in other words, the other is refused.
func (m *model) endTwice() {
	o := pick(m, m.payouts, func(o *owed) bool { return o.reserved == 0 })
	m.fails("end twice", problem.State, func(ctx context.Context, tx *store.Tx) error {
		err := m.ledger.ReleaseIn(ctx, tx, o.id, o.affiliate, o.money(o.reservedFirst+1))
		if problem.CodeOf(err) == problem.Conflict {
			return m.ledger.SettleIn(ctx, tx, o.id, o.affiliate, o.money(o.reservedFirst+1))
		}
		return err
	})
}
