package report_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/report"
	"github.com/tributary/tributary/trust"
)

// However much there is, a report reads ranges of an index and never all rollups: with a
// table that the planner knows nothing of, and with one that it has counted.
func TestReportsReadRangesOfAnIndex(t *testing.T) {
	t.Parallel()
	w := newTestWalk(t)
	staff, _ := trust.From(w.ctx)
	own, _ := trust.From(w.as(w.affiliates[0]))
	for _, rows := range []int{0, 30_000} {
		w.manyRollups(rows)
		for _, c := range []struct {
			v     trust.Viewer
			in    report.Input
			index string
		}{
			{staff, asked(by(report.ByAffiliate), daily), "rollup_merchant_id_basis_period"},
			{staff, asked(by(report.ByCountry)), "rollup_merchant_id_basis_period"},
			{own, asked(by(report.ByLink), daily), "rollup_merchant_id_affiliate_id_basis_period"},
		} {
			c.in.TimeZone = "Asia/Kathmandu"
			plan := w.planOf(c.v, c.in)
			if rows == 0 && w.store.Postgres() { // nothing is to be spared in an empty table
				continue
			}
			if !strings.Contains(plan, c.index) || !rangeOfPeriods.MatchString(plan) || strings.Contains(plan, "Seq Scan on rollups") {
				t.Errorf("%d rows, by %v:\n%s", rows, c.in.Dimensions, plan)
			}
		}
	}
}

var rangeOfPeriods = regexp.MustCompile(`Index Cond: .*period\)?(::text)? >= .*period\)?(::text)? < |period>\? AND period<\?`)

func daily(in *report.Input) { in.Granularity = report.Day }

// manyRollups are of half a year, a quarter of an hour after the other.
func (w *walk) manyRollups(n int) {
	w.market.t.Helper()
	w.run(func(ctx context.Context, tx *store.Tx) error {
		for i := 0; i < n; i += 1000 {
			var values []string
			for j := i; j < i+1000; j++ {
				at := w.clock.Now().AddDate(0, -3, 0).Add(time.Duration(j/2) * 15 * time.Minute)
				values = append(values, fmt.Sprintf("('rol_%d', '%s', '%s', '%d', '%s', '%s', 'p', '%s', 'l', 'USD')", j, w.merchant, at.UTC().Format("2006-01-02 15:04:05Z"), j,
					[]string{"OPENED", "CLICK", "CONVERSION"}[j%3], at.UTC().Format("Q2006-01-02T15:04"), w.affiliates[j%len(w.affiliates)]))
			}
			if _, err := tx.Exec(ctx, `INSERT INTO rollups (id, merchant_id, created_at, digest, basis, period, program_id, affiliate_id, link_id, currency) VALUES `+strings.Join(values, ", ")); err != nil {
				return err
			}
		}
		return nil
	})
	if _, err := w.store.DB().ExecContext(w.ctx, "ANALYZE"); err != nil { // as the database does by itself
		w.market.t.Fatal(err)
	}
}

func (w *walk) planOf(v trust.Viewer, in report.Input) string {
	w.market.t.Helper()
	text, args, err := report.QueryOf(v, in, w.store.Postgres())
	if err != nil {
		w.market.t.Fatal(err)
	}
	explain := "EXPLAIN QUERY PLAN "
	if w.store.Postgres() {
		explain = "EXPLAIN "
	}
	rows, err := w.store.Read(w.ctx, explain+text, args...)
	if err != nil {
		w.market.t.Fatal(err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		columns := storetest.Must[[]string](w.market.t)(rows.Columns())
		into := make([]any, len(columns))
		for i := range into {
			into[i] = new(string)
		}
		if err := rows.Scan(into...); err != nil {
			w.market.t.Fatal(err)
		}
		fmt.Fprintln(&plan, *into[len(into)-1].(*string))
	}
	if err := rows.Err(); err != nil {
		w.market.t.Fatal(err)
	}
	return plan.String()
}
