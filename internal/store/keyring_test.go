package store_test

import (
	"testing"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

func TestADatabaseKeepsItsMasterKeys(t *testing.T) {
	t.Parallel()
	url, keys := storetest.URL(t), storetest.Keys(t)
	first, err := store.Open(t.Context(), store.Config{URL: url, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if err := first.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := first.BindKeys(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	other, err := store.Open(t.Context(), store.Config{URL: url, Keys: storetest.Keys(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := other.BindKeys(t.Context()); problem.CodeOf(err) != problem.Unavailable {
		t.Fatalf("other keys were taken: %v", err)
	}
}
