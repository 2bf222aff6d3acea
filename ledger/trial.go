package ledger

import (
	"context"
	"database/sql"
	"time"

	"github.com/tributary/tributary/internal/money"
)

// TrialRow sums the accounts of one kind in one currency.
type TrialRow struct {
	Currency money.Currency
	Kind     AccountKind
	Accounts int64       // with entries
	Debits   money.Money // of all entries, as a positive amount
	Credits  money.Money
	Balance  money.Money // credits less debits
}

// Chart gives the viewer's merchant's accounts summed by currency and kind, from
// their entries alone, as the book stood at an instant, that instant included: as
// it stands now for the zero time. An empty currency means every one. The debits
// of a currency equal its credits, or the book is broken. Invalid for an instant to come.
func (s *Service) Chart(ctx context.Context, c money.Currency, asOf time.Time) (out []TrialRow, err error) {
	merchant, err := staff(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.past(ctx, asOf); err != nil {
		return nil, err
	}
	args, which := []any{merchant}, ""
	if c != "" {
		args, which = append(args, string(c)), ` AND e.currency = $2`
	}
	if !asOf.IsZero() {
		args = append(args, asOf.UTC())
		which += ` AND e.created_at <= $` + string(rune('0'+len(args)))
	}
	err = each(ctx, s.store.Read, `SELECT e.currency, a.kind, COUNT(DISTINCT a.id), SUM(CASE WHEN e.amount_minor < 0 THEN -e.amount_minor ELSE 0 END),
		SUM(CASE WHEN e.amount_minor > 0 THEN e.amount_minor ELSE 0 END)
		FROM ledger_entries e JOIN ledger_accounts a ON a.merchant_id = e.merchant_id AND a.id = e.account_id
		WHERE e.merchant_id = $1`+which+` GROUP BY e.currency, a.kind ORDER BY e.currency, a.kind`, args, func(rows *sql.Rows) error {
		var r TrialRow
		if err := rows.Scan(&r.Currency, &r.Kind, &r.Accounts, &r.Debits.Minor, &r.Credits.Minor); err != nil {
			return err
		}
		r.Debits.Currency, r.Credits.Currency = r.Currency, r.Currency
		r.Balance, err = plus(r.Credits, r.Debits.Neg())
		out = append(out, r)
		return err
	})
	return out, err
}

// TrialBalance sums every entry of the viewer's merchant, by currency, without
// any kept balance or checkpoint. Each sum is zero, or the book is broken.
func (s *Service) TrialBalance(ctx context.Context) (map[money.Currency]int64, error) {
	return s.TrialBalanceOf(ctx, "", time.Time{})
}

// TrialBalanceOf is TrialBalance of one currency, as the book stood at an instant;
// an empty currency and the zero time are as for Chart.
func (s *Service) TrialBalanceOf(ctx context.Context, c money.Currency, asOf time.Time) (map[money.Currency]int64, error) {
	rows, err := s.Chart(ctx, c, asOf)
	sums := map[money.Currency]int64{}
	for _, r := range rows {
		sums[r.Currency] += r.Balance.Minor
	}
	return sums, err
}
