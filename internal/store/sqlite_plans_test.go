package store_test

import (
	"strings"
	"testing"

	"github.com/tributary/tributary/internal/store/storetest"
)

// An index that leaves rows out finds no row by its key: the commissions of an order
// were once read from all of a merchant's.
func TestEveryForeignKeyHasAFullIndex(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	for _, k := range foreignKeys(t, s) {
		if k.target == "merchants" || k.table == "event_orders" { // events are found by their place, never the other way
			continue
		}
		if !indexed(t, s, k.table, k.columns) {
			t.Errorf("%s %v has no index without a condition", k.table, k.columns)
		}
	}
}

// What SQLite is told of grown tables decides how it reads an empty one. Without
// teachPlans each of these reads all of a merchant's rows.
func TestSQLitePlansForGrownTables(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	if s.Postgres() {
		t.Skip("PostgreSQL counts by itself")
	}
	many := "(?" + strings.Repeat(", ?", 99) + ")"
	for query, index := range map[string]string{
		`SELECT * FROM commissions WHERE conversion_id IN ` + many + ` AND merchant_id = ?`:                                                             "commission_merchant_id_conversion_id",
		`SELECT id FROM commissions WHERE affiliate_id = ? AND merchant_id = ? ORDER BY id LIMIT 51`:                                                    "commission_merchant_id_affiliate_id",
		`SELECT * FROM clicks WHERE link_id = ? AND merchant_id = ? ORDER BY id LIMIT 51`:                                                               "click_merchant_id_link_id",
		`SELECT id FROM ledger_accounts WHERE merchant_id = ? AND currency = ? AND ((kind = ? AND owner_key = ?) OR (kind = ? AND owner_key = ?))`:      "ledgeraccount_merchant_id_kind_owner_key",
		`SELECT id FROM ledger_entries WHERE merchant_id = ? AND transaction_id = ? ORDER BY id`:                                                        "ledgerentry_merchant_id_transaction_id",
		`SELECT id FROM conversions WHERE customer_id = ? AND program_id = ? AND id <> ? AND rating IN (?, ?) AND occurred_at >= ? AND merchant_id = ?`: "conversion_merchant_id_customer_id",
		`SELECT id FROM conversions WHERE program_id = ? AND merchant_id = ? ORDER BY id LIMIT 51`:                                                      "conversion_merchant_id_id",
		`SELECT id FROM payouts WHERE batch_id = ? AND merchant_id = ? ORDER BY id LIMIT 51`:                                                            "payout_merchant_id_batch_id",
		`SELECT id FROM enrollments WHERE affiliate_id = ? AND status <> ? AND merchant_id = ? ORDER BY id`:                                             "enrollment_merchant_id_affiliate_id",
		`SELECT id FROM affiliates WHERE status = ? AND merchant_id = ? ORDER BY created_at, id LIMIT 51`:                                               "affiliate_merchant_id_status",
	} {
		plan := strings.Join(lines(t, s, "EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...), "\n")
		if !strings.Contains(plan, "INDEX "+index) || strings.Contains(plan, "(merchant_id=?)") != strings.HasSuffix(index, "merchant_id_id") {
			t.Errorf("%s\nis read by\n%s\nand should be by %s", query, plan, index)
		}
	}
}
