package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
)

// Twenty affiliates have 50.00 each; 32 workers try to reserve 3.00 forty times
// each, 1280 reservations of 3.00 in all: 64 for each affiliate, of which
// 50.00 / 3.00 = 16 fit and leave 2.00.
func TestConcurrentReservationsNeitherOverdrawNorDeadlock(t *testing.T) {
	t.Parallel()
	b := openBook(t, 20)
	for _, aff := range b.affiliates {
		b.fund(aff, usd("50.00"))
	}
	var runs, commands, made, refused atomic.Int64
	together(32, func(w int) {
		for n := range 40 {
			aff := b.affiliates[(w*7+n)%20]
			commands.Add(1)
			err := b.run(func(ctx context.Context, tx *store.Tx) error {
				runs.Add(1)
				return b.ledger.ReserveIn(ctx, tx, fmt.Sprintf("pay_%d_%d", w, n), aff, usd("3.00"))
			})
			switch {
			case err == nil:
				made.Add(1)
			case problem.CodeOf(err) == problem.Insufficient:
				refused.Add(1)
			default:
				t.Error(err)
			}
		}
	})
	if made.Load() != 20*16 || refused.Load() != 1280-20*16 {
		t.Errorf("%d reservations made, %d refused", made.Load(), refused.Load())
	}
	if runs.Load() != commands.Load() { // a deadlock or serialization failure is run again
		t.Errorf("%d commands ran %d times", commands.Load(), runs.Load())
	}
	for _, aff := range b.affiliates {
		if got := b.standing(aff, "USD"); got != "0.00 2.00 48.00 0.00" {
			t.Errorf("stands at %s", got)
		}
	}
	b.balanced()
}

// errAgain ends a test in which commands are given up and run again.
var errAgain = errors.New("a command was run again")

// Money goes both ways between the same accounts at once: a to b and b to a.
func TestTransfersInBothDirectionsDoNotDeadlock(t *testing.T) {
	t.Parallel()
	b := openBook(t, 2)
	for _, aff := range b.affiliates {
		b.fund(aff, usd("1.00"))
	}
	var runs atomic.Int64
	together(16, func(w int) {
		for n := range 20 {
			if err := b.run(func(ctx context.Context, tx *store.Tx) error {
				if runs.Add(1) > 320 {
					return errAgain
				}
				_, _, err := b.ledger.PostIn(ctx, tx, transfer(fmt.Sprint(w, ":", n), b.affiliates[w%2], b.affiliates[1-w%2], usd("0.01")))
				return err
			}); err != nil {
				t.Error(err)
			}
		}
	})
	if runs.Load() != 320 {
		t.Errorf("320 commands ran %d times", runs.Load())
	}
	for _, aff := range b.affiliates {
		if got := b.standing(aff, "USD"); got != "0.00 1.00 0.00 0.00" { // as many went as came
			t.Errorf("stands at %s", got)
		}
	}
	b.balanced()
}

// transfer moves an amount between two affiliates' PAYABLE.
func transfer(key, from, to string, amount money.Money) ledger.Posting {
	return ledger.Posting{Kind: ledger.Adjustment, SourceKey: "transfer:" + key, Subject: "com_transfer", Sides: []ledger.Side{
		{Account: ledger.Ref{Kind: ledger.PayableAccount, AffiliateID: from}, Amount: amount.Neg()},
		{Account: ledger.Ref{Kind: ledger.PayableAccount, AffiliateID: to}, Amount: amount},
	}}
}

// The same, the way it must not be done: what a balance is read first, and
// written back less the amount. Twenty readers see 50.00 and reserve 30.00 each.
// This shows that the test above has teeth.
func TestReadModifyWriteLosesReservations(t *testing.T) {
	t.Parallel()
	b := openBook(t, 1)
	aff := b.affiliates[0]
	b.fund(aff, usd("50.00"))
	const balance = `SELECT balance_minor FROM ledger_accounts WHERE kind = 'PAYABLE'`
	read := make(chan struct{}, 20)
	all := make(chan struct{})
	go func() {
		for range 20 {
			<-read
		}
		close(all)
	}()
	var made atomic.Int64
	together(20, func(int) {
		was := b.count(balance)
		read <- struct{}{}
		<-all
		if was < 3000 {
			return
		}
		if err := b.run(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE ledger_accounts SET balance_minor = $2 WHERE merchant_id = $1 AND kind = 'PAYABLE'`, tx.MerchantID(), was-3000)
			return err
		}); err == nil {
			made.Add(1)
		}
	})
	left := b.count(balance)
	if made.Load() != 20 || left != 2000 {
		t.Fatalf("%d reservations of 30.00 were made, %d is left of 50.00", made.Load(), left)
	}
	found, err := b.ledger.Verify(b.ctx, nil)
	if err != nil || len(found) != 1 || found[0].Detail != "keeps 2000, its entries sum to 5000" {
		t.Errorf("verify found %v, %v", found, err)
	}
}

// Two refunds of one commission at once, each of 7.00 of its 10.00: one fits.
func TestR4_ConcurrentReversalsNeverExceedTheirOriginal(t *testing.T) {
	t.Parallel()
	b := openBook(t, 1)
	aff := b.affiliates[0]
	for round := range 10 {
		commission, pending := fmt.Sprint("com_", round), round%2 == 0
		b.must(func(ctx context.Context, tx *store.Tx) error {
			if err := b.ledger.AccrueIn(ctx, tx, commission, aff, usd("10.00")); err != nil || pending {
				return err
			}
			return b.ledger.ApproveIn(ctx, tx, commission, aff, usd("10.00"))
		})
		var made, refused atomic.Int64
		together(4, func(i int) {
			switch err := b.run(func(ctx context.Context, tx *store.Tx) error {
				return b.ledger.ReverseIn(ctx, tx, fmt.Sprint("rfn_", i), commission, aff, usd("7.00"), pending)
			}); problem.CodeOf(err) {
			case "":
				made.Add(1)
			case problem.State:
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
		if made.Load() != 1 || refused.Load() != 3 {
			t.Fatalf("%d reversals of 7.00 of 10.00 were made, %d refused", made.Load(), refused.Load())
		}
	}
	if got := b.standing(aff, "USD"); got != "15.00 15.00 0.00 0.00" { // five of each, 3.00 left of each
		t.Errorf("stands at %s", got)
	}
	b.balanced()
}

// Commands that take the same affiliates in opposite orders do not wait for each
// other for ever when they lock them first.
func TestLockInOrdersCommandsThatPostForSeveral(t *testing.T) {
	t.Parallel()
	b := openBook(t, 2)
	for _, aff := range b.affiliates {
		b.fund(aff, usd("1.00"))
	}
	var runs atomic.Int64
	together(16, func(w int) {
		one, two := b.affiliates[w%2], b.affiliates[1-w%2]
		for n := range 10 {
			if err := b.run(func(ctx context.Context, tx *store.Tx) error {
				if runs.Add(1) > 160 {
					return errAgain
				}
				if err := b.ledger.LockIn(ctx, tx, "USD", one, two); err != nil {
					return err
				}
				if err := b.ledger.AdjustIn(ctx, tx, fmt.Sprintf("com_%d_%d_a", w, n), one, usd("1.00"), ""); err != nil {
					return err
				}
				return b.ledger.AdjustIn(ctx, tx, fmt.Sprintf("com_%d_%d_b", w, n), two, usd("1.00"), "")
			}); err != nil {
				t.Error(err)
			}
		}
	})
	if runs.Load() != 160 {
		t.Errorf("160 commands ran %d times", runs.Load())
	}
	for _, aff := range b.affiliates {
		if got := b.standing(aff, "USD"); got != "0.00 161.00 0.00 0.00" {
			t.Errorf("stands at %s", got)
		}
	}
}

// Q67, Q68: what may be paid is net of debts; nobody is paid a debt or nothing.
// Nobody else reserves what a batch has seen.
func TestQ67_PayablesAreNetAndHeld(t *testing.T) {
	t.Parallel()
	b := openBook(t, 5)
	aff := b.affiliates
	b.fund(aff[0], usd("20.00"))
	b.fund(aff[0], usd("-5.00")) // 15.00 net
	b.fund(aff[1], usd("5.00"))
	b.fund(aff[1], usd("-5.00")) // nothing
	b.fund(aff[2], usd("-1.00")) // a debt
	b.fund(aff[3], parse("700", "JPY"))
	b.fund(aff[4], usd("0.01"))
	want := []ledger.Payable{{AffiliateID: aff[0], Amount: usd("15.00")}, {AffiliateID: aff[4], Amount: usd("0.01")}}
	var batches atomic.Int64
	together(8, func(w int) {
		if err := b.run(func(ctx context.Context, tx *store.Tx) error {
			all, err := b.ledger.Payables(ctx, tx, "USD")
			if err != nil || len(all) == 0 {
				return err
			}
			if fmt.Sprint(all) != fmt.Sprint(want) {
				t.Errorf("payable: %v", all)
			}
			for _, one := range all {
				if err := b.ledger.ReserveIn(ctx, tx, fmt.Sprint("pay_", w, one.AffiliateID), one.AffiliateID, one.Amount); err != nil {
					return err
				}
			}
			tx.AfterCommit(func() { batches.Add(1) })
			return nil
		}); err != nil {
			t.Error(err)
		}
	})
	if batches.Load() != 1 {
		t.Errorf("%d batches reserved", batches.Load())
	}
	if got := b.balanceOf(ledger.ReservedAccount, aff[0], "USD"); got != "15.00" {
		t.Errorf("reserved %s", got)
	}
	b.balanced()
}
