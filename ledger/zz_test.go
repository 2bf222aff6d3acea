package ledger_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/ledger"
)

func TestZZBig(t *testing.T) {
	clock := storetest.NewClock()
	b := newBook(t, storetest.OpenAt(t, clock), 200)
	b.ledger = ledger.New(ledger.Config{Store: b.store, Span: 1000})
	for _, a := range b.affiliates {
		b.accrue(id.New(id.Commission, clock.Now()), a, usd("0.01"))
	}
	b.must(func(ctx context.Context, tx *store.Tx) error {
		for n := 0; n < 60; n++ {
			for i, a := range b.affiliates {
				if (i+n)%20 != 0 { continue }
				_ = a
			}
		}
		pg := `generate_series(1, 60000) n`
		if !b.store.Postgres() {
			pg = `(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c WHERE n < 60000) SELECT n FROM c) n`
		}
		N := "n.n"
		if b.store.Postgres() { N = "n" }
		pad := func(x string) string { return `substr('00000000000' || ` + x + `, length('' || ` + x + `), 11)` }
		if b.store.Postgres() { pad = func(x string) string { return `lpad(CAST(` + x + ` AS text), 11, '0')` } }
		for _, q := range []string{
			`INSERT INTO ledger_transactions (id, merchant_id, created_at, kind, source_key, subject_id) SELECT 'ltx_zz' || ` + pad(N) + `, $1, (SELECT max(created_at) FROM ledger_transactions), 'ACCRUAL', 'zz' || ` + N + `, 'com' || ` + N + ` FROM ` + pg,
			`INSERT INTO ledger_entries (id, merchant_id, created_at, currency, amount_minor, account_id, transaction_id) SELECT substr(e.id, 1, 20) || ` + pad(N) + `, $1, e.created_at, 'USD', -1, e.account_id, 'ltx_zz' || ` + pad(N) + ` FROM ` + pg + `, (SELECT * FROM ledger_entries WHERE amount_minor < 0 LIMIT 1) e`,
			`INSERT INTO ledger_entries (id, merchant_id, created_at, currency, amount_minor, account_id, transaction_id) SELECT substr(e.id, 1, 20) || 'y' || ` + pad(N) + `, $1, e.created_at, 'USD', 1, e.account_id, 'ltx_zz' || ` + pad(N) + ` FROM ` + pg + `, (SELECT *, row_number() OVER (ORDER BY id) r FROM ledger_entries WHERE amount_minor > 0) e WHERE e.r = 1 + ` + N + ` % 200`,
		} {
			if _, err := tx.Exec(ctx, q, tx.MerchantID()); err != nil { return err }
		}
		return nil
	})
	if b.store.Postgres() && os.Getenv("ANALYZE") != "" {
		b.must(func(ctx context.Context, tx *store.Tx) error {
			for _, q := range []string{"ledger_entries", "ledger_transactions", "ledger_accounts"} {
				if _, err := tx.Exec(ctx, "ANALYZE "+q); err != nil { return err }
			}
			return nil
		})
	}
	clock.Advance(time.Hour)
	tm := func(name string, fn func() any) {
		s := time.Now()
		out := fn()
		t.Log(name, time.Since(s), fmt.Sprintf("%.80s", fmt.Sprint(out)))
	}
	for range 2 {
		tm("expense", func() any { return b.balanceOf(ledger.ExpenseAccount, "", "USD") })
		tm("balances all", func() any {
			r, err := b.ledger.Balances(b.ctx, "")
			if err != nil { t.Fatal(err) }
			return len(r)
		})
		tm("balances one", func() any {
			r, err := b.ledger.Balances(b.ctx, b.affiliates[3])
			if err != nil { t.Fatal(err) }
			return r
		})
		tm("trial", func() any {
			r, err := b.ledger.TrialBalance(b.ctx)
			if err != nil { t.Fatal(err) }
			return r
		})
		tm("verify", func() any {
			r, err := b.ledger.Verify(b.ctx, nil)
			if err != nil { t.Fatal(err) }
			return r
		})
		tm("statement", func() any {
			r, err := b.ledger.Statement(b.ctx, b.affiliates[3], "USD", clock.Now().Add(-90*time.Minute), clock.Now())
			if err != nil { t.Fatal(err) }
			return len(r.Movements)
		})
		tm("checkpoint", func() any {
			r, err := b.ledger.Checkpoint(b.ctx)
			if err != nil { t.Fatal(err) }
			return r
		})
		for i, q := range ledger.Explainable {
			pre := "EXPLAIN ANALYZE "
			if !b.store.Postgres() { pre = "EXPLAIN QUERY PLAN " }
			args := [][]any{{mid(b)}, {mid(b), b.affiliates[3], "USD", clock.Now().Add(-90*time.Minute), clock.Now()}}[i]
			rows, err := b.store.Read(b.ctx, pre+q, args...)
			if err != nil { t.Fatal(err) }
			for rows.Next() {
				var s string; var x, y, z int
				if b.store.Postgres() { err = rows.Scan(&s) } else { err = rows.Scan(&x, &y, &z, &s) }
				if len(s) > 190 { s = s[:190] }
				t.Log(s, err)
			}
			rows.Close()
		}
	}
}

func mid(b *book) string { v := b.count; _ = v; rows, _ := b.store.Read(b.ctx, "SELECT id FROM merchants"); defer rows.Close(); rows.Next(); var s string; rows.Scan(&s); return s }
