package ledger

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
)

// ReserveIn sets money aside for a payout: PAYABLE to RESERVED. A later refund
// therefore meets the next payout, not this one. Insufficient when less than
// amount is payable.
func (s *Service) ReserveIn(ctx context.Context, tx *store.Tx, payoutID, affiliateID string, amount money.Money, why ...Cause) error {
	return s.give(ctx, tx, transfer{kind: Reservation, key: "reserve:" + payoutID, subject: payoutID, from: Ref{PayableAccount, affiliateID}, to: Ref{ReservedAccount, affiliateID}, amount: amount, cause: why})
}

// ReleaseIn gives back what a payout that failed or was cancelled had reserved:
// RESERVED to PAYABLE. amount must be all of it; State otherwise, and once the
// payout is settled.
func (s *Service) ReleaseIn(ctx context.Context, tx *store.Tx, payoutID, affiliateID string, amount money.Money, why ...Cause) error {
	return s.take(ctx, tx, transfer{kind: Release, key: "release:" + payoutID, subject: payoutID, from: Ref{ReservedAccount, affiliateID}, to: Ref{PayableAccount, affiliateID}, amount: amount, cause: why}, true)
}

// SettleIn records that a payout was sent: RESERVED to CLEARING. amount must be
// all that it reserved; State otherwise, and once the payout is released.
func (s *Service) SettleIn(ctx context.Context, tx *store.Tx, payoutID, affiliateID string, amount money.Money, why ...Cause) error {
	return s.take(ctx, tx, transfer{kind: Payout, key: "settle:" + payoutID, subject: payoutID, from: Ref{ReservedAccount, affiliateID}, to: Ref{Kind: ClearingAccount}, amount: amount, cause: why}, true)
}

// ReturnIn records that a payout which was sent came back: CLEARING to PAYABLE. amount
// must be all that was sent; State otherwise, and once it has come back.
func (s *Service) ReturnIn(ctx context.Context, tx *store.Tx, payoutID, affiliateID string, amount money.Money, why ...Cause) error {
	return s.take(ctx, tx, transfer{kind: Return, key: "return:" + payoutID, subject: payoutID, from: Ref{Kind: ClearingAccount}, to: Ref{PayableAccount, affiliateID}, amount: amount, cause: why}, true)
}

// HolderIn names the affiliate from whose account a payout was sent or given back, and in
// whose balance the book counts it as paid: of one who was merged while the payout was
// under way, the other; of one merged since, its own. Empty while the payout is open.
func (s *Service) HolderIn(ctx context.Context, tx *store.Tx, payoutID string) (affiliateID string, err error) {
	all, err := pastOf(ctx, tx, payoutID)
	for _, p := range all {
		if p.account.Kind == ReservedAccount && (p.kind == Payout || p.kind == Release) {
			affiliateID = p.account.AffiliateID
		}
	}
	return affiliateID, err
}

// Payable is what an affiliate may be paid.
type Payable struct {
	AffiliateID string
	Amount      money.Money // always positive: a debt is carried forward, never paid
}

// Payables gives what may be paid in a currency, by affiliate id, and locks the
// accounts it names until the command ends: the amounts cannot change before
// they are reserved, and the reservations find their rows locked in id order.
func (s *Service) Payables(ctx context.Context, tx *store.Tx, c money.Currency) (out []Payable, err error) {
	err = each(ctx, tx.Query, `SELECT a.affiliate_id, a.kind, a.balance_minor FROM ledger_accounts a
		WHERE a.merchant_id = $1 AND a.currency = $2 AND a.guarded AND a.affiliate_id IN (SELECT p.affiliate_id FROM ledger_accounts p
			WHERE p.merchant_id = $1 AND p.currency = $2 AND p.kind = 'PAYABLE' AND p.balance_minor > 0)
		ORDER BY a.id`+forUpdate(tx), []any{tx.MerchantID(), string(c)}, func(rows *sql.Rows) error {
		one := Payable{Amount: money.Zero(c)}
		var kind AccountKind
		err := rows.Scan(&one.AffiliateID, &kind, &one.Amount.Minor)
		if kind == PayableAccount && one.Amount.Minor > 0 { // as it is under the lock, not as the subquery saw it
			out = append(out, one)
		}
		return err
	})
	slices.SortFunc(out, func(a, b Payable) int { return strings.Compare(a.AffiliateID, b.AffiliateID) })
	return out, err
}

// PaidOut reports whether a payout has taken what is payable of an affiliate since a
// commission was approved, and kept it: a payout takes everything payable. Of one who was
// merged, it is those of the other since then.
func (s *Service) PaidOut(ctx context.Context, tx *store.Tx, commissionID, affiliateID string, c money.Currency) (paid bool, err error) {
	err = tx.QueryRow(ctx, `WITH RECURSIVE hands (id, since) AS (SELECT f.id, substr(f.id, 1, 0) FROM affiliates f WHERE f.merchant_id = $1 AND f.id = $2
			UNION ALL SELECT g.into_id, substr(g.id, 5) FROM hands JOIN affiliate_merges g ON g.merchant_id = $1 AND g.from_id = hands.id)
		SELECT EXISTS (SELECT 1 FROM hands JOIN ledger_accounts a ON a.affiliate_id = hands.id
		JOIN ledger_entries e ON e.merchant_id = a.merchant_id AND e.account_id = a.id
		JOIN ledger_transactions r ON r.merchant_id = e.merchant_id AND r.id = e.transaction_id
		WHERE a.merchant_id = $1 AND a.kind = 'PAYABLE' AND a.currency = $3 AND r.kind = 'RESERVATION' AND substr(r.id, 5) > hands.since
		AND r.id > (SELECT p.id FROM ledger_transactions p WHERE p.merchant_id = $4 AND p.source_key = $5)
		AND NOT EXISTS (SELECT 1 FROM ledger_transactions x WHERE x.merchant_id = r.merchant_id AND x.subject_id = r.subject_id AND x.kind IN ('RELEASE', 'RETURN')))`,
		tx.MerchantID(), affiliateID, string(c), tx.MerchantID(), "approve:"+commissionID).Scan(&paid)
	return paid, err
}
