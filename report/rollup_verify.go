package report

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// sourceQueries name everything but clicks that may count, some at a time after a name.
// $1 is the merchant.
var sourceQueries = []struct{ name, query string }{
	{"conversions", `SELECT id FROM conversions WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3`},
	{"other commissions", `SELECT id FROM commissions WHERE merchant_id = $1 AND conversion_id IS NULL AND id > $2 ORDER BY id LIMIT $3`},
	{"payouts", `SELECT DISTINCT subject_id FROM ledger_transactions WHERE merchant_id = $1 AND kind = 'PAYOUT' AND subject_id > $2 ORDER BY subject_id LIMIT $3`},
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
	if err != nil {
		return nil, err
	}
	by, err := longerOf(ctx, query, merchant)
	return sum.dropZero().withLonger(by).dropZero(), err
}

// eachSource hands over the names of all that may count, some at a time.
func eachSource(ctx context.Context, query queryer, merchant string, progress func(string, int64), do func(names []string) error) error {
	if progress == nil {
		progress = func(string, int64) {}
	}
	read := func(kind string, page func(last string) ([]string, error)) error {
		var done int64
		for last := ""; ; {
			names, err := page(last)
			if err != nil || len(names) == 0 {
				return err
			}
			if err := do(names); err != nil {
				return err
			}
			last, done = names[len(names)-1], done+int64(len(names))
			progress("rolled up "+kind, done)
		}
	}
	err := read("clicks", func(last string) ([]string, error) { return clickSources(ctx, query, merchant, last) })
	for _, q := range sourceQueries {
		if err != nil {
			break
		}
		err = read(q.name, func(last string) ([]string, error) { return texts(ctx, query, q.query, merchant, last, sourcesAtOnce) })
	}
	return err
}

// clickSources are sources of clicks after one, in the order of affiliate, instant and program.
func clickSources(ctx context.Context, query queryer, merchant, last string) (names []string, err error) {
	after, _ := clicksNamed(last) // of none: before all
	rows, err := query(ctx, `SELECT DISTINCT affiliate_id, created_at, program_id FROM clicks
		WHERE merchant_id = $1 AND (affiliate_id, created_at, program_id) > ($2, $3, $4)
		ORDER BY affiliate_id, created_at, program_id LIMIT $5`, merchant, after.affiliate, after.at, after.program, sourcesAtOnce)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c clicksOf
		if err := rows.Scan(&c.affiliate, &c.at, &c.program); err != nil {
			return nil, err
		}
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
