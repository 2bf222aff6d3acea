package ledger

import (
	"context"
	"database/sql"
	"time"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
)

// maxMovements bounds a statement.
const maxMovements = 50_000

// Statement is what an affiliate had at the start of a period, what moved it,
// and what it had at the end.
type Statement struct {
	AffiliateID string
	Currency    money.Currency
	From, To    time.Time // the period holds From, not To
	Opening     Standing
	Movements   []Movement // by instant
	Closing     Standing   // Opening and every movement
}

// Movement is one transaction as the affiliate sees it.
type Movement struct {
	TransactionID string
	At            time.Time // instant of the command that posted it
	Kind          Kind
	Subject, Memo string
	Change        Standing // what it added to, or took from, each
}

// post adds an entry of an affiliate's account. A payout leaves RESERVED to the
// merchant's CLEARING, and counts as paid.
func (s *Standing) post(account AccountKind, k Kind, minor int64) (err error) {
	amount := money.Of(minor, s.Paid.Currency)
	place := s.of(account)
	if *place, err = plus(*place, amount); err == nil && account == ReservedAccount && k == Payout {
		s.Paid, err = plus(s.Paid, amount.Neg())
	}
	return err
}

// Statement gives an affiliate's statement for a period in one currency.
// NotFound for an affiliate the viewer may not see, Invalid for a period that
// ends before it begins, TooLarge beyond 50 000 movements.
func (s *Service) Statement(ctx context.Context, affiliateID string, c money.Currency, from, to time.Time) (*Statement, error) {
	if affiliateID == "" {
		return nil, problem.At(problem.NotFound, "affiliateId", "the affiliate was not found")
	}
	merchant, err := reader(ctx, affiliateID)
	if err != nil {
		return nil, err
	}
	if to.Before(from) {
		return nil, problem.At(problem.Invalid, "to", "the period ends before it begins")
	}
	st := &Statement{AffiliateID: affiliateID, Currency: c, From: from.UTC(), To: to.UTC(), Opening: nothing(c)}
	if err := s.opening(ctx, merchant, st); err != nil {
		return nil, err
	}
	st.Closing = st.Opening
	return st, s.movements(ctx, merchant, st)
}

// affiliateEntries joins in the order that SQLite must keep: it knows nothing of
// how many rows there are, and would begin with all entries of the merchant.
const affiliateEntries = ` FROM ledger_accounts a CROSS JOIN ledger_entries e CROSS JOIN ledger_transactions t
	WHERE a.merchant_id = $1 AND a.affiliate_id = $2 AND a.currency = $3
	AND e.merchant_id = a.merchant_id AND e.account_id = a.id
	AND t.merchant_id = e.merchant_id AND t.id = e.transaction_id `

func (s *Service) opening(ctx context.Context, merchant string, st *Statement) error {
	return each(ctx, s.store.Read, `SELECT a.kind, t.kind, SUM(e.amount_minor)`+affiliateEntries+`AND t.created_at < $4 GROUP BY a.kind, t.kind`,
		[]any{merchant, st.AffiliateID, string(st.Currency), st.From}, func(rows *sql.Rows) error {
			var account AccountKind
			var kind Kind
			var minor int64
			if err := rows.Scan(&account, &kind, &minor); err != nil {
				return err
			}
			return st.Opening.post(account, kind, minor)
		})
}

func (s *Service) movements(ctx context.Context, merchant string, st *Statement) error {
	return each(ctx, s.store.Read, `SELECT t.id, t.created_at, t.kind, t.subject_id, t.memo, a.kind, e.amount_minor`+affiliateEntries+
		`AND t.created_at >= $4 AND t.created_at < $5 ORDER BY t.created_at, t.id, e.id`,
		[]any{merchant, st.AffiliateID, string(st.Currency), st.From, st.To}, func(rows *sql.Rows) error {
			m := Movement{Change: nothing(st.Currency)}
			var account AccountKind
			var minor int64
			if err := rows.Scan(&m.TransactionID, &m.At, &m.Kind, &m.Subject, &m.Memo, &account, &minor); err != nil {
				return err
			}
			m.At = m.At.UTC()
			return st.post(m, account, minor)
		})
}

// post adds an entry to its movement, which it begins when it is the first.
func (st *Statement) post(m Movement, account AccountKind, minor int64) error {
	if n := len(st.Movements); n == 0 || st.Movements[n-1].TransactionID != m.TransactionID {
		if n == maxMovements {
			return problem.At(problem.TooLarge, "to", "more than %d movements: ask for a shorter period", maxMovements)
		}
		st.Movements = append(st.Movements, m)
	}
	if err := st.Movements[len(st.Movements)-1].Change.post(account, m.Kind, minor); err != nil {
		return err
	}
	return st.Closing.post(account, m.Kind, minor)
}
