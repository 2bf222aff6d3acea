package store

import (
	"slices"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"

	"github.com/tributary/tributary/ent/migrate"
)

// references adds the foreign keys that no edge declares: column → table.
var references = map[string]map[string]string{
	"memberships":        {"user_id": "users", "affiliate_id": "affiliates"},
	"sessions":           {"user_id": "users"},
	"api_tokens":         {"affiliate_id": "affiliates"},
	"touches":            {"program_id": "programs", "affiliate_id": "affiliates", "customer_id": "customers", "link_id": "links", "coupon_id": "coupons"},
	"ledger_checkpoints": {"account_id": "ledger_accounts"},
	"event_orders":       {"event_id": "events"},
	"one_time_codes":     {"user_id": "users"},
}

// tables gives the schema as it is in the database: every foreign key between
// two owned tables is composite, (merchant_id, x) → (merchant_id, id), so that
// no row can refer to another merchant's whatever code wrote it; and every
// owned table refers to its merchant. Nothing cascades: money leaves traces.
func tables(d string) ([]*schema.Table, error) {
	all, err := schema.CopyTables(migrate.Tables)
	if err != nil {
		return nil, err
	}
	byName := map[string]*schema.Table{}
	for _, t := range all {
		byName[t.Name] = t
	}
	for _, t := range all {
		for column, target := range references[t.Name] {
			t.ForeignKeys = append(t.ForeignKeys, reference(t, column, byName[target]))
		}
		for _, fk := range t.ForeignKeys {
			widen(t, fk)
		}
		if owned(t) {
			t.ForeignKeys = append(t.ForeignKeys, reference(t, "merchant_id", byName["merchants"]))
		}
		slices.SortFunc(t.ForeignKeys, func(a, b *schema.ForeignKey) int { return compare(a.Symbol, b.Symbol) })
		if d == dialect.SQLite {
			plainText(t)
		}
	}
	return all, nil
}

func compare(a, b string) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

func owned(t *schema.Table) bool {
	_, has := column(t, "merchant_id")
	return has && t.Name != "clicks"
}

func column(t *schema.Table, name string) (*schema.Column, bool) {
	for _, c := range t.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return nil, false
}

func reference(t *schema.Table, name string, target *schema.Table) *schema.ForeignKey {
	from, _ := column(t, name)
	to, _ := column(target, "id")
	return &schema.ForeignKey{
		Symbol: "fk_" + t.Name + "_" + name, Columns: []*schema.Column{from},
		RefTable: target, RefColumns: []*schema.Column{to}, OnDelete: schema.NoAction,
	}
}

// widen turns x → id into (merchant_id, x) → (merchant_id, id).
func widen(t *schema.Table, fk *schema.ForeignKey) {
	fk.OnDelete, fk.OnUpdate = schema.NoAction, schema.NoAction
	from, here := column(t, "merchant_id")
	to, there := column(fk.RefTable, "merchant_id")
	if !here || !there || len(fk.Columns) > 1 {
		return
	}
	fk.Columns = []*schema.Column{from, fk.Columns[0]}
	fk.RefColumns = []*schema.Column{to, fk.RefColumns[0]}
}

// plainText drops PostgreSQL's collation: SQLite compares bytes anyway.
func plainText(t *schema.Table) {
	for _, c := range t.Columns {
		c.Collation = ""
	}
}
