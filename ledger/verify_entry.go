package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// ways says which accounts a kind of transaction takes from and gives to, where
// that never changes. An adjustment goes either way, a reversal's restoring too.
var ways = map[Kind]struct{ from, to []AccountKind }{
	Accrual:     {[]AccountKind{ExpenseAccount, ExchangeAccount}, []AccountKind{PendingAccount, ExchangeAccount}},
	Approval:    {[]AccountKind{PendingAccount}, []AccountKind{PayableAccount}},
	Rejection:   {[]AccountKind{PendingAccount, ExchangeAccount}, []AccountKind{ExpenseAccount, ExchangeAccount}},
	Exchange:    {[]AccountKind{PendingAccount, ExchangeAccount}, []AccountKind{PendingAccount, ExchangeAccount}},
	Reservation: {[]AccountKind{PayableAccount}, []AccountKind{ReservedAccount}},
	Release:     {[]AccountKind{ReservedAccount}, []AccountKind{PayableAccount}},
	Payout:      {[]AccountKind{ReservedAccount}, []AccountKind{ClearingAccount}},
	Merge:       {affiliateKinds, affiliateKinds},
	Return:      {[]AccountKind{ClearingAccount}, []AccountKind{PayableAccount}},
}

// suspect is an entry with what surrounds it.
type suspect struct {
	id, transaction string
	minor           int64
	kind            Kind
	account         AccountKind
	drifts          bool // another instant than its transaction's
	backwards       bool // its transaction takes back what is no other one about the same
}

// entries reads every entry with its account and transaction.
func (v *verifier) entries(ctx context.Context, after string) (last string, n int, err error) {
	err = each(ctx, v.store.Read, `SELECT e.id, e.transaction_id, e.amount_minor, t.kind, a.kind, e.created_at <> t.created_at,
		t.reverses_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ledger_transactions r WHERE r.merchant_id = t.merchant_id
			AND r.id = t.reverses_id AND r.id <> t.id AND r.subject_id = t.subject_id)
		FROM (SELECT * FROM ledger_entries WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3) e
		JOIN ledger_transactions t ON t.merchant_id = e.merchant_id AND t.id = e.transaction_id
		JOIN ledger_accounts a ON a.merchant_id = e.merchant_id AND a.id = e.account_id ORDER BY e.id`,
		[]any{v.merchant, after, transactionPage}, func(rows *sql.Rows) error {
			var e suspect
			if err := rows.Scan(&e.id, &e.transaction, &e.minor, &e.kind, &e.account, &e.drifts, &e.backwards); err != nil {
				return err
			}
			last, n = e.id, n+1
			v.entry(e)
			return nil
		})
	return last, n, err
}

func (v *verifier) entry(e suspect) {
	way, fixed := ways[e.kind]
	switch {
	case e.minor == 0:
		v.find("entry", e.id, "of %s moves nothing", e.transaction)
	case e.drifts:
		v.find("entry", e.id, "has another instant than %s", e.transaction)
	case fixed && e.minor < 0 && !slices.Contains(way.from, e.account), fixed && e.minor > 0 && !slices.Contains(way.to, e.account):
		v.find("entry", e.id, "of %s, %s, moves %d on %s", e.transaction, e.kind, e.minor, e.account)
	case e.backwards:
		v.find("entry", e.id, "of %s takes back what is no other transaction about the same", e.transaction)
	}
}

// list adds to the transactions that do not sum up what their entries are.
func (v *verifier) list(ctx context.Context) error {
	for _, i := range v.uneven {
		var sides []string
		err := each(ctx, v.store.Read, `SELECT id, amount_minor FROM ledger_entries WHERE merchant_id = $1 AND transaction_id = $2 ORDER BY id`,
			[]any{v.merchant, v.found[i].ID}, func(rows *sql.Rows) error {
				var id string
				var minor int64
				err := rows.Scan(&id, &minor)
				sides = append(sides, fmt.Sprint(id, " ", minor))
				return err
			})
		if err != nil {
			return err
		}
		v.found[i].Detail += ": " + strings.Join(sides, ", ")
	}
	v.uneven = nil
	return nil
}
