package ledger_test

import (
	"context"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/trust"
)

// An affiliate reads its own accounts and nothing else; another merchant reads
// nothing of them.
func TestAffiliatesReadTheirOwnAccountsOnly(t *testing.T) {
	t.Parallel()
	b := openBook(t, 2)
	b.fund(b.affiliates[0], usd("1.00"))
	b.fund(b.affiliates[1], usd("2.00"))
	owner, _ := trust.From(b.ctx)
	mine := owner
	mine.Role, mine.AffiliateID = trust.Affiliate, b.affiliates[0]
	stranger := newBook(t, b.store, 0)
	now := time.Now()
	for _, row := range []struct {
		name, affiliate string
		ctx             context.Context
		code            problem.Code
		balances        int
	}{
		{"the owner, one", b.affiliates[1], b.ctx, "", 1},
		{"the affiliate, its own", b.affiliates[0], trust.With(t.Context(), mine), "", 1},
		{"the affiliate, another's", b.affiliates[1], trust.With(t.Context(), mine), problem.NotFound, 0},
		{"another merchant", b.affiliates[0], stranger.ctx, "", 0},
		{"nobody", b.affiliates[0], t.Context(), problem.Unauthenticated, 0},
	} {
		balances, err := b.ledger.Balances(row.ctx, row.affiliate)
		if problem.CodeOf(err) != row.code || len(balances) != row.balances {
			t.Errorf("%s: balances %v, %v", row.name, balances, err)
		}
		st, err := b.ledger.Statement(row.ctx, period(row.affiliate, now.Add(-time.Hour), now.Add(time.Hour)))
		if problem.CodeOf(err) != row.code || err == nil && len(st.Movements) != row.balances {
			t.Errorf("%s: statement %v, %v", row.name, st, err)
		}
		m, err := b.ledger.BalanceOf(row.ctx, ledger.Ref{Kind: ledger.PayableAccount, AffiliateID: row.affiliate}, "USD")
		if problem.CodeOf(err) != row.code || m.IsZero() != (row.balances == 0) {
			t.Errorf("%s: payable %s, %v", row.name, m, err)
		}
	}
}

func TestTheWholeBookIsForTheMerchant(t *testing.T) {
	t.Parallel()
	b := openBook(t, 2)
	b.fund(b.affiliates[0], usd("1.00"))
	b.fund(b.affiliates[1], usd("2.00"))
	owner, _ := trust.From(b.ctx)
	mine := owner
	mine.Role, mine.AffiliateID = trust.Affiliate, b.affiliates[0]
	for ctx, code := range map[context.Context]problem.Code{b.ctx: "", trust.With(t.Context(), mine): problem.Forbidden, t.Context(): problem.Unauthenticated} {
		for name, read := range map[string]func() error{
			"balances": func() error { _, err := b.ledger.Balances(ctx, ""); return err },
			"expense": func() error {
				_, err := b.ledger.BalanceOf(ctx, ledger.Ref{Kind: ledger.ExpenseAccount}, "USD")
				return err
			},
			"trial":      func() error { _, err := b.ledger.TrialBalance(ctx); return err },
			"verify":     func() error { _, err := b.ledger.Verify(ctx, nil); return err },
			"checkpoint": func() error { _, err := b.ledger.Checkpoint(ctx); return err },
		} {
			if err := read(); problem.CodeOf(err) != code {
				t.Errorf("%s: %v, want %q", name, err, code)
			}
		}
	}
	all, err := b.ledger.Balances(b.ctx, "")
	if err != nil || len(all) != 2 || all[0].AffiliateID >= all[1].AffiliateID || all[0].Payable == all[1].Payable {
		t.Errorf("balances %+v, %v", all, err)
	}
}
