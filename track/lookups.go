package track

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/internal/store"
)

// Look-ups that every order makes, each in one statement where the row's own
// query would take two or three. Every arm names the merchant and finds its rows
// by a key, so that no plan reads a table.

const customerColumns = `id, identity_hash, email_hash, self_hash, email_sealed, name_sealed, orders, segment, lifecycle_stage`

// findCustomer gives the buyer of that identity, else the first of that address,
// else nil; without the instant of its making.
func findCustomer(ctx context.Context, tx *store.Tx, who identity) (*ent.Customer, error) {
	query, args := `SELECT `+customerColumns+`, 0 AS rank FROM customers WHERE merchant_id = $1 AND identity_hash = $2`, []any{tx.MerchantID(), who.key}
	if who.email != nil {
		query += ` UNION ALL SELECT ` + customerColumns + `, 1 AS rank FROM customers WHERE merchant_id = $3 AND email_hash = $4 ORDER BY rank, id LIMIT 1`
		args = append(args, tx.MerchantID(), who.email)
	}
	c := ent.Customer{MerchantID: tx.MerchantID()}
	var rank int
	err := tx.QueryRow(ctx, query, args...).Scan(&c.ID, &c.IdentityHash, &c.EmailHash, &c.SelfHash, &c.EmailSealed, &c.NameSealed, &c.Orders, &c.Segment, &c.LifecycleStage, &rank)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &c, err
}

// participation is what a decision needs to know of an affiliate.
type participation struct {
	id, status, group string
	payIn             string // the currency it asked to be paid in; ""
	enrollment        string // "" without a place in the program
	buyer             bool   // its address is the buyer's
}

// participations reads affiliates by id and by the addresses of the buyer. One
// that is both is given twice.
func participations(ctx context.Context, tx *store.Tx, programID string, ids []string, addresses [][]byte) (found []participation, err error) {
	args := []any{programID, tx.MerchantID()}
	arm := func(column string, keys int) string {
		return `SELECT a.id, a.status, coalesce(a.group_id, ''), coalesce(e.status, ''), coalesce(a.payout_currency, ''), ` + fmt.Sprint(column != "id") + `
			FROM affiliates a LEFT JOIN enrollments e ON e.merchant_id = a.merchant_id AND e.affiliate_id = a.id AND e.program_id = $1
			WHERE a.merchant_id = $2 AND a.` + column + ` IN (` + marks(len(args)-keys, keys) + `)`
	}
	for _, id := range ids {
		args = append(args, id)
	}
	query := arm("id", len(ids))
	if len(addresses) > 0 {
		for _, hash := range addresses {
			args = append(args, hash)
		}
		query += ` UNION ALL ` + arm("email_hash", len(addresses))
	}
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var p participation
		if err := rows.Scan(&p.id, &p.status, &p.group, &p.enrollment, &p.payIn, &p.buyer); err != nil {
			return nil, err
		}
		found = append(found, p)
	}
	return found, rows.Err()
}

// survivorsOf gives who those of some affiliates are now who were merged. Nobody but who
// is archived can have been, so orders of everybody else ask nothing.
func survivorsOf(ctx context.Context, tx *store.Tx, found []participation) (now map[string]string, err error) {
	args := []any{tx.MerchantID()}
	for _, p := range found {
		if p.status == string(affiliate.StatusARCHIVED) {
			args = append(args, p.id)
		}
	}
	if len(args) == 1 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, `SELECT from_id, survivor_id FROM affiliate_merges WHERE merchant_id = $1 AND from_id IN (`+marks(1, len(args)-1)+`)`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	now = map[string]string{}
	for rows.Next() {
		var from, survivor string
		if err := rows.Scan(&from, &survivor); err != nil {
			return nil, err
		}
		now[from] = survivor
	}
	return now, rows.Err()
}

// marks spells n placeholders after the first so many.
func marks(after, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("$%d", after+i+1)
	}
	return strings.Join(all, ", ")
}
