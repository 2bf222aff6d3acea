package report

import (
	"context"
	"fmt"

	"github.com/tributary/tributary/internal/store"
)

// unlikeBook are the commissions of which the book holds something else than their rows
// say: what is left of a pending one is pending, what is left of an approved or reversed
// one is payable, and of a rejected one there is nothing. Commissions that took one
// another's place are one in the book. Those that are paid in another currency have what
// was exchanged in the book, and not what their rows say. It is one statement, and so of
// one instant. $1 is the merchant.
const unlikeBook = `WITH booked AS (
		SELECT t.subject_id, e.currency, CAST(sum(CASE WHEN a.kind = 'PENDING' THEN e.amount_minor ELSE 0 END) AS bigint) AS pending,
			CAST(sum(CASE WHEN a.kind = 'PAYABLE' THEN e.amount_minor ELSE 0 END) AS bigint) AS payable
		FROM ledger_transactions t JOIN ledger_entries e ON e.merchant_id = t.merchant_id AND e.transaction_id = t.id
		JOIN ledger_accounts a ON a.merchant_id = e.merchant_id AND a.id = e.account_id
		WHERE t.merchant_id = $1 AND a.kind IN ('PENDING', 'PAYABLE') GROUP BY 1, 2),
	told AS (
		SELECT coalesce(k.book_id, k.id) AS id, k.currency,
			CAST(sum(CASE WHEN k.status = 'PENDING' THEN k.amount_minor - k.reversed_minor ELSE 0 END) AS bigint) AS pending,
			CAST(sum(CASE WHEN k.status IN ('APPROVED', 'REVERSED') THEN k.amount_minor - k.reversed_minor ELSE 0 END) AS bigint) AS payable
		FROM commissions k WHERE k.merchant_id = $1 AND k.paid_currency IS NULL GROUP BY 1, 2)
	SELECT told.id, told.currency, told.pending, told.payable, coalesce(booked.pending, 0), coalesce(booked.payable, 0)
	FROM told LEFT JOIN booked ON booked.subject_id = told.id AND booked.currency = told.currency
	WHERE told.pending <> coalesce(booked.pending, 0) OR told.payable <> coalesce(booked.payable, 0) ORDER BY told.id LIMIT 1000`

// VerifyCommissions compares the commissions of the viewer's merchant with the book, and
// names those that differ, a thousand at most. Errors: Forbidden for an affiliate.
func (s *Service) VerifyCommissions(ctx context.Context) (found []store.Finding, err error) {
	v, err := staff(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Read(ctx, unlikeBook, v.MerchantID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, currency string
		var pending, payable, bookPending, bookPayable int64
		if err := rows.Scan(&id, &currency, &pending, &payable, &bookPending, &bookPayable); err != nil {
			return nil, err
		}
		found = append(found, store.Finding{
			Check: "report.commissions", Subject: id,
			Detail: fmt.Sprintf("its row says %d %s pending and %d payable, the book %d and %d", pending, currency, payable, bookPending, bookPayable),
		})
	}
	return found, rows.Err()
}
