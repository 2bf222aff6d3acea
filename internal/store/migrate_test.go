package store_test

import (
	"context"
	"testing"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
)

func TestMigrationsLeaveNoDrift(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	sql, err := s.Drift(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if sql != "" {
		t.Fatalf("the migrations and the entities disagree:\n%s", sql)
	}
}

func TestCommandWritesRowsEventsAndAudit(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx, mid := storetest.Merchant(t, s)
	type made struct{ ID string }
	out, err := store.Run(ctx, s, store.Command{Name: "groupCreate"}, func(ctx context.Context, tx *store.Tx) (made, error) {
		g, err := tx.Ent().AffiliateGroup.Create().SetName("Gold").Save(ctx)
		if err != nil {
			return made{}, err
		}
		tx.Emit(store.Event{Type: "group.created", Subject: g.ID})
		tx.Note(g.ID, map[string]string{"name": "→ Gold"})
		return made{g.ID}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	g := s.Client().AffiliateGroup.GetX(ctx, out.ID)
	if g.MerchantID != mid || g.Name != "Gold" || g.Version != 1 || g.CreatedAt.IsZero() {
		t.Fatalf("got %+v", g)
	}
	if n := s.Client().AuditRecord.Query().CountX(ctx); n != 2 {
		t.Fatalf("want the merchant's and the group's audit rows, got %d", n)
	}
}
