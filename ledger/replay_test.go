package ledger_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
)

// together runs fn n times at once and waits.
func together(n int, fn func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() { <-start; fn(i) })
	}
	close(start)
	all.Wait()
}

func TestR4_SixtyFourCallersWithOneSourceKeyPostOnce(t *testing.T) {
	t.Parallel()
	b := openBook(t, 1)
	p := ledger.Posting{Kind: ledger.Adjustment, SourceKey: "once", Subject: "com_1", Sides: []ledger.Side{
		{Account: ledger.Ref{Kind: ledger.ExpenseAccount}, Amount: usd("-7.00")},
		{Account: ledger.Ref{Kind: ledger.PayableAccount, AffiliateID: b.affiliates[0]}, Amount: usd("7.00")},
	}}
	var first atomic.Int64
	var ids sync.Map
	together(64, func(int) {
		err := b.run(func(ctx context.Context, tx *store.Tx) error {
			txID, posted, err := b.ledger.PostIn(ctx, tx, p)
			if err != nil {
				return err
			}
			tx.AfterCommit(func() {
				ids.Store(txID, true)
				if posted {
					first.Add(1)
				}
			})
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	different := 0
	ids.Range(func(any, any) bool { different++; return true })
	if first.Load() != 1 || different != 1 {
		t.Errorf("%d callers posted, %d transactions were answered", first.Load(), different)
	}
	if got := b.standing(b.affiliates[0], "USD"); got != "0.00 7.00 0.00 0.00" {
		t.Errorf("stands at %s", got)
	}
	b.balanced()
}

func TestRepeatedKeyThatSaysSomethingElseIsAConflict(t *testing.T) {
	t.Parallel()
	b := openBook(t, 2)
	l := b.ledger
	accrue := func(commission, aff, amount string) func(context.Context, *store.Tx) error {
		return func(ctx context.Context, tx *store.Tx) error {
			return l.AccrueIn(ctx, tx, commission, aff, usd(amount))
		}
	}
	b.must(accrue("com_1", b.affiliates[0], "5.00"))
	b.must(accrue("com_1", b.affiliates[0], "5.00"))
	b.refused(problem.Conflict, accrue("com_1", b.affiliates[0], "5.01"))
	b.refused(problem.Conflict, accrue("com_1", b.affiliates[1], "5.00"))
	b.refused(problem.Conflict, func(ctx context.Context, tx *store.Tx) error {
		_, _, err := l.PostIn(ctx, tx, ledger.Posting{Kind: ledger.Accrual, SourceKey: "accrue:com_1", Subject: "com_2", Sides: sides(b.affiliates[0], -500, 500)})
		return err
	})
	b.refused(problem.Conflict, func(ctx context.Context, tx *store.Tx) error { // a side more
		_, _, err := l.PostIn(ctx, tx, ledger.Posting{Kind: ledger.Accrual, SourceKey: "accrue:com_1", Subject: "com_1", Sides: sides(b.affiliates[0], -500, 400, 100)})
		return err
	})
	if n := b.count(`SELECT COUNT(*) FROM ledger_transactions`); n != 1 {
		t.Errorf("%d transactions", n)
	}
}

// One merchant's source keys mean nothing to another.
func TestSourceKeysAreTheMerchantsOwn(t *testing.T) {
	t.Parallel()
	b := openBook(t, 1)
	other := newBook(t, b.store, 1)
	for _, one := range []*book{b, other} {
		one.must(func(ctx context.Context, tx *store.Tx) error {
			return b.ledger.AccrueIn(ctx, tx, "com_1", one.affiliates[0], usd("5.00"))
		})
		if got := one.standing(one.affiliates[0], "USD"); got != "5.00 0.00 0.00 0.00" {
			t.Errorf("stands at %s", got)
		}
	}
}

// Sixty-four first postings race to open the same accounts.
func TestAccountsAreOpenedOnce(t *testing.T) {
	t.Parallel()
	b := openBook(t, 4)
	together(64, func(i int) {
		if err := b.run(func(ctx context.Context, tx *store.Tx) error {
			l := ledger.New(ledger.Config{Store: b.store}) // as another server: nothing remembered
			for j := range 2 {
				if err := l.AccrueIn(ctx, tx, "com_"+string(rune('a'+i%26))+string(rune('a'+i/26))+string(rune('a'+j)), b.affiliates[(i+j)%4], usd("1.00")); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	})
	if n := b.count(`SELECT COUNT(*) FROM ledger_accounts`); n != 3+4*3 { // three of the merchant, three of each affiliate
		t.Errorf("%d accounts", n)
	}
	if got := b.balanceOf(ledger.ExpenseAccount, "", "USD"); got != "-128.00" { // 64 · 2 · 1.00
		t.Errorf("expense %s", got)
	}
	b.balanced()
}
