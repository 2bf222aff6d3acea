package report

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// sourceQueries name everything that may count, each kind by a page after a
// place. $1 is the merchant.
var sourceQueries = []struct{ name, query string }{
	{"conversions", `SELECT id FROM conversions WHERE merchant_id = $1`},
	{"other commissions", `SELECT id FROM commissions WHERE merchant_id = $1 AND conversion_id IS NULL`},
	{"payouts", `SELECT DISTINCT subject_id FROM ledger_transactions WHERE merchant_id = $1 AND kind = 'PAYOUT'`},
}

// VerifyRollups compares all rollups of the viewer's merchant with what the rows
// they sum up come to, bucket by bucket, at a moment at which nothing was written.
// progress, which may be nil, hears what was read. Errors: Forbidden for an
// affiliate; Unavailable when such a moment does not come.
func (s *Service) VerifyRollups(ctx context.Context, progress func(check string, done int64)) ([]store.Finding, error) {
	v, err := staff(ctx)
	if err != nil {
		return nil, err
	}
	for range quietTries {
		place, err := s.catchUpOf(ctx, s.RollupFollower())
		if err != nil {
			return nil, err
		}
		want, err := everything(ctx, s.store.Read, v.MerchantID, progress)
		if err != nil {
			return nil, err
		}
		have, err := rollupsOf(ctx, s.store.Read, v.MerchantID)
		if err != nil {
			return nil, err
		}
		if quiet, err := s.nothingSince(ctx, v.MerchantID, place); err != nil || quiet {
			return rollupDifferences(want, have), err
		}
		if err := pause(ctx, quietPause); err != nil {
			return nil, err
		}
	}
	return nil, problem.New(problem.Unavailable, "numbers move all the time: verify when fewer orders come in")
}

// staff is a viewer that may see all of the merchant's numbers.
func staff(ctx context.Context) (trust.Viewer, error) {
	v, err := viewer(ctx)
	if err == nil && !v.Sees("") {
		err = problem.New(problem.Forbidden, "the merchant's numbers are not open to affiliates").Because(trust.ErrForbidden)
	}
	return v, err
}

func (s *Service) catchUpOf(ctx context.Context, f store.Follower) (int64, error) {
	for {
		n, err := s.store.Catch(ctx, f)
		if err != nil {
			return 0, err
		}
		if n == 0 {
			return s.store.Cursor(ctx, f.Name)
		}
	}
}

// everything is what all sources of a merchant come to, read from their rows.
func everything(ctx context.Context, query queryer, merchant string, progress func(string, int64)) (share, error) {
	sum := share{}
	err := eachSource(ctx, query, merchant, progress, func(names []string) error {
		found, err := shares(ctx, query, merchant, names)
		for _, one := range found {
			sum.addAll(one, 1)
		}
		return err
	})
	return sum.dropZero(), err
}

// eachSource hands over the names of all that may count, some at a time.
func eachSource(ctx context.Context, query queryer, merchant string, progress func(string, int64), do func(names []string) error) error {
	clicks, err := clickSources(ctx, query, merchant)
	if err != nil {
		return err
	}
	all := map[string][]string{"clicks": clicks}
	for _, q := range sourceQueries {
		if all[q.name], err = texts(ctx, query, q.query, merchant); err != nil {
			return err
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(all)) {
		for chunk := range slices.Chunk(all[kind], sourcesAtOnce) {
			if err := do(chunk); err != nil {
				return err
			}
		}
		if progress != nil {
			progress("rolled up "+kind, int64(len(all[kind])))
		}
	}
	return nil
}

func clickSources(ctx context.Context, query queryer, merchant string) (names []string, err error) {
	rows, err := query(ctx, `SELECT DISTINCT program_id, affiliate_id, created_at FROM clicks WHERE merchant_id = $1`, merchant)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c clicksOf
		var at time.Time
		if err := rows.Scan(&c.program, &c.affiliate, &at); err != nil {
			return nil, err
		}
		c.at = at
		names = append(names, c.name())
	}
	return names, rows.Err()
}

func rollupsOf(ctx context.Context, query queryer, merchant string) (share, error) {
	rows, err := query(ctx, `SELECT `+strings.Join(bucketColumns, ", ")+`, `+strings.Join(figureColumns, ", ")+` FROM rollups WHERE merchant_id = $1`, merchant)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := share{}
	for rows.Next() {
		var b bucket
		var f figures
		var into []any
		for i := range b {
			into = append(into, &b[i])
		}
		for i := range f {
			into = append(into, &f[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		out.add(b, f)
	}
	return out, rows.Err()
}

func rollupDifferences(want, have share) (found []store.Finding) {
	all := maps.Clone(want)
	maps.Copy(all, have)
	for _, b := range all.sorted() {
		rows, buckets := want[b], have[b]
		for i, column := range figureColumns {
			if rows[i] != buckets[i] {
				found = append(found, store.Finding{
					Check: "report.rollups", Subject: strings.Join(b[:], "/"),
					Detail: fmt.Sprintf("%s: the rollup says %d, the rows come to %d", column, buckets[i], rows[i]),
				})
			}
		}
	}
	return found
}

// RebuildRollups makes all rollups of the viewer's merchant anew from the rows
// they sum up, in one commit. Errors: Forbidden for an affiliate.
func (s *Service) RebuildRollups(ctx context.Context, progress func(check string, done int64)) error {
	if _, err := staff(ctx); err != nil {
		return err
	}
	_, err := store.Run(ctx, s.store, store.Command{Name: "rollups.rebuild", Quiet: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
		if err := tx.Hold(ctx, rollupName+" "+tx.MerchantID()); err != nil {
			return 0, err
		}
		for _, table := range []string{"rollups", "rollup_sources"} {
			if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE merchant_id = $1`, tx.MerchantID()); err != nil {
				return 0, err
			}
		}
		return 0, eachSource(ctx, tx.Query, tx.MerchantID(), progress, func(names []string) error { return recount(ctx, tx, names) })
	})
	return err
}
