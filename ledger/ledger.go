package ledger

import (
	"context"
	"database/sql"
	"errors"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// defaultSpan is how many entries of an account one checkpoint covers: enough
// to be rare, few enough to be summed within some milliseconds.
const defaultSpan = 5000

// Config says what the book is kept in.
type Config struct {
	Store *store.Store
	Span  int // entries covered by one checkpoint; 5000 when zero
}

// Service is the book of every merchant.
type Service struct {
	store    *store.Store
	span     int
	accounts accountIDs
}

// New opens the book.
func New(c Config) *Service {
	if c.Span == 0 {
		c.Span = defaultSpan
	}
	return &Service{store: c.Store, span: c.Span}
}

// staff gives the merchant whose whole book the viewer may read. An affiliate
// may read its own accounts only.
func staff(ctx context.Context) (merchantID string, err error) {
	v, ok := trust.From(ctx)
	switch {
	case !ok:
		return "", problem.New(problem.Unauthenticated, "sign in or send a token").Because(trust.ErrUnauthenticated)
	case !v.Sees(""):
		return "", problem.New(problem.Forbidden, "the merchant's accounts are not open to affiliates").Because(trust.ErrForbidden)
	}
	return v.MerchantID, nil
}

// reader gives the merchant among whose rows the viewer may read this
// affiliate's accounts; "" stands for all affiliates.
func reader(ctx context.Context, affiliateID string) (merchantID string, err error) {
	v, ok := trust.From(ctx)
	if ok && affiliateID != "" && !v.Sees(affiliateID) {
		return "", problem.At(problem.NotFound, "affiliateId", "the affiliate was not found")
	}
	if ok && affiliateID != "" {
		return v.MerchantID, nil
	}
	return staff(ctx)
}

// source is where rows are read: the store outside commands, a command's
// transaction within one.
type source func(ctx context.Context, query string, args ...any) (*sql.Rows, error)

// each scans every row of a query and closes it before it returns, so that the
// transaction's one connection is free again.
func each(ctx context.Context, from source, query string, args []any, scan func(*sql.Rows) error) (err error) {
	rows, err := from(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
