package ledger

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// past is one side that was posted for a subject.
type past struct {
	txID      string
	sourceKey string
	kind      Kind
	account   Ref
	amount    money.Money
}

// pastOf reads what was posted for a commission or payout.
func pastOf(ctx context.Context, tx *store.Tx, subject string) (all []past, err error) {
	err = each(ctx, tx.Query, `SELECT t.id, t.source_key, t.kind, a.kind, a.owner_key, e.currency, e.amount_minor
		FROM ledger_transactions t
		JOIN ledger_entries e ON e.merchant_id = t.merchant_id AND e.transaction_id = t.id
		JOIN ledger_accounts a ON a.merchant_id = e.merchant_id AND a.id = e.account_id
		WHERE t.merchant_id = $1 AND t.subject_id = $2 ORDER BY t.id, e.id`, []any{tx.MerchantID(), subject}, func(rows *sql.Rows) error {
		var p past
		err := rows.Scan(&p.txID, &p.sourceKey, &p.kind, &p.account.Kind, &p.account.AffiliateID, &p.amount.Currency, &p.amount.Minor)
		all = append(all, p)
		return err
	})
	return all, err
}

// sum adds the sides that fit.
func sum(all []past, c money.Currency, fits func(past) bool) (total money.Money, err error) {
	total = money.Zero(c)
	for _, p := range all {
		if fits(p) {
			if total, err = plus(total, p.amount); err != nil {
				return total, err
			}
		}
	}
	return total, nil
}

// lockSubject makes steps about one commission or payout follow one another, by
// the lock on the row of its first transaction. Two refunds that looked at the
// same time would each find enough left to take back.
func lockSubject(ctx context.Context, tx *store.Tx, subject string) error {
	if !tx.Store().Postgres() {
		return nil // one writer
	}
	var first string
	err := tx.QueryRow(ctx, `SELECT id FROM ledger_transactions WHERE merchant_id = $1 AND subject_id = $2
		ORDER BY id LIMIT 1`+forUpdate(tx), tx.MerchantID(), subject).Scan(&first)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// take posts a transfer out of what its subject has in an account. With all it
// must be exactly that, else at most: a commission is approved or rejected as a
// whole, and a payout settled or released. Errors: State.
func (s *Service) take(ctx context.Context, tx *store.Tx, m transfer, all bool) error {
	p, err := m.posting()
	if err != nil || p == nil {
		return err
	}
	before, err := lockedPast(ctx, tx, m)
	if err != nil {
		return err
	}
	if !m.repeated(before) {
		if err := m.covered(before, all); err != nil {
			return err
		}
	}
	p.Reverses = undone(inCurrency(before, m.amount.Currency), undoes[p.Kind])
	_, _, err = s.PostIn(ctx, tx, *p)
	return err
}

// lockedPast is pastOf a transfer's subject under its lock, as its affiliate has it.
func lockedPast(ctx context.Context, tx *store.Tx, m transfer) ([]past, error) {
	if err := lockSubject(ctx, tx, m.subject); err != nil {
		return nil, err
	}
	all, err := pastOf(ctx, tx, m.subject)
	if err != nil {
		return nil, err
	}
	return inHandsOf(ctx, tx, all, m.whose())
}

// undoes says which transactions a kind takes back.
var undoes = map[Kind][]Kind{Reversal: {Accrual, Adjustment, Exchange}, Rejection: {Accrual, Exchange}, Release: {Reservation}, Return: {Payout}}

// undone gives the newest transaction of one of the kinds, "" when there is none.
func undone(before []past, kinds []Kind) (txID string) {
	for _, p := range before {
		if slices.Contains(kinds, p.kind) {
			txID = p.txID
		}
	}
	return txID
}

func (m transfer) repeated(before []past) bool {
	for _, p := range before {
		if p.sourceKey == m.key {
			return true
		}
	}
	return false
}

// restorable refuses to give again what was not reversed.
func (m transfer) restorable(before []past) error {
	reversed, err := sum(before, m.amount.Currency, func(p past) bool {
		return p.kind == Reversal && p.account == m.from && p.amount.Currency == m.amount.Currency
	})
	if err == nil && reversed.Minor < m.amount.Minor {
		err = problem.At(problem.State, "amount", "%s of %s stands reversed; %s cannot be given again", reversed, m.subject, m.amount)
	}
	return err
}

// covered refuses to take what the subject does not have where it is taken from.
func (m transfer) covered(before []past, all bool) error {
	have, err := sum(before, m.amount.Currency, func(p past) bool {
		return p.account == m.from && p.amount.Currency == m.amount.Currency
	})
	if err != nil {
		return err
	}
	if have.Minor < m.amount.Minor || all && have != m.amount {
		return problem.At(problem.State, "amount", "%s has %s %s; %s cannot be taken from it", m.subject, have, m.from.Kind, m.amount)
	}
	return nil
}
