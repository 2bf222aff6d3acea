package store_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"entgo.io/ent/dialect/sql/schema"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust"
)

func TestEveryOwnedTableNamesItsMerchant(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	want := map[string]bool{}
	for entity, table := range entities(t) {
		want[table] = isGlobal(entity)
	}
	for _, table := range tablesIn(t, s) {
		global, known := want[table]
		switch {
		case !known:
			t.Errorf("%s: no entity, and no rule of the wall", table)
		case global || table == "merchants":
		case !notNull(t, s, table, "merchant_id"):
			t.Errorf("%s: merchant_id is missing or may be NULL", table)
		case table == "event_orders": // no row refers to a place
		case !uniqueOn(t, s, table, "merchant_id", "id"):
			t.Errorf("%s: no unique key on merchant_id, id for composite references", table)
		}
	}
}

func TestEveryReferenceBetweenOwnedTablesNamesTheMerchant(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	outside := []string{"merchants", "users"} // refer to by id alone
	for _, k := range foreignKeys(t, s) {
		if slices.Contains(outside, k.target) {
			continue
		}
		if len(k.columns) != 2 || k.columns[0] != "merchant_id" || !slices.Equal(k.refers, []string{"merchant_id", "id"}) {
			t.Errorf("%s.%v refers to %s.%v", k.table, k.columns, k.target, k.refers)
		}
	}
}

// A row whose reference leads to another merchant's row is refused by the key
// itself, whatever wrote it; without the keys it is taken.
func TestForeignParentIsRefusedByTheKey(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	d := newSeeder(t, s)
	d.omit = "event_orders" // whose other key, on the event alone, would refuse first
	alien, mine, tried := d.family(nil), family{}, 0
	for _, table := range d.tables {
		for _, fk := range table.ForeignKeys {
			if len(fk.Columns) != 2 {
				continue
			}
			tried++
			column := fk.Columns[1].Name
			set := map[string]any{column: alien[fk.RefTable.Name]}
			if err := d.try(table, set, mine, true); !store.IsForeign(err) {
				t.Errorf("%s.%s takes another merchant's row: %v", table.Name, column, err)
			}
			if err := d.try(table, set, mine, false); err != nil {
				t.Errorf("%s.%s is refused without the key: %v: this test shows nothing", table.Name, column, err)
			}
		}
		if err := d.insert(table, mine); err != nil {
			t.Fatal(err)
		}
	}
	if tried < 40 {
		t.Errorf("only %d references tried", tried)
	}
}

func (d *seeder) insert(table *schema.Table, f family) error {
	ctx := trust.With(d.t.Context(), trust.System(""))
	_, err := store.Run(ctx, d.s, store.Command{Name: "seed", Quiet: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
		return 0, d.row(ctx, tx, table, f, nil)
	})
	return err
}

// try inserts a row and takes it back. Without keys the references are not checked.
func (d *seeder) try(table *schema.Table, set map[string]any, f family, keys bool) error {
	d.t.Helper()
	if !keys && !d.s.Postgres() {
		d.exec(`PRAGMA foreign_keys = 0`)
		defer d.exec(`PRAGMA foreign_keys = 1`)
	}
	ctx := trust.With(d.t.Context(), trust.System(""))
	_, err := store.Run(ctx, d.s, store.Command{Name: "seed", DryRun: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
		if !keys && d.s.Postgres() {
			if _, err := tx.Exec(ctx, `SET LOCAL session_replication_role = replica`); err != nil {
				return 0, err
			}
		}
		return 0, d.row(ctx, tx, table, maps.Clone(f), set)
	})
	return err
}

func (d *seeder) exec(statement string) {
	d.t.Helper()
	if _, err := d.s.DB().Exec(statement); err != nil {
		d.t.Fatal(err)
	}
}

func TestClientCannotReferToAnotherMerchantsRows(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	alien := func(table string) string { return fmt.Sprint(w.alien[table]) }
	own := func(table string) string { return fmt.Sprint(w.one[table]) }
	for name, try := range map[string]func(context.Context, *ent.Client) error{
		"create with a foreign program": func(ctx context.Context, c *ent.Client) error {
			return c.CommissionPlan.Create().SetName("x").SetProgramID(alien("programs")).Exec(ctx)
		},
		"bulk create with a foreign program": func(ctx context.Context, c *ent.Client) error {
			return c.CommissionPlan.CreateBulk(
				c.CommissionPlan.Create().SetName("x").SetProgramID(own("programs")),
				c.CommissionPlan.Create().SetName("y").SetProgramID(alien("programs"))).Exec(ctx)
		},
		"move into a foreign group": func(ctx context.Context, c *ent.Client) error {
			return c.Affiliate.UpdateOneID(own("affiliates")).SetGroupID(alien("affiliate_groups")).Exec(ctx)
		},
		"adopt a foreign child": func(ctx context.Context, c *ent.Client) error {
			return c.Affiliate.UpdateOneID(own("affiliates")).AddChildIDs(alien("affiliates")).Exec(ctx)
		},
		"a parent of one's own for a foreign child": func(ctx context.Context, c *ent.Client) error {
			return c.Affiliate.UpdateOneID(alien("affiliates")).SetParentID(own("affiliates")).Exec(ctx)
		},
		"clear a foreign row's children": func(ctx context.Context, c *ent.Client) error {
			return c.Affiliate.UpdateOneID(alien("affiliates")).ClearChildren().Exec(ctx)
		},
		"another merchant's id": func(ctx context.Context, c *ent.Client) error {
			return c.AffiliateGroup.Create().SetName("x").SetMerchantID(alien("merchants")).Exec(ctx)
		},
		"upsert on a key of all merchants": func(ctx context.Context, c *ent.Client) error {
			row := w.s.Unfiltered().Link.GetX(ctx, alien("links"))
			return c.Link.Create().SetProgramID(own("programs")).SetAffiliateID(own("affiliates")).SetNumber(1<<30).
				SetSlug(row.Slug).SetHostKey(row.HostKey).SetDestination("https://evil.example").
				OnConflictColumns("host_key", "slug").UpdateNewValues().Exec(ctx)
		},
		"upsert by id": func(ctx context.Context, c *ent.Client) error {
			return c.AffiliateGroup.Create().SetID(alien("affiliate_groups")).SetName("x").OnConflictColumns("id").UpdateNewValues().Exec(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := run(w.staff(t.Context()), w.s, func(ctx context.Context, tx *store.Tx) error { return try(ctx, tx.Ent()) }); err == nil {
				t.Error("it was done")
			}
		})
	}
}

func TestUpsertWithinTheMerchantWorks(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ctx := w.staff(t.Context())
	upsert := func(ctx context.Context, tx *store.Tx) error {
		return tx.Ent().AffiliateGroup.Create().SetName("Gold").SetDescription("x").
			OnConflictColumns("merchant_id", "name").UpdateNewValues().Exec(ctx)
	}
	for range 2 {
		if err := run(ctx, w.s, upsert); err != nil {
			t.Fatal(err)
		}
	}
	if n := one[int64](t, w.s, `SELECT count(*) FROM affiliate_groups WHERE name = 'Gold'`); n != 1 {
		t.Errorf("%d rows", n)
	}
}

// An affiliate gives no row away and makes none that is not its own.
func TestAffiliateMakesItsOwnRowsAlone(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ctx := w.affiliate(t.Context())
	one, other := fmt.Sprint(w.one["affiliates"]), fmt.Sprint(w.other["affiliates"])
	program := fmt.Sprint(w.one["programs"])
	for name, try := range map[string]struct {
		fn   func(context.Context, *ent.Client) error
		want problem.Code
	}{
		"own link": {func(ctx context.Context, c *ent.Client) error {
			return c.Link.Create().SetProgramID(program).SetAffiliateID(one).SetNumber(1 << 30).SetSlug("mine").SetDestination("https://x.example").Exec(ctx)
		}, ""},
		"another's link": {func(ctx context.Context, c *ent.Client) error {
			return c.Link.Create().SetProgramID(program).SetAffiliateID(other).SetNumber(1 << 31).SetSlug("theirs").SetDestination("https://x.example").Exec(ctx)
		}, problem.NotFound},
		"a group": {func(ctx context.Context, c *ent.Client) error {
			return c.AffiliateGroup.Create().SetName("mine").Exec(ctx)
		}, problem.Forbidden},
		"the program's terms": {func(ctx context.Context, c *ent.Client) error {
			return c.Program.UpdateOneID(program).SetName("mine").Exec(ctx)
		}, problem.Forbidden},
		"giving a membership away": {func(ctx context.Context, c *ent.Client) error {
			return c.Membership.UpdateOneID(fmt.Sprint(w.one["memberships"])).SetAffiliateID(other).Exec(ctx)
		}, problem.NotFound},
		"a membership without an affiliate": {func(ctx context.Context, c *ent.Client) error {
			return c.Membership.UpdateOneID(fmt.Sprint(w.one["memberships"])).ClearAffiliateID().Exec(ctx)
		}, problem.NotFound},
	} {
		err := run(ctx, w.s, func(ctx context.Context, tx *store.Tx) error { return try.fn(ctx, tx.Ent()) })
		if problem.CodeOf(err) != try.want {
			t.Errorf("%s: %v, want %q", name, err, try.want)
		}
	}
}
