package report

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// books say what tallies must come to, each from the rows that are the truth of
// it: clicks, conversions, and the ledger for all that is owed or paid. Days are
// left out, since a program may have moved its days since. A conversion is its
// first commission's, made for the affiliate with the most credit. $1 is the merchant.
var books = []struct{ name, query string }{
	{"clicks", `SELECT program_id, affiliate_id, '', CAST(sum(CASE WHEN payable THEN 1 ELSE 0 END) AS bigint),
		CAST(sum(CASE WHEN payable THEN 0 ELSE 1 END) AS bigint), 0, 0, 0, 0, 0, 0
		FROM clicks WHERE merchant_id = $1 GROUP BY 1, 2`},
	{"conversions", `SELECT c.program_id, coalesce(k.affiliate_id, ''), c.currency, 0, 0, count(*),
		CAST(sum(c.base_minor) AS bigint), CAST(sum(c.refunded_minor) AS bigint), 0, 0, 0
		FROM conversions c LEFT JOIN commissions k ON k.merchant_id = c.merchant_id AND k.conversion_id = c.id AND k.level = 1
			AND k.id = (SELECT min(m.id) FROM commissions m WHERE m.merchant_id = c.merchant_id AND m.conversion_id = c.id AND m.level = 1 AND m.superseded_at IS NULL)
		WHERE c.merchant_id = $1 AND c.rating IN ('RATED', 'NO_CREDIT') GROUP BY 1, 2, 3`},
	{"commissions", `SELECT k.program_id, k.affiliate_id, e.currency, 0, 0, 0, 0, 0, CAST(sum(e.amount_minor) AS bigint),
		CAST(sum(CASE WHEN a.kind = 'PAYABLE' THEN e.amount_minor ELSE 0 END) AS bigint), 0
		FROM commissions k JOIN ledger_transactions t ON t.merchant_id = k.merchant_id AND t.subject_id = k.id
		JOIN ledger_entries e ON e.merchant_id = t.merchant_id AND e.transaction_id = t.id
		JOIN ledger_accounts a ON a.merchant_id = e.merchant_id AND a.id = e.account_id
		WHERE k.merchant_id = $1 AND a.kind IN ('PENDING', 'PAYABLE') GROUP BY 1, 2, 3`},
	{"payouts", `SELECT '', a.owner_key, e.currency, 0, 0, 0, 0, 0, 0, 0, CAST(-sum(e.amount_minor) AS bigint)
		FROM ledger_transactions t JOIN ledger_entries e ON e.merchant_id = t.merchant_id AND e.transaction_id = t.id
		JOIN ledger_accounts a ON a.merchant_id = e.merchant_id AND a.id = e.account_id
		WHERE t.merchant_id = $1 AND t.kind = 'PAYOUT' AND a.kind = 'RESERVED' AND NOT EXISTS (SELECT 1 FROM ledger_transactions r
			WHERE r.merchant_id = t.merchant_id AND r.subject_id = t.subject_id AND r.kind = 'RETURN') GROUP BY 2, 3`},
}

var tallied = `SELECT program_id, affiliate_id, currency, ` + each("CAST(sum(%) AS bigint)") + `
	FROM tallies WHERE merchant_id = $1 GROUP BY 1, 2, 3`

// How long a verification waits for a moment without writes.
const (
	quietTries = 100
	quietPause = 50 * time.Millisecond
)

// VerifyTallies compares all tallies of the viewer's merchant with the rows they
// sum up. It counts what the follower has not counted yet, and compares at a
// moment at which nothing was written. progress, which may be nil, hears which
// books were added up, and how many sums they have. Errors: Forbidden for an
// affiliate; Unavailable when such a moment does not come.
func (s *Service) VerifyTallies(ctx context.Context, progress func(check string, done int64)) ([]store.Finding, error) {
	v, err := viewer(ctx)
	if err != nil {
		return nil, err
	}
	if !v.Sees("") {
		return nil, problem.New(problem.Forbidden, "the merchant's numbers are not open to affiliates").Because(trust.ErrForbidden)
	}
	if progress == nil {
		progress = func(string, int64) {}
	}
	for range quietTries {
		found, quiet, err := s.verifyOnce(ctx, v.MerchantID, progress)
		if err != nil || quiet {
			return found, err
		}
		if err := pause(ctx, quietPause); err != nil {
			return nil, err
		}
	}
	return nil, problem.New(problem.Unavailable, "numbers move all the time: verify when fewer orders come in")
}

// verifyOnce compares; it reports not quiet when the merchant wrote something
// after the counting and before the last row was read.
func (s *Service) verifyOnce(ctx context.Context, merchant string, progress func(string, int64)) (found []store.Finding, quiet bool, err error) {
	counted, err := s.catchUp(ctx)
	if err != nil {
		return nil, false, err
	}
	want := map[key]sums{}
	for _, b := range books {
		if err := s.addUp(ctx, merchant, b.query, want); err != nil {
			return nil, false, err
		}
		progress(b.name, int64(len(want)))
	}
	have := map[key]sums{}
	if err := s.addUp(ctx, merchant, tallied, have); err != nil {
		return nil, false, err
	}
	quiet, err = s.nothingSince(ctx, merchant, counted)
	return differences(want, have), quiet, err
}

// catchUp counts what is left to count and gives the last place counted.
func (s *Service) catchUp(ctx context.Context) (int64, error) {
	for {
		n, err := s.store.Catch(ctx, s.Follower())
		if err != nil {
			return 0, err
		}
		if n == 0 {
			return s.store.Cursor(ctx, followerName)
		}
	}
}

// nothingSince reports whether the merchant has no event after a place. First no
// event may wait for its place: it would get one beyond a head read before.
func (s *Service) nothingSince(ctx context.Context, merchant string, place int64) (bool, error) {
	if waiting, err := s.store.Lag(ctx); err != nil || waiting > 0 {
		return false, err
	}
	head, err := s.store.HeadOf(ctx, merchant)
	return head <= place, err
}

func (s *Service) addUp(ctx context.Context, merchant, query string, into map[key]sums) error {
	rows, err := s.store.Read(ctx, query, merchant)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var k key
		var sum sums
		if err := rows.Scan(append([]any{&k.program, &k.affiliate, &k.currency}, sum.pointers()...)...); err != nil {
			return err
		}
		sum.add(into[k])
		into[k] = sum
	}
	return rows.Err()
}

// differences names every sum that is not what the rows come to.
func differences(want, have map[key]sums) (found []store.Finding) {
	all := maps.Clone(want)
	maps.Copy(all, have)
	for _, k := range slices.SortedFunc(maps.Keys(all), compareKeys) {
		rows, tallies := want[k], have[k]
		theirs := tallies.fields()
		for i, f := range rows.fields() {
			if *f != *theirs[i] {
				found = append(found, store.Finding{
					Check: "report.tallies", Subject: fmt.Sprintf("%s/%s/%s", k.program, k.affiliate, k.currency),
					Detail: fmt.Sprintf("%s: tallies come to %d, the rows to %d", columns[i], *theirs[i], *f),
				})
			}
		}
	}
	return found
}
