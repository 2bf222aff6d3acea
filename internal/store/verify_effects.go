package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tributary/tributary/internal/id"
)

const checkEffects = "idempotency.effects"

// effects are the tables of rows that a command's outcome may name.
var effects = map[id.Prefix]string{
	id.Host: "hosts", id.Program: "programs", id.Affiliate: "affiliates", id.Group: "affiliate_groups",
	id.Enrollment: "enrollments", id.Link: "links", id.Coupon: "coupons", id.Touch: "touches",
	id.Customer: "customers", id.Conversion: "conversions", id.Refund: "refunds", id.Policy: "attribution_policies",
	id.Attribution: "attributions", id.Plan: "commission_plans", id.PlanVersion: "plan_versions",
	id.Commission: "commissions", id.PayoutMethod: "payout_methods", id.Payout: "payouts", id.Batch: "payout_batches",
	id.Integration: "integrations", id.Token: "api_tokens",
}

// named is a row that a record says was made or changed.
type named struct{ record, merchant, row string }

// VerifyEffects checks idempotency records against what they stand for: every
// row that an outcome names is there and is its merchant's. A record without
// its effect would answer a retry with something that never happened.
func (s *Store) VerifyEffects(ctx context.Context, progress func(check string, done int64)) ([]Finding, error) {
	if progress == nil {
		progress = func(string, int64) {}
	}
	ctx = house(ctx)
	v := &verifier{store: s, progress: progress}
	for after, done := "", int64(0); len(v.findings) < findingsLimit; {
		page, last, n, err := v.outcomes(ctx, after)
		if err != nil {
			return v.findings, present(overdue(ctx, err))
		}
		if last == "" {
			break
		}
		if err := v.present(ctx, page); err != nil {
			return v.findings, present(overdue(ctx, err))
		}
		after, done = last, done+n
		progress(checkEffects, done)
	}
	return v.findings[:min(len(v.findings), findingsLimit)], nil
}

// effectsPage is small enough for one statement to name every row of a page.
const effectsPage = 200

// outcomes reads a page of records and gives, by table, what they name.
func (v *verifier) outcomes(ctx context.Context, after string) (page map[id.Prefix][]named, last string, n int64, err error) {
	rows, err := v.store.Read(ctx, `SELECT id, merchant_id, outcome FROM idempotency_records WHERE id > $1 ORDER BY id LIMIT $2`, after, effectsPage)
	if err != nil {
		return nil, "", 0, err
	}
	defer rows.Close()
	page = map[id.Prefix][]named{}
	for ; rows.Next(); n++ {
		var merchant string
		var outcome []byte
		if err := rows.Scan(&last, &merchant, &outcome); err != nil {
			return nil, "", 0, err
		}
		var value any
		if json.Unmarshal(outcome, &value) != nil {
			continue // a finding of VerifyJournal
		}
		walkText(value, func(text string) {
			if prefix, _, err := id.Parse(text); err == nil && effects[prefix] != "" {
				page[prefix] = append(page[prefix], named{last, merchant, text})
			}
		})
	}
	return page, last, n, rows.Err()
}

// walkText calls fn for every text in a decoded JSON value.
func walkText(value any, fn func(string)) {
	switch value := value.(type) {
	case string:
		fn(value)
	case []any:
		for _, one := range value {
			walkText(one, fn)
		}
	case map[string]any:
		for _, one := range value {
			walkText(one, fn)
		}
	}
}

// present looks the named rows up, a table at a time.
func (v *verifier) present(ctx context.Context, page map[id.Prefix][]named) error {
	for _, prefix := range slices.Sorted(maps.Keys(page)) {
		for part := range slices.Chunk(page[prefix], eventBatch) {
			if err := v.presentIn(ctx, effects[prefix], part); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *verifier) presentIn(ctx context.Context, table string, part []named) error {
	marks, args := make([]string, len(part)), make([]any, len(part))
	for i, n := range part {
		marks[i], args[i] = fmt.Sprintf("$%d", i+1), n.row
	}
	rows, err := v.store.Read(ctx, `SELECT id, merchant_id FROM `+table+` WHERE id IN (`+strings.Join(marks, ",")+`)`, args...)
	if err != nil {
		return err
	}
	owners, err := ownersOf(rows)
	if err != nil {
		return err
	}
	for _, n := range part {
		if owners[n.row] != n.merchant {
			v.find(checkEffects, n.record, "the outcome names %s, which is not there", n.row)
		}
	}
	return nil
}

func ownersOf(rows *sql.Rows) (map[string]string, error) {
	defer rows.Close()
	owners := map[string]string{}
	for rows.Next() {
		var row, merchant string
		if err := rows.Scan(&row, &merchant); err != nil {
			return nil, err
		}
		owners[row] = merchant
	}
	return owners, rows.Err()
}
