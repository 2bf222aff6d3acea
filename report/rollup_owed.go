package report

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"
)

// owed is a commission and what the book says of it.
type owed struct {
	name, conversion, program, affiliate, status, currency string
	level                                                  int
	live                                                   bool // no other decision took its place
	amount, reversed                                       int64
	earned, decided                                        time.Time // decided is zero until it is
	book                                                   []posted
}

// posted is what the book holds for a commission, in one currency.
type posted struct {
	currency          string
	pending, approved int64
}

// commissionsBy reads commissions whose column is one of some values, the oldest
// first, with what the book says.
func commissionsBy(ctx context.Context, query queryer, merchant, column string, among []string) ([]*owed, error) {
	args := []any{merchant}
	rows, err := query(ctx, `SELECT k.id, coalesce(k.conversion_id, ''), k.program_id, k.affiliate_id, k.status, k.currency, k.level,
			k.superseded_at, k.amount_minor, k.reversed_minor, k.earned_at, k.decided_at
		FROM commissions k WHERE k.merchant_id = $1 AND `+column+` IN `+list(&args, among), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*owed
	byName := map[string]*owed{}
	for rows.Next() {
		o := &owed{}
		var superseded, decided sql.NullTime
		err := rows.Scan(&o.name, &o.conversion, &o.program, &o.affiliate, &o.status, &o.currency, &o.level,
			&superseded, &o.amount, &o.reversed, &o.earned, &decided)
		if err != nil {
			return nil, err
		}
		o.live, o.decided = !superseded.Valid, decided.Time
		all, byName[o.name] = append(all, o), o
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b *owed) int { return cmp.Compare(a.name, b.name) })
	return all, booked(ctx, query, merchant, all, byName)
}

// booked reads what the book holds for commissions.
func booked(ctx context.Context, query queryer, merchant string, all []*owed, byName map[string]*owed) error {
	for chunk := range slices.Chunk(all, sourcesAtOnce) {
		names := make([]string, len(chunk))
		for i, o := range chunk {
			names[i] = o.name
		}
		args := []any{merchant}
		rows, err := query(ctx, `SELECT t.subject_id, e.currency, CAST(sum(CASE WHEN a.kind = 'PENDING' THEN e.amount_minor ELSE 0 END) AS bigint),
				CAST(sum(CASE WHEN a.kind = 'PAYABLE' THEN e.amount_minor ELSE 0 END) AS bigint)
			FROM ledger_transactions t JOIN ledger_entries e ON e.merchant_id = t.merchant_id AND e.transaction_id = t.id
			JOIN ledger_accounts a ON a.merchant_id = e.merchant_id AND a.id = e.account_id
			WHERE t.merchant_id = $1 AND a.kind IN ('PENDING', 'PAYABLE') AND t.subject_id IN `+list(&args, names)+` GROUP BY 1, 2`, args...)
		if err != nil {
			return err
		}
		if err := scanBook(rows, byName); err != nil {
			return err
		}
	}
	return nil
}

func scanBook(rows *sql.Rows, byName map[string]*owed) error {
	defer rows.Close()
	for rows.Next() {
		var name string
		var p posted
		if err := rows.Scan(&name, &p.currency, &p.pending, &p.approved); err != nil {
			return err
		}
		byName[name].book = append(byName[name].book, p)
	}
	return rows.Err()
}

// approval is when a commission was approved, whatever was taken back of it later; the
// zero time when it never was. One that was adjusted by hand was payable from the first.
func (o *owed) approval() time.Time {
	switch {
	case o.status == "REJECTED":
		return time.Time{}
	case !o.decided.IsZero():
		return o.decided
	case slices.ContainsFunc(o.book, func(p posted) bool { return p.approved != 0 }):
		return o.earned
	}
	return time.Time{}
}

// share adds a commission to the buckets of its dates.
func (o *owed) share(out share, b bucket, click, conversion time.Time) {
	byCurrency := map[string]figures{o.currency: {ofReversed: o.reversed}}
	if o.status == "REJECTED" {
		byCurrency[o.currency] = figures{ofReversed: o.reversed, ofRejected: o.amount}
	}
	for _, p := range o.book {
		f := byCurrency[p.currency]
		f[ofPending], f[ofApproved] = f[ofPending]+p.pending, f[ofApproved]+p.approved
		byCurrency[p.currency] = f
	}
	for currency, f := range byCurrency {
		b[atCurrency] = currency
		dated(out, b, f, click, conversion, o.approval())
	}
}

// ofOthers are commissions that no conversion earned: they count for when they
// were earned.
func ofOthers(ctx context.Context, query queryer, merchant string, names []string, out map[string]share) error {
	all, err := commissionsBy(ctx, query, merchant, "k.id", names)
	for _, o := range all {
		if o.conversion != "" {
			continue
		}
		out[o.name] = share{}
		o.share(out[o.name], bucket{atProgram: o.program, atAffiliate: o.affiliate}, o.earned, o.earned)
	}
	return err
}
