package ledger

import (
	"context"
	"database/sql"

	"github.com/tributary/tributary/internal/money"
)

// Standing is what an affiliate has, or what changed it, in one currency.
type Standing struct {
	Pending  money.Money // earned, not yet approved
	Payable  money.Money // approved and owed; negative: a debt carried forward
	Reserved money.Money // in payouts under way
	Paid     money.Money // in payouts settled, ever
}

// Balance is an affiliate's standing now.
type Balance struct {
	AffiliateID string
	Currency    money.Currency
	Standing
}

func nothing(c money.Currency) Standing {
	zero := money.Zero(c)
	return Standing{Pending: zero, Payable: zero, Reserved: zero, Paid: zero}
}

// of gives the place of an affiliate account's amount.
func (s *Standing) of(k AccountKind) *money.Money {
	switch k {
	case PendingAccount:
		return &s.Pending
	case PayableAccount:
		return &s.Payable
	}
	return &s.Reserved
}

// balancesSQL gives accounts with their balances, in one statement and thus at
// one moment: a guarded balance from the row, any other from the newest
// checkpoint and the entries after it. Paid is what payouts took from RESERVED
// and were not returned of;
// the kind is looked up for each such entry, as a join tempts PostgreSQL to read
// every transaction of the merchant for the few that are payouts.
var balancesSQL = `SELECT a.owner_key, a.currency, a.kind,
	CASE WHEN a.guarded THEN a.balance_minor ELSE coalesce(c.balance_minor, 0) + coalesce((
		SELECT SUM(e.amount_minor) FROM ledger_entries e
		WHERE e.merchant_id = a.merchant_id AND e.account_id = a.id AND e.id >= ` + firstAfterNewest + `), 0) END,
	CASE WHEN a.kind <> 'RESERVED' THEN 0 ELSE coalesce((
		SELECT -SUM(CASE WHEN 'PAYOUT' = (SELECT CASE WHEN t.kind = 'PAYOUT' AND EXISTS (SELECT 1 FROM ledger_transactions r
				WHERE r.merchant_id = t.merchant_id AND r.subject_id = t.subject_id AND r.kind = 'RETURN') THEN 'RETURN' ELSE t.kind END FROM ledger_transactions t
			WHERE t.merchant_id = e.merchant_id AND t.id = e.transaction_id) THEN e.amount_minor ELSE 0 END)
		FROM ledger_entries e WHERE e.merchant_id = a.merchant_id AND e.account_id = a.id AND e.amount_minor < 0), 0) END
	FROM ledger_accounts a ` + joinNewest + ` WHERE a.merchant_id = $1`

// Balances gives what an affiliate has, one for each currency it has accounts
// in, by currency. An empty affiliateID means every affiliate of the viewer's
// merchant, by affiliate and currency. NotFound for an affiliate that the viewer
// may not see; one without accounts has no balances.
func (s *Service) Balances(ctx context.Context, affiliateID string) (out []Balance, err error) {
	merchant, err := reader(ctx, affiliateID)
	if err != nil {
		return nil, err
	}
	args, which := []any{merchant}, ` AND a.affiliate_id IS NOT NULL`
	if affiliateID != "" {
		args, which = append(args, affiliateID), ` AND a.affiliate_id = $2`
	}
	err = each(ctx, s.store.Read, balancesSQL+which+` ORDER BY a.owner_key, a.currency`, args, func(rows *sql.Rows) error {
		var owner string
		var c money.Currency
		var kind AccountKind
		var minor, paid int64
		if err := rows.Scan(&owner, &c, &kind, &minor, &paid); err != nil {
			return err
		}
		if n := len(out); n == 0 || out[n-1].AffiliateID != owner || out[n-1].Currency != c {
			out = append(out, Balance{AffiliateID: owner, Currency: c, Standing: nothing(c)})
		}
		b := &out[len(out)-1]
		b.of(kind).Minor = minor
		b.Paid.Minor += paid
		return nil
	})
	return out, err
}

// BalanceOf gives an account's balance, credit positive: EXPENSE is negative by
// what affiliates cost. Zero for an account that was never written to. An
// affiliate may ask for its own accounts only.
func (s *Service) BalanceOf(ctx context.Context, account Ref, c money.Currency) (money.Money, error) {
	balance := money.Zero(c)
	merchant, err := reader(ctx, account.AffiliateID)
	if err != nil {
		return balance, err
	}
	args := []any{merchant, string(account.Kind), account.AffiliateID, string(c)}
	err = each(ctx, s.store.Read, balancesSQL+` AND a.kind = $2 AND a.owner_key = $3 AND a.currency = $4`, args, func(rows *sql.Rows) error {
		var owner, currency, kind string
		var paid int64
		return rows.Scan(&owner, &currency, &kind, &balance.Minor, &paid)
	})
	return balance, err
}
