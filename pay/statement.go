package pay

import (
	"context"
	"time"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/ledger"
)

// Balance is what an affiliate has in one currency.
type Balance struct {
	AffiliateID string
	Currency    money.Currency
	Pending     money.Money // accrued, not approved
	Payable     money.Money // approved, not in a batch; below zero: a debt
	Reserved    money.Money // in a batch, not settled
	Paid        money.Money // settled so far
}

// Balances gives what an affiliate has, by currency; the viewer's own when none
// is named. Errors: NOT_FOUND or INVALID affiliateId.
func (s *Service) Balances(ctx context.Context, affiliateID string) ([]Balance, error) {
	affiliateID, err := s.there(ctx, affiliateID)
	if err != nil {
		return nil, err
	}
	all, err := s.ledger.Balances(ctx, affiliateID)
	if err != nil {
		return nil, err
	}
	out := make([]Balance, len(all))
	for i, b := range all {
		out[i] = Balance{b.AffiliateID, b.Currency, b.Pending, b.Payable, b.Reserved, b.Paid}
	}
	return out, nil
}

// StatementInput names an account and a period.
type StatementInput struct {
	AffiliateID string // the viewer's own when empty
	Currency    money.Currency
	From, To    time.Time // the period holds From, not To
	AsOf        time.Time // what was recorded by then; zero: all
}

// Statement is an affiliate's account over a period.
type Statement struct {
	AffiliateID string
	Currency    money.Currency
	From, To    time.Time
	AsOf        time.Time   // what was recorded by then
	Locked      bool        // the period changes no more
	Opening     money.Money // owed before: pending, payable and reserved
	Rows        []StatementRow
	Closing     money.Money // owed after: opening and all rows
	Paid        money.Money // payouts settled in the period
}

// StatementRow is one thing that changed what is owed, or where it stands.
type StatementRow struct {
	At         time.Time // the instant whose period it counts in
	EventAt    time.Time // when its cause happened: before At, when that period was locked
	RecordedAt time.Time
	Kind       ledger.Kind
	SubjectID  string // the commission or payout
	Memo       string
	CauseID    *string     // the conversion, refund or batch behind it; nil for none
	Pending    money.Money // how each changed
	Payable    money.Money
	Reserved   money.Money
}

// Statement gives an affiliate's statement, oldest row first. Errors: NOT_FOUND or
// INVALID affiliateId, CURRENCY_UNKNOWN currency, INVALID or TOO_LARGE to.
func (s *Service) Statement(ctx context.Context, in StatementInput) (Statement, error) {
	if _, err := money.ParseCurrency(string(in.Currency)); err != nil {
		return Statement{}, problem.At(problem.CurrencyUnknown, "currency", "is no known currency")
	}
	affiliateID, err := s.there(ctx, in.AffiliateID)
	if err != nil {
		return Statement{}, err
	}
	book, err := s.ledger.Statement(ctx, ledger.StatementInput{AffiliateID: affiliateID, Currency: in.Currency, From: in.From, To: in.To, AsOf: in.AsOf})
	if err != nil {
		return Statement{}, err
	}
	st, err := stated(book)
	if err == nil {
		err = s.remark(ctx, st.Rows)
	}
	return st, err
}

// there finds the affiliate that is meant.
func (s *Service) there(ctx context.Context, affiliateID string) (string, error) {
	affiliateID, err := whose(ctx, affiliateID)
	if err != nil {
		return "", err
	}
	_, err = s.store.Client().Affiliate.Get(ctx, affiliateID)
	return affiliateID, missing(err, "affiliateId", "affiliate")
}

// stated tells the book's statement in an affiliate's terms.
func stated(book *ledger.Statement) (st Statement, err error) {
	st = Statement{AffiliateID: book.AffiliateID, Currency: book.Currency, From: book.From, To: book.To, AsOf: book.AsOf, Locked: book.Locked, Rows: []StatementRow{}}
	if st.Opening, err = owed(book.Opening); err != nil {
		return st, err
	}
	if st.Closing, err = owed(book.Closing); err != nil {
		return st, err
	}
	for _, m := range book.Movements {
		st.Rows = append(st.Rows, StatementRow{m.At, m.EventAt, m.RecordedAt, m.Kind, m.Subject, m.Memo, some(m.CauseID), m.Change.Pending, m.Change.Payable, m.Change.Reserved})
	}
	st.Paid, err = book.Closing.Paid.Sub(book.Opening.Paid)
	return st, err
}

// owed is all that has been earned and not been paid.
func owed(s ledger.Standing) (money.Money, error) {
	sum, err := s.Pending.Add(s.Payable)
	if err != nil {
		return sum, err
	}
	return sum.Add(s.Reserved)
}

// some is a text that may be absent.
func some(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
