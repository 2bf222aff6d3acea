package store_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// family is one row of every table: a merchant's, around one of its affiliates.
// It maps a table to its row's id.
type family map[string]any

// seeder writes families straight into the tables, made from the tables' own
// description: a table that is added is walked without a line here.
type seeder struct {
	t      testing.TB
	s      *store.Store
	tables []*schema.Table
	omit   string // a table left empty
}

var serial atomic.Int64 // makes seeded values unique

func newSeeder(t testing.TB, s *store.Store) *seeder {
	t.Helper()
	tables, err := store.Tables(s.Dialect())
	if err != nil {
		t.Fatal(err)
	}
	d := &seeder{t: t, s: s, tables: tables}
	d.tables = d.inOrder()
	return d
}

// inOrder puts a table after those it refers to.
func (d *seeder) inOrder() (out []*schema.Table) {
	placed := map[string]bool{}
	for len(out) < len(d.tables) {
		for _, table := range d.tables {
			if !placed[table.Name] && d.ready(table, placed) {
				placed[table.Name], out = true, append(out, table)
			}
		}
	}
	return out
}

func (d *seeder) ready(table *schema.Table, placed map[string]bool) bool {
	for _, c := range table.Columns {
		if target, is := d.target(table, c); is && target != table.Name && !placed[target] {
			return false
		}
	}
	return true
}

// family seeds one row per table; the merchant is base's, when there is one.
func (d *seeder) family(base family) family {
	d.t.Helper()
	f := family{}
	ctx := trust.With(d.t.Context(), trust.System(""))
	_, err := store.Run(ctx, d.s, store.Command{Name: "seed", Quiet: true}, func(ctx context.Context, tx *store.Tx) (int, error) {
		for _, table := range d.tables {
			if table.Name == d.omit {
				continue
			}
			if base != nil && single(table) {
				f[table.Name] = base[table.Name]
				continue
			}
			if err := d.row(ctx, tx, table, f, nil); err != nil {
				return 0, fmt.Errorf("%s: %w", table.Name, err)
			}
		}
		return 0, nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return f
}

// single says that a merchant has one row of the table at most.
func single(table *schema.Table) bool {
	return table.Name == "merchants" || slices.ContainsFunc(table.Indexes, func(i *schema.Index) bool {
		return i.Unique && len(i.Columns) == 1 && i.Columns[0].Name == "merchant_id"
	})
}

// row inserts one row of the family; what is given by column goes before what
// would be made up.
func (d *seeder) row(ctx context.Context, tx *store.Tx, table *schema.Table, f family, set map[string]any) error {
	var names, marks []string
	var args []any
	for _, c := range table.Columns {
		value, given := set[c.Name]
		if !given {
			value, given = d.value(table, c, f)
		}
		if !given {
			continue
		}
		if c == table.PrimaryKey[0] {
			f[table.Name] = value
		}
		args = append(args, value)
		names = append(names, c.Name)
		marks = append(marks, fmt.Sprintf("$%d", len(args)))
	}
	_, err := tx.Exec(ctx, `INSERT INTO `+table.Name+` (`+strings.Join(names, ", ")+`) VALUES (`+strings.Join(marks, ", ")+`)`, args...)
	return err
}

// value makes a column's value: a reference within the family, or something of
// the column's type. What may be NULL and is no reference stays NULL.
func (d *seeder) value(table *schema.Table, c *schema.Column, f family) (any, bool) {
	n := serial.Add(1)
	if target, is := d.target(table, c); is {
		id, has := f[target]
		return id, has && target != table.Name
	}
	switch {
	case c.Nullable:
		return nil, false
	case c.Type == field.TypeEnum:
		return c.Enums[0], true
	case c.Type == field.TypeTime:
		return d.s.Now(), true
	case c.Type == field.TypeBool:
		return true, true
	case c.Type == field.TypeJSON:
		return "[]", true
	case c.Type == field.TypeBytes:
		return fmt.Appendf(nil, "bytes %d", n), true
	case c.Type.Numeric():
		return n, true
	case c.Name == "currency":
		return "USD", true
	}
	return fmt.Sprintf("%.3s_%d", table.Name, n), true
}

// target is the table that a column refers to, by a key or by its name alone.
func (d *seeder) target(table *schema.Table, c *schema.Column) (string, bool) {
	for _, fk := range table.ForeignKeys {
		if fk.Columns[len(fk.Columns)-1] == c || fk.Columns[len(fk.Columns)-1].Name == c.Name {
			return fk.RefTable.Name, true
		}
	}
	stem, is := strings.CutSuffix(c.Name, "_id")
	for _, t := range d.tables {
		if is && t.Name == stem+"s" {
			return t.Name, true
		}
	}
	return "", false
}

// entities maps each entity to its table, as the client names them.
func entities(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{}
	client := reflect.TypeFor[ent.Client]()
	for i := range client.NumField() {
		f := client.Field(i)
		if _, is := f.Type.MethodByName("Query"); is {
			out[f.Name] = tableOf(f.Type)
		}
	}
	if len(out) < 38 {
		t.Fatalf("only %d entities found", len(out))
	}
	return out
}

// tableOf asks an entity's query for its table: the package's constant is not
// to be had by reflection, the row's JSON name is.
func tableOf(client reflect.Type) string {
	name := strings.TrimSuffix(client.Elem().Name(), "Client")
	for _, table := range tableNames() {
		if strings.EqualFold(strings.ReplaceAll(table, "_", ""), plural(name)) {
			return table
		}
	}
	return ""
}

func plural(name string) string {
	switch {
	case strings.HasSuffix(name, "y") && !strings.HasSuffix(name, "ay"):
		return strings.TrimSuffix(name, "y") + "ies"
	case strings.HasSuffix(name, "ch"), strings.HasSuffix(name, "s"):
		return name + "es"
	}
	return name + "s"
}

func tableNames() (names []string) {
	tables, err := store.Tables("sqlite3")
	if err != nil {
		panic(err)
	}
	for _, t := range tables {
		names = append(names, t.Name)
	}
	return names
}
