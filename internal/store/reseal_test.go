package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/ent/migrate"
	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

// rings are the store's present key, and with it a second one that is used now.
func rings(t *testing.T) (before, after *seal.Keyring) {
	t.Helper()
	text, err := seal.Extended(strings.Repeat("ab", seal.MasterSize), time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	after, err = seal.FromHex(text)
	if err != nil {
		t.Fatal(err)
	}
	return after, after.At(time.Now())
}

// buyers writes n customers with a sealed address, and one with none.
func buyers(t *testing.T, s *store.Store, ctx context.Context, merchant string, n int) {
	t.Helper()
	_, err := store.Run(ctx, s, store.Command{Name: "test"}, func(ctx context.Context, tx *store.Tx) (int, error) {
		for i := range n {
			row := tx.ID("cus")
			sealed, err := s.Keys().Seal([]byte("secret"), seal.AAD{Merchant: merchant, Table: "customers", Column: "email_sealed", Row: row})
			if err != nil {
				return 0, err
			}
			create := tx.Ent().Customer.Create().SetID(row).SetIdentityHash([]byte(row))
			if i > 0 {
				create.SetEmailSealed(sealed)
			}
			if err := create.Exec(ctx); err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// factor writes a person with a second factor, which is of no merchant.
func factor(t *testing.T, s *store.Store, ctx context.Context) string {
	t.Helper()
	person, err := store.Run(ctx, s, store.Command{Name: "test"}, func(ctx context.Context, tx *store.Tx) (string, error) {
		row := tx.ID("usr")
		sealed, err := s.Keys().Seal([]byte("secret"), seal.AAD{Table: "users", Column: "second_factor", Row: row})
		if err != nil {
			return "", err
		}
		return row, tx.Ent().User.Create().SetID(row).SetEmail("ada@example.com").SetName("Ada").SetPasswordHash([]byte("none")).SetSecondFactor(sealed).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	return person
}

// More than a batch of values, under the first key; then the second is in use.
func TestR2_ValuesAreSealedAgainAfterARotation(t *testing.T) {
	t.Parallel()
	before, after := rings(t)
	s, err := store.Open(t.Context(), store.Config{URL: storetest.URL(t), Keys: before})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, merchant := storetest.Merchant(t, s)
	buyers(t, s, ctx, merchant, 251)
	person := factor(t, s, ctx)
	if err := s.UseKeys(after); err != nil {
		t.Fatal(err)
	}
	buyers(t, s, ctx, merchant, 11)
	for _, want := range []int{251, 0, 0} {
		if n, err := s.Reseal(t.Context()); n != want || err != nil {
			t.Fatalf("%d sealed again, want %d: %v", n, want, err)
		}
	}
	rows, err := s.Client().Customer.Query().All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	opened := 0
	for _, row := range rows {
		if len(row.EmailSealed) == 0 {
			continue
		}
		place := seal.AAD{Merchant: merchant, Table: "customers", Column: "email_sealed", Row: row.ID}
		if plain, err := s.Keys().Open(row.EmailSealed, place); string(plain) != "secret" || err != nil {
			t.Fatalf("%q %v", plain, err)
		}
		if opened++; row.EmailSealed[1] != after.KeyID() {
			t.Errorf("%s is under key %d", row.ID, row.EmailSealed[1])
		}
	}
	if opened != 260 {
		t.Errorf("%d values", opened)
	}
	if u, err := s.DoorUser(t.Context(), person); err != nil || u.SecondFactor[1] != after.KeyID() {
		t.Errorf("a second factor is left under the former key: %v", err)
	}
	swapped := seal.AAD{Merchant: merchant, Table: "customers", Column: "email_sealed", Row: rows[1].ID}
	if _, err := s.Keys().Open(rows[2].EmailSealed, swapped); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("a value opens in another row: %v", err)
	}
}

// A column that holds sealed values and is not on the list would be unreadable
// once its key were gone.
func TestEverySealedColumnIsSealedAgain(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for _, name := range store.SealedColumns() {
		listed[name] = true
	}
	for _, table := range migrate.Tables {
		for _, column := range table.Columns {
			if strings.HasSuffix(column.Name, "_sealed") && !listed[table.Name+"."+column.Name] {
				t.Errorf("%s.%s is not sealed again", table.Name, column.Name)
			}
			delete(listed, table.Name+"."+column.Name)
		}
	}
	if len(listed) > 0 {
		t.Errorf("no such columns: %v", listed)
	}
}
