package report_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tributary/tributary/internal/draws"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/report"
)

// rollUp places all events and rolls them up, as a server would.
func (m *market) rollUp() {
	m.t.Helper()
	m.count()
	for storetest.Must[int](m.t)(m.store.Catch(m.ctx, m.RollupFollower())) > 0 { //nolint:revive // rolls up
	}
}

// buckets spells every rollup but its id and when it was made.
func (m *market) buckets() string {
	m.t.Helper()
	var out strings.Builder
	rows, err := m.store.Read(m.ctx, `SELECT basis, period, program_id, affiliate_id, link_id, coupon, country, device, channel, sub_ids, currency, digest,
		clicks, clicks_unpayable, clicks_unique, conversions, leads, sales_minor, refunded_minor, pending_minor, approved_minor, rejected_minor, reversed_minor, paid_minor
		FROM rollups WHERE merchant_id = $1 ORDER BY digest`, m.merchant)
	if err != nil {
		m.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		into := make([]any, 24)
		for i := range into {
			into[i] = new(string)
		}
		if err := rows.Scan(into...); err != nil {
			m.t.Fatal(err)
		}
		for _, v := range into {
			fmt.Fprint(&out, *v.(*string), "|")
		}
		out.WriteByte('\n')
	}
	if err := rows.Err(); err != nil {
		m.t.Fatal(err)
	}
	return out.String()
}

// rolledUp is what a basis comes to in a grain by affiliate and currency: conversions, sales,
// refunded, accrued, approved, paid.
func (m *market) rolledUp(basis, grain string) map[string][6]int64 {
	m.t.Helper()
	return m.sixSums(`SELECT affiliate_id, currency, CAST(sum(conversions) AS bigint), CAST(sum(sales_minor) AS bigint), CAST(sum(refunded_minor) AS bigint),
		CAST(sum(pending_minor + approved_minor) AS bigint), CAST(sum(approved_minor) AS bigint), CAST(sum(paid_minor) AS bigint)
		FROM rollups WHERE merchant_id = $1 AND basis IN ($2, 'PAYOUT') AND period LIKE $3 GROUP BY 1, 2`, m.merchant, basis, grain+"%")
}

func (m *market) tallied() map[string][6]int64 {
	m.t.Helper()
	return m.sixSums(`SELECT affiliate_id, currency, CAST(sum(conversions) AS bigint), CAST(sum(sales_minor) AS bigint), CAST(sum(refunded_minor) AS bigint),
		CAST(sum(accrued_minor) AS bigint), CAST(sum(approved_minor) AS bigint), CAST(sum(paid_minor) AS bigint)
		FROM tallies WHERE merchant_id = $1 GROUP BY 1, 2`, m.merchant)
}

func (m *market) sixSums(query string, args ...any) map[string][6]int64 {
	m.t.Helper()
	rows, err := m.store.Read(m.ctx, query, args...)
	if err != nil {
		m.t.Fatal(err)
	}
	defer rows.Close()
	out := map[string][6]int64{}
	for rows.Next() {
		var who, currency string
		var n [6]int64
		if err := rows.Scan(&who, &currency, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5]); err != nil {
			m.t.Fatal(err)
		}
		if n != [6]int64{} {
			out[who+" "+currency] = n
		}
	}
	if err := rows.Err(); err != nil {
		m.t.Fatal(err)
	}
	return out
}

// Random orders, refunds, edits, decisions, chargebacks, payouts and credit that
// moves: rollups are what the rows come to, by each date, and what the tallies and
// so the ledger say; made anew, they are the same bytes.
func TestS6_RollupsAreTheLedgers(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock)
	r := report.New(report.Config{Store: s})
	seen := map[string]int{}
	draws.Explore(t, seen, func(rt *rapid.T) {
		w := newWalk(t, s, clock, r, seen)
		w.at(rapid.SampledFrom([]string{"UTC", "America/New_York", "Asia/Kathmandu"}).Draw(rt, "where the merchant is"))
		for range rapid.IntRange(50, 80).Draw(rt, "steps") {
			w.step(rt)
			if rapid.IntRange(0, 9).Draw(rt, "roll up now") == 0 {
				w.rollUp()
			}
		}
		w.rollUp()
		w.tell()
		want := w.tallied()
		for _, basis := range []string{"CLICK", "CONVERSION"} {
			for _, grain := range []string{"Q", "H", "D", "M"} {
				if got := w.rolledUp(basis, grain); !maps.Equal(got, want) {
					rt.Errorf("by %s, %s: rollups say %v, tallies %v", basis, grain, got, want)
				}
			}
		}
		w.reportsAgree(rt, want)
		if found := storetest.Must[[]store.Finding](w.market.t)(w.VerifyRollups(w.ctx, nil)); len(found) > 0 {
			rt.Errorf("verify: %v", found)
		}
		if found := storetest.Must[[]store.Finding](w.market.t)(w.VerifyCommissions(w.ctx)); len(found) > 0 {
			rt.Errorf("commissions: %v", found)
		}
		before := w.buckets()
		if err := w.RebuildRollups(w.ctx, nil); err != nil {
			rt.Fatal(err)
		}
		if lost, new := unlike(before, w.buckets()); len(lost)+len(new) > 0 {
			rt.Errorf("made anew, these are gone:\n%s\nand these are new:\n%s", strings.Join(lost, "\n"), strings.Join(new, "\n"))
		}
	}, "clicks.recorded", "refund.recorded", "chargeback.opened", "chargeback.won", "conversion.amended", "conversion.credited", "conversion.uncredited",
		"commission.approved", "commission.rejected", "commission.adjusted", "payout.settled", "payout.returned", "affiliate.merged")
}

// unlike gives the lines that only one of two texts has.
func unlike(a, b string) (onlyA, onlyB []string) {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for _, line := range as {
		if !slices.Contains(bs, line) {
			onlyA = append(onlyA, line)
		}
	}
	for _, line := range bs {
		if !slices.Contains(as, line) {
			onlyB = append(onlyB, line)
		}
	}
	return onlyA, onlyB
}

// A commission whose row somebody changed is found: of the 10.00 that the book holds it
// says 9.99, or that it is payable.
func TestVerifyFindsCommissionsUnlikeTheBook(t *testing.T) {
	t.Parallel()
	for change, want := range map[string]string{
		"amount_minor = 999":                 "its row says 999 USD pending and 0 payable, the book 1000 and 0",
		"reversed_minor = 1":                 "its row says 999 USD pending and 0 payable, the book 1000 and 0",
		"status = 'APPROVED'":                "its row says 0 USD pending and 1000 payable, the book 1000 and 0",
		"status = 'REJECTED'":                "its row says 0 USD pending and 0 payable, the book 1000 and 0",
		"amount_minor = 500, currency='JPY'": "its row says 500 JPY pending and 0 payable, the book 0 and 0",
	} {
		w := newTestWalk(t)
		sold := w.sale("1", 8000, 0)
		if found := storetest.Must[[]store.Finding](t)(w.VerifyCommissions(w.ctx)); len(found) > 0 {
			t.Errorf("before: %v", found)
		}
		w.run(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE commissions SET `+change+` WHERE merchant_id = $1`, w.merchant)
			return err
		})
		found := storetest.Must[[]store.Finding](t)(w.VerifyCommissions(w.ctx))
		if len(found) != 1 || found[0].Subject != sold.CommissionIDs[0] || found[0].Detail != want {
			t.Errorf("%s: %v, want %s", change, found, want)
		}
		_, err := w.VerifyCommissions(w.as(w.affiliates[0]))
		w.refuses(err, problem.Forbidden, "")
	}
}

// A rollup that somebody changed is found by name, and making all anew mends it.
func TestVerifyFindsWhatRollupsLack(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock()
	s := storetest.OpenAt(t, clock)
	w := newWalk(t, s, clock, report.New(report.Config{Store: s}), map[string]int{})
	a := w.affiliates[0]
	w.clicks(w.program, a, clock.Now(), clock.Now(), clock.Now())
	w.clicks(w.program, a, clock.Now()) // at the same instant
	w.rollUp()
	w.run(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE rollups SET clicks = 7 WHERE merchant_id = $1`, w.merchant)
		return err
	})
	found := storetest.Must[[]store.Finding](t)(w.VerifyRollups(w.ctx, nil))
	if len(found) != 4 || !strings.Contains(found[0].Subject, a) || found[0].Detail != "clicks: the rollup says 7, the rows come to 3" { // a month, a day, an hour and a quarter
		t.Errorf("found %v", found)
	}
	if err := w.RebuildRollups(w.ctx, nil); err != nil {
		t.Fatal(err)
	}
	if found := storetest.Must[[]store.Finding](t)(w.VerifyRollups(w.ctx, nil)); len(found) > 0 {
		t.Errorf("made anew: %v", found)
	}
	_, err := w.VerifyRollups(w.as(a), nil)
	w.refuses(err, problem.Forbidden, "")
	w.refuses(w.RebuildRollups(w.as(a), nil), problem.Forbidden, "")
}
