package ledger

import (
	"context"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// transfer is the usual posting: an amount from one account to another.
type transfer struct {
	kind     Kind
	key      string // the source key
	subject  string
	from, to Ref
	amount   money.Money
	memo     string
	cause    []Cause // none or one
	reverses string
}

// posting spells the transfer out; nil when there is nothing to move, since a
// commission of zero is approved and refunded like any other and posts nothing.
func (m transfer) posting() (*Posting, error) {
	switch {
	case m.amount.IsNegative():
		return nil, problem.At(problem.Invalid, "amount", "%s is negative", m.amount)
	case m.amount.IsZero():
		return nil, nil
	}
	return &Posting{Kind: m.kind, SourceKey: m.key, Subject: m.subject, Memo: m.memo, Cause: causeOf(m.cause), Reverses: m.reverses,
		Sides: []Side{{m.from, m.amount.Neg()}, {m.to, m.amount}}}, nil
}

// give posts a transfer from an account that needs no look at its subject.
func (s *Service) give(ctx context.Context, tx *store.Tx, m transfer) error {
	p, err := m.posting()
	if err != nil || p == nil {
		return err
	}
	_, _, err = s.PostIn(ctx, tx, *p)
	return err
}
