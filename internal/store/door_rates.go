package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/tributary/tributary/internal/id"
)

// PublishedRate is what one unit of a source's base cost on a day: mantissa
// divided by ten to the power of scale.
type PublishedRate struct {
	Source, Day, Currency string
	Mantissa              int64
	Scale                 int
}

// maxRatesAtOnce bounds one insert.
const maxRatesAtOnce = 100

// DoorRatesAdd keeps rates that are not there yet, all or none, and gives how many
// were new, or the first that is there with another value. It is global because
// what a bank has published is the same for every merchant.
func (s *Store) DoorRatesAdd(ctx context.Context, rates []PublishedRate) (added int, other *PublishedRate, err error) {
	tx, err := s.doorWrite.BeginTx(ctx, nil)
	if err != nil {
		return 0, nil, present(err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	for ; len(rates) > 0 && other == nil; rates = rates[min(len(rates), maxRatesAtOnce):] {
		some := rates[:min(len(rates), maxRatesAtOnce)]
		n, err := s.addRates(ctx, tx, some)
		if err != nil {
			return 0, nil, present(err)
		}
		added += n
		if n < len(some) {
			if other, err = s.otherRate(ctx, tx, some); err != nil {
				return 0, nil, present(err)
			}
		}
	}
	if other != nil {
		return 0, other, nil
	}
	return added, nil, present(tx.Commit())
}

func (s *Store) addRates(ctx context.Context, tx *sql.Tx, rates []PublishedRate) (int, error) {
	var args []any
	marks := make([]string, len(rates))
	for i, r := range rates {
		n := len(args)
		marks[i] = fmt.Sprintf("($%d, $%d, $%d, $%d, $%d, $%d, $%d)", n+1, n+2, n+3, n+4, n+5, n+6, n+7)
		args = append(args, id.New(id.ExchangeRate, s.Now()), s.Now(), r.Source, r.Day, r.Currency, r.Mantissa, r.Scale)
	}
	done, err := tx.ExecContext(ctx, s.rebind(`INSERT INTO exchange_rates (id, created_at, source, day, currency, mantissa, scale)
		VALUES `+strings.Join(marks, ", ")+` ON CONFLICT (source, currency, day) DO NOTHING`), args...)
	if err != nil {
		return 0, err
	}
	n, err := done.RowsAffected()
	return int(n), err
}

// otherRate finds the first of the rates that is kept with another value.
func (s *Store) otherRate(ctx context.Context, tx *sql.Tx, rates []PublishedRate) (*PublishedRate, error) {
	for _, r := range rates {
		kept := r
		err := tx.QueryRowContext(ctx, s.rebind(`SELECT mantissa, scale FROM exchange_rates WHERE source = $1 AND currency = $2 AND day = $3`),
			r.Source, r.Currency, r.Day).Scan(&kept.Mantissa, &kept.Scale)
		if err != nil {
			return nil, err
		}
		if kept != r {
			return &kept, nil
		}
	}
	return nil, nil
}

// DoorRate gives a currency's newest rate of the days from first to last, false
// when there is none. Days are spelled as 2026-03-31.
func (s *Store) DoorRate(ctx context.Context, source, currency, first, last string) (r PublishedRate, found bool, err error) {
	kept, found, err := keptRate(s.doorRead.QueryRowContext(ctx, s.rebind(newestRate), source, currency, first, last), source, currency)
	return kept.PublishedRate, found, err
}

// KeptRate is a rate and its row.
type KeptRate struct {
	ID string
	PublishedRate
}

const newestRate = `SELECT id, day, mantissa, scale FROM exchange_rates
	WHERE source = $1 AND currency = $2 AND day >= $3 AND day <= $4 ORDER BY day DESC LIMIT 1`

// DoorRate is Store.DoorRate within the command, whose connection it uses: a second
// one, asked for by every order at once, would never come free.
func (tx *Tx) DoorRate(ctx context.Context, source, currency, first, last string) (r KeptRate, found bool, err error) {
	return keptRate(tx.QueryRow(ctx, newestRate, source, currency, first, last), source, currency)
}

func keptRate(row *sql.Row, source, currency string) (r KeptRate, found bool, err error) {
	r.Source, r.Currency = source, currency
	err = row.Scan(&r.ID, &r.Day, &r.Mantissa, &r.Scale)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	return r, err == nil, present(err)
}
