package store

import (
	"context"
	"fmt"
	"strings"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
)

// txDriver lets ent work inside the command's transaction: a transaction that
// ent begins by itself, for a bulk or an edge, is the same one.
type txDriver struct{ *entsql.Driver }

// Tx within a transaction is that transaction.
func (d txDriver) Tx(context.Context) (dialect.Tx, error) { return dialect.NopTx(d), nil }

// Exec refuses an upsert that could reach over the wall.
func (d txDriver) Exec(ctx context.Context, query string, args, v any) error {
	if err := ownUpsert(query); err != nil {
		return err
	}
	return d.Driver.Exec(ctx, query, args, v)
}

// Query refuses an upsert that could reach over the wall.
func (d txDriver) Query(ctx context.Context, query string, args, v any) error {
	if err := ownUpsert(query); err != nil {
		return err
	}
	return d.Driver.Query(ctx, query, args, v)
}

// ownUpsert refuses INSERT … ON CONFLICT (…) DO UPDATE on columns without
// merchant_id: the row in the way could be another merchant's, and no hook sees
// that it is the one written. Users stand outside all merchants.
func ownUpsert(query string) error {
	_, conflict, upsert := strings.Cut(query, " ON CONFLICT ")
	if !upsert || !strings.Contains(conflict, "DO UPDATE") || strings.HasPrefix(query, "INSERT INTO `users`") || strings.HasPrefix(query, `INSERT INTO "users"`) {
		return nil
	}
	columns, _, _ := strings.Cut(conflict, ")")
	if !strings.Contains(columns, "merchant_id") {
		return fmt.Errorf("an upsert must name merchant_id among its conflict columns")
	}
	return nil
}
