package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// Accrued is what a commission was accrued.
type Accrued struct {
	CommissionID, AffiliateID string
	Amount                    money.Money
}

// AccrueAllIn accrues the commissions of one sale, in as many statements as one of
// them would take. All are in one currency. A repeat of all, or of some, posts only
// what was not posted. Errors: those of PostIn.
func (s *Service) AccrueAllIn(ctx context.Context, tx *store.Tx, all []Accrued, why ...Cause) error {
	var ps []Posting
	for _, a := range all {
		p, err := transfer{kind: Accrual, key: "accrue:" + a.CommissionID, subject: a.CommissionID, from: Ref{Kind: ExpenseAccount}, to: Ref{PendingAccount, a.AffiliateID}, amount: a.Amount, cause: why}.posting()
		switch {
		case err != nil:
			return err
		case p == nil:
			continue
		}
		if err := p.validate(); err != nil {
			return err
		}
		if p.currency() != all[0].Amount.Currency {
			return problem.New(problem.CurrencyMismatch, "the commissions of a sale have one currency")
		}
		ps = append(ps, *p)
	}
	for len(ps) > 0 {
		n := min(len(ps), maxSides/2)
		if err := s.accrueSome(ctx, tx, ps[:n]); err != nil {
			return err
		}
		ps = ps[n:]
	}
	return nil
}

// accrueSome writes postings of one cause and currency between accounts that are
// not guarded: nothing else is locked or moved.
func (s *Service) accrueSome(ctx context.Context, tx *store.Tx, ps []Posting) error {
	var refs []Ref
	for _, p := range ps {
		for _, ref := range p.refs() {
			if !slices.Contains(refs, ref) {
				refs = append(refs, ref)
			}
		}
	}
	accounts, err := s.resolve(ctx, tx, refs, ps[0].currency())
	if err != nil {
		return err
	}
	ids := make([]string, len(ps))
	for i := range ps {
		ids[i] = tx.ID(id.Transaction)
	}
	made, err := beginAll(ctx, tx, ids, ps)
	if err != nil {
		return err
	}
	var lines []line
	for i, p := range ps {
		own := p.lines(ids[i], accounts)
		if made[ids[i]] {
			lines = append(lines, own...)
		} else if _, err := s.repeat(ctx, tx, p, own); err != nil {
			return err
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return s.enter(ctx, tx, ps[0].currency(), lines)
}

// beginAll writes the transactions' rows and says which were not there already.
func beginAll(ctx context.Context, tx *store.Tx, ids []string, ps []Posting) (made map[string]bool, err error) {
	from, cause := "", ps[0].Cause
	if tx.Store().Postgres() {
		from = `, (SELECT pg_advisory_xact_lock_shared(` + bookLock + `)) AS held`
	}
	args := []any{tx.MerchantID(), tx.MerchantTime(), string(ps[0].Kind), none(cause.ID), cause.when()}
	rows := make([]string, len(ps))
	for i, p := range ps {
		n := len(args)
		rows[i] = fmt.Sprintf("(CAST($%d AS text), CAST($%d AS text), CAST($%d AS text))", n+1, n+2, n+3)
		args = append(args, ids[i], p.SourceKey, p.Subject)
	}
	made = make(map[string]bool, len(ps))
	err = each(ctx, tx.Query, `INSERT INTO ledger_transactions
		(merchant_id, id, created_at, kind, source_key, subject_id, memo, cause_id, event_at)
		SELECT $1, e.column1, CAST($2 AS `+instant(tx)+`), $3, e.column2, e.column3, '', $4, CAST($5 AS `+instant(tx)+`)
		FROM (VALUES `+strings.Join(rows, ", ")+`) AS e`+from+` WHERE true
		ON CONFLICT (merchant_id, source_key) DO NOTHING RETURNING id`, args, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		made[id] = true
		return err
	})
	return made, err
}
