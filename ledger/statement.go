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

// A statement has two times. The period is about when things happened: an order
// of May that is told in June stands in May's statement. AsOf is about when the
// book heard of it: May's statement as of 3 June does not hold what was told on
// the 4th. Nothing in the book is changed, so a statement as of an instant that
// is past is the same whenever it is asked for, and two of them differ by what
// was recorded in between (N14).

// StatementInput names an affiliate's account in one currency, a period and what
// of it is asked for.
type StatementInput struct {
	AffiliateID string
	Currency    money.Currency
	From, To    time.Time // the period holds From, not To
	AsOf        time.Time // what was recorded by then, that instant included; zero: all
}

// Statement is what an affiliate had at the start of a period, what moved it,
// and what it had at the end.
type Statement struct {
	AffiliateID string
	Currency    money.Currency
	From, To    time.Time // the period holds From, not To
	AsOf        time.Time // what was recorded by then
	Locked      bool      // the period is locked: nothing will be added to it
	Opening     Standing
	Movements   []Movement // in the order in which they were booked
	Closing     Standing   // Opening and every movement
}

// Movement is one transaction as the affiliate sees it.
type Movement struct {
	TransactionID string
	At            time.Time // the instant whose period it counts in
	EventAt       time.Time // when its cause happened: before At, when that period was locked
	RecordedAt    time.Time // instant of the command that posted it
	Kind          Kind
	Subject, Memo string
	CauseID       string   // the conversion, refund or batch; empty when a person made it
	Reverses      string   // the transaction it takes back; may be empty
	Change        Standing // what it added to, or took from, each
}

// post adds an entry of an affiliate's account. A payout leaves RESERVED to the
// merchant's CLEARING, and counts as paid until it is returned from there.
func (s *Standing) post(account AccountKind, k Kind, minor int64) (err error) {
	amount := money.Of(minor, s.Paid.Currency)
	place := s.of(account)
	sent := account == ReservedAccount && k == Payout || account == PayableAccount && k == Return
	if *place, err = plus(*place, amount); err == nil && sent {
		s.Paid, err = plus(s.Paid, amount.Neg())
	}
	return err
}

// Statement gives an affiliate's statement for a period in one currency, as it
// was known at an instant. NotFound for an affiliate the viewer may not see,
// Invalid for a period that ends before it begins and for an instant to come,
// TooLarge beyond 50 000 movements.
func (s *Service) Statement(ctx context.Context, in StatementInput) (*Statement, error) {
	if in.AffiliateID == "" {
		return nil, problem.At(problem.NotFound, "affiliateId", "the affiliate was not found")
	}
	merchant, err := reader(ctx, in.AffiliateID)
	if err != nil {
		return nil, err
	}
	if in.To.Before(in.From) {
		return nil, problem.At(problem.Invalid, "to", "the period ends before it begins")
	}
	if err := s.past(ctx, in.AsOf); err != nil {
		return nil, err
	}
	st := &Statement{AffiliateID: in.AffiliateID, Currency: in.Currency, From: in.From.UTC(), To: in.To.UTC(), AsOf: in.AsOf.UTC(), Opening: nothing(in.Currency)}
	known := `AND e.created_at <= $4 `
	if in.AsOf.IsZero() {
		// Everything: another server's clock may be ahead of this one's.
		st.AsOf, known = s.store.MerchantTime(ctx), `AND e.created_at >= $4 `
		in.AsOf = time.Unix(0, 0).UTC()
	}
	if err := s.locked(ctx, merchant, st); err != nil {
		return nil, err
	}
	if err := s.opening(ctx, merchant, st, known, in.AsOf.UTC()); err != nil {
		return nil, err
	}
	st.Closing = st.Opening
	return st, s.movements(ctx, merchant, st, known, in.AsOf.UTC())
}

// past refuses an instant that is still to come: what will be booked until then nobody
// knows, and the same question would be answered otherwise later.
func (s *Service) past(ctx context.Context, asOf time.Time) error {
	if asOf.After(s.store.MerchantTime(ctx)) {
		return problem.At(problem.Invalid, "asOf", "is still to come")
	}
	return nil
}

// locked finds out whether anything can still be added to the period.
func (s *Service) locked(ctx context.Context, merchant string, st *Statement) error {
	return each(ctx, s.store.Read, `SELECT count(*) FROM ledger_locks WHERE merchant_id = $1 AND until >= $2 AND created_at <= $3`,
		[]any{merchant, st.To, st.AsOf}, func(rows *sql.Rows) error {
			var n int
			err := rows.Scan(&n)
			st.Locked = n > 0
			return err
		})
}

// affiliateEntries joins in the order that SQLite must keep: it knows nothing of
// how many rows there are, and would begin with all entries of the merchant.
const affiliateEntries = ` FROM ledger_accounts a CROSS JOIN ledger_entries e CROSS JOIN ledger_transactions t
	WHERE a.merchant_id = $1 AND a.affiliate_id = $2 AND a.currency = $3
	AND e.merchant_id = a.merchant_id AND e.account_id = a.id
	AND t.merchant_id = e.merchant_id AND t.id = e.transaction_id `

// countsFrom is the instant whose period an entry counts in; entries from before
// that was kept count from when they were recorded.
const countsFrom = `coalesce(e.effective_at, e.created_at)`

func (s *Service) opening(ctx context.Context, merchant string, st *Statement, known string, asOf time.Time) error {
	return each(ctx, s.store.Read, `SELECT a.kind, t.kind, SUM(e.amount_minor)`+affiliateEntries+known+`AND `+countsFrom+` < $5 GROUP BY a.kind, t.kind`,
		[]any{merchant, st.AffiliateID, string(st.Currency), asOf, st.From}, func(rows *sql.Rows) error {
			var account AccountKind
			var kind Kind
			var minor int64
			if err := rows.Scan(&account, &kind, &minor); err != nil {
				return err
			}
			return st.Opening.post(account, kind, minor)
		})
}

func (s *Service) movements(ctx context.Context, merchant string, st *Statement, known string, asOf time.Time) error {
	return each(ctx, s.store.Read, `SELECT t.id, t.created_at, t.event_at, e.effective_at, t.kind, t.subject_id, t.memo, t.cause_id, t.reverses_id, a.kind, e.amount_minor`+affiliateEntries+
		known+`AND `+countsFrom+` >= $5 AND `+countsFrom+` < $6 ORDER BY t.created_at, t.id, e.id`,
		[]any{merchant, st.AffiliateID, string(st.Currency), asOf, st.From, st.To}, func(rows *sql.Rows) error {
			m, account, minor, err := scanMovement(rows)
			if err != nil {
				return err
			}
			m.Change = nothing(st.Currency)
			return st.post(m, account, minor)
		})
}

func scanMovement(rows *sql.Rows) (m Movement, account AccountKind, minor int64, err error) {
	var event, counts sql.NullTime
	var cause, reverses sql.NullString
	err = rows.Scan(&m.TransactionID, &m.RecordedAt, &event, &counts, &m.Kind, &m.Subject, &m.Memo, &cause, &reverses, &account, &minor)
	m.RecordedAt = m.RecordedAt.UTC()
	m.At, m.EventAt = m.RecordedAt, m.RecordedAt
	if counts.Valid {
		m.At = counts.Time.UTC()
	}
	if event.Valid {
		m.EventAt = event.Time.UTC()
	}
	m.CauseID, m.Reverses = cause.String, reverses.String
	return m, account, minor, err
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
