package roster

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/tributary/tributary/internal/store"
)

// ask is the raw door of a command or of a reader outside one. Every question
// below names the merchant and follows one of two indexes, one row per step: an
// affiliate's recruiter by (merchant, id), its recruits by (merchant, parent, id).
type ask func(ctx context.Context, query string, args ...any) (*sql.Rows, error)

// inside asks in a command's transaction, outside in one of its own.
func inside(tx *store.Tx) ask   { return tx.Query }
func (s *Service) outside() ask { return s.store.Read }

const (
	// above walks up from an affiliate ($2), which is its level 0, no further than
	// another ($3) or that many levels ($4), and says of each whether its recruiter
	// has a later recruit.
	above = `WITH RECURSIVE up (id, parent_id, level) AS (
			SELECT id, parent_id, 0 FROM affiliates WHERE merchant_id = $1 AND id = $2
			UNION ALL
			SELECT a.id, a.parent_id, up.level + 1 FROM up JOIN affiliates a ON a.merchant_id = $1 AND a.id = up.parent_id
			WHERE up.id <> $3 AND up.level < $4)
		SELECT up.id, coalesce(up.parent_id, ''), up.level,
			EXISTS (SELECT 1 FROM affiliates s WHERE s.merchant_id = $1 AND s.parent_id = up.parent_id AND s.id > up.id), up.level > 0
		FROM up ORDER BY up.level`

	// below says whether one ($3) is above another ($2). UNION, not UNION ALL: were
	// a circle ever to get into the rows, the question would still end.
	below = `WITH RECURSIVE up (id) AS (
			SELECT parent_id FROM affiliates WHERE merchant_id = $1 AND id = $2
			UNION
			SELECT a.parent_id FROM up JOIN affiliates a ON a.merchant_id = $1 AND a.id = up.id)
		SELECT EXISTS (SELECT 1 FROM up WHERE id = $3)`

	// uplines walks up from several affiliates at once (marks from $4 on), which are
	// their own level 0, at most so many levels ($2), and says of each one above
	// whether it is active in a program ($3), and whether one of its address hashes
	// (after the affiliates) is the buyer's.
	uplines = `WITH RECURSIVE up (root, id, parent_id, level) AS (
			SELECT id, id, parent_id, 0 FROM affiliates WHERE merchant_id = $1 AND id IN (%s)
			UNION ALL
			SELECT up.root, a.id, a.parent_id, up.level + 1 FROM up JOIN affiliates a ON a.merchant_id = $1 AND a.id = up.parent_id
			WHERE up.level < $2)
		SELECT up.root, up.id, CASE WHEN a.status <> 'ACTIVE' OR e.status = 'ACTIVE' THEN a.status ELSE 'NOT_ENROLLED' END, %s, coalesce(a.payout_currency, '')
		FROM up JOIN affiliates a ON a.merchant_id = $1 AND a.id = up.id
		LEFT JOIN enrollments e ON e.merchant_id = $1 AND e.program_id = $3 AND e.affiliate_id = up.id
		WHERE up.level > 0 ORDER BY up.root, up.level`

	// mergedBuyer says whether one of the addresses is that of somebody who was merged
	// into an affiliate: the two are one person.
	mergedBuyer = `EXISTS (SELECT 1 FROM affiliate_merges g JOIN affiliates f ON f.merchant_id = $1 AND f.id = g.from_id
		WHERE g.merchant_id = $1 AND g.survivor_id = a.id AND f.email_hash IN (%s))`

	// children are so many recruits ($4) of an affiliate ($2) after one ($3), each
	// with whether it has recruits.
	children = `SELECT a.id, EXISTS (SELECT 1 FROM affiliates c WHERE c.merchant_id = $1 AND c.parent_id = a.id)
		FROM affiliates a WHERE a.merchant_id = $1 AND a.parent_id = $2 AND a.id > $3 ORDER BY a.id LIMIT $4`

	// spine is the first recruit of an affiliate ($2), the first of that one and so
	// on, at most so many ($3), each with whether
	// its recruiter has a later recruit, and whether it has any.
	spine = `WITH RECURSIVE down (id, parent_id, level) AS (
			SELECT id, parent_id, 0 FROM affiliates WHERE merchant_id = $1 AND id = $2
			UNION ALL
			SELECT (SELECT min(a.id) FROM affiliates a WHERE a.merchant_id = $1 AND a.parent_id = down.id), down.id, down.level + 1
			FROM down WHERE down.level < $3 AND down.id IS NOT NULL)
		SELECT down.id, down.parent_id, down.level,
			EXISTS (SELECT 1 FROM affiliates s WHERE s.merchant_id = $1 AND s.parent_id = down.parent_id AND s.id > down.id),
			EXISTS (SELECT 1 FROM affiliates c WHERE c.merchant_id = $1 AND c.parent_id = down.id)
		FROM down WHERE down.level > 0 AND down.id IS NOT NULL ORDER BY down.level`

	// direct counts recruits, up to a bound ($3).
	direct = `SELECT count(*) FROM (SELECT 1 FROM affiliates WHERE merchant_id = $1 AND parent_id = $2 LIMIT $3) AS counted`
)

// step is one affiliate on the way up, or down.
type step struct {
	id, parent string
	level      int  // steps from the one asked about
	later      bool // its recruiter has a later recruit
	recruits   bool // it has any
}

// climb walks up from an affiliate, no further than until and at most so many levels.
func climb(ctx context.Context, q ask, merchant, from, until string, most int) ([]step, error) {
	return collect(ctx, q, above, (*step).scan, merchant, from, until, most)
}

// dive walks down from an affiliate by first recruits, at most so many levels.
func dive(ctx context.Context, q ask, merchant, from string, most int) ([]step, error) {
	return collect(ctx, q, spine, (*step).scan, merchant, from, most)
}

func (s *step) scan(rows *sql.Rows) error {
	return rows.Scan(&s.id, &s.parent, &s.level, &s.later, &s.recruits)
}

// climbAll walks up from several affiliates, at most so many levels.
func climbAll(ctx context.Context, q ask, merchant, programID string, ids []string, most int, addresses [][]byte) ([]Upper, error) {
	args := []any{merchant, most, programID}
	marks := func(n int) string {
		all := make([]string, n)
		for i := range all {
			all[i] = fmt.Sprintf("$%d", len(args)+i+1)
		}
		return strings.Join(all, ", ")
	}
	roots, buyer := marks(len(ids)), "false"
	for _, id := range ids {
		args = append(args, id)
	}
	if len(addresses) > 0 {
		hashes := marks(len(addresses))
		buyer = "(a.email_hash IS NOT NULL AND a.email_hash IN (" + hashes + ") OR " + fmt.Sprintf(mergedBuyer, hashes) + ")"
		for _, hash := range addresses {
			args = append(args, hash)
		}
	}
	return collect(ctx, q, fmt.Sprintf(uplines, roots, buyer), func(u *Upper, rows *sql.Rows) error {
		return rows.Scan(&u.Of, &u.AffiliateID, &u.Status, &u.Buyer, &u.PayIn)
	}, args...)
}

// child is one recruit.
type child struct {
	id       string
	recruits bool // it has any
}

func recruitsOf(ctx context.Context, q ask, merchant, parent, after string, most int) ([]child, error) {
	return collect(ctx, q, children, func(c *child, rows *sql.Rows) error { return rows.Scan(&c.id, &c.recruits) }, merchant, parent, after, most)
}

// single is a question with one answer.
func single[T any](ctx context.Context, q ask, query string, args ...any) (answer T, err error) {
	answers, err := collect(ctx, q, query, func(v *T, rows *sql.Rows) error { return rows.Scan(v) }, args...)
	if len(answers) > 0 {
		answer = answers[0]
	}
	return answer, err
}

func collect[T any](ctx context.Context, q ask, query string, scan func(*T, *sql.Rows) error, args ...any) (all []T, err error) {
	rows, err := q(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one T
		if err := scan(&one, rows); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
