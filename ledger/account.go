package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/tributary/tributary/ent/ledgeraccount"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
)

// AccountKind is what an account stands for.
type AccountKind = ledgeraccount.Kind

// The kinds of account.
const (
	ExpenseAccount  = ledgeraccount.KindEXPENSE  // the merchant's: what affiliates cost, as debits
	ClearingAccount = ledgeraccount.KindCLEARING // the merchant's: money sent
	ExchangeAccount = ledgeraccount.KindEXCHANGE // the merchant's: what goes from one currency into another
	PendingAccount  = ledgeraccount.KindPENDING  // an affiliate's: earned, not yet approved
	PayableAccount  = ledgeraccount.KindPAYABLE  // an affiliate's: approved and owed; guarded
	ReservedAccount = ledgeraccount.KindRESERVED // an affiliate's: in a payout under way; guarded
)

var (
	merchantKinds  = []AccountKind{ExpenseAccount, ClearingAccount, ExchangeAccount}
	affiliateKinds = []AccountKind{PendingAccount, PayableAccount, ReservedAccount}
)

// guarded accounts keep their balance on the row and are locked when they move,
// because a reservation must know it. The others are only ever added to: every
// order of a merchant writes to EXPENSE, and a lock there would make all orders
// wait for each other.
func guarded(k AccountKind) bool { return k == PayableAccount || k == ReservedAccount }

// Ref names an account of the merchant in the posting's currency.
type Ref struct {
	Kind        AccountKind
	AffiliateID string // empty for the merchant's own
}

// resolve gives the ids of accounts, opening those that are not there yet.
func (s *Service) resolve(ctx context.Context, tx *store.Tx, refs []Ref, c money.Currency) (map[Ref]string, error) {
	known, missing := s.accounts.find(tx.MerchantID(), c, refs)
	if len(missing) == 0 {
		return known, nil
	}
	found, err := lookUp(ctx, tx, missing, c)
	if err != nil {
		return nil, err
	}
	if len(found) < len(missing) {
		if err := open(ctx, tx, absent(missing, found), c); err != nil {
			return nil, err
		}
		if found, err = lookUp(ctx, tx, missing, c); err != nil {
			return nil, err
		}
	}
	// After the commit only: an account opened by a command that is rolled back
	// is not there, and its id must not be remembered.
	tx.AfterCommit(func() { s.accounts.keep(tx.MerchantID(), c, found) })
	for ref, account := range found {
		known[ref] = account
	}
	return known, nil
}

func lookUp(ctx context.Context, tx *store.Tx, refs []Ref, c money.Currency) (map[Ref]string, error) {
	args, which := []any{tx.MerchantID(), string(c)}, make([]string, len(refs))
	for i, ref := range refs {
		which[i] = fmt.Sprintf("(kind = $%d AND owner_key = $%d)", len(args)+1, len(args)+2)
		args = append(args, string(ref.Kind), ref.AffiliateID)
	}
	found := make(map[Ref]string, len(refs))
	err := each(ctx, tx.Query, `SELECT id, kind, owner_key FROM ledger_accounts
		WHERE merchant_id = $1 AND currency = $2 AND (`+strings.Join(which, " OR ")+`)`, args, func(rows *sql.Rows) error {
		var ref Ref
		var account string
		err := rows.Scan(&account, &ref.Kind, &ref.AffiliateID)
		found[ref] = account
		return err
	})
	return found, err
}

// absent gives the owners of accounts that were not found, in order.
func absent(refs []Ref, found map[Ref]string) []string {
	var owners []string
	for _, ref := range refs {
		if _, ok := found[ref]; !ok {
			owners = append(owners, ref.AffiliateID)
		}
	}
	slices.Sort(owners)
	return slices.Compact(owners)
}

// open makes all accounts of the owners in one currency, where they are not
// there yet.
//
// Two first orders race here. On PostgreSQL the second insert waits until the
// first command has ended and then does nothing, and the look-up that follows
// sees the first one's committed rows; or the first was rolled back and the
// second inserts. All of an owner's accounts are opened together and in one
// order: opened singly, one command could hold PAYABLE and wait for RESERVED
// while another does the reverse.
func open(ctx context.Context, tx *store.Tx, owners []string, c money.Currency) error {
	var args []any
	rows := 0
	for _, owner := range owners {
		kinds, affiliate := affiliateKinds, any(owner)
		if owner == "" {
			kinds, affiliate = merchantKinds, nil
		}
		for _, k := range kinds {
			args = append(args, tx.ID(id.Account), tx.MerchantID(), tx.Now(), string(k), affiliate, owner, string(c), guarded(k), int64(0))
			rows++
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO ledger_accounts
		(id, merchant_id, created_at, kind, affiliate_id, owner_key, currency, guarded, balance_minor)
		VALUES `+values(rows, 9, 1)+` ON CONFLICT (merchant_id, kind, owner_key, currency) DO NOTHING`, args...)
	return err
}

// values spells n rows of k placeholders, the first of them $first.
func values(n, k, first int) string {
	rows := make([]string, n)
	for i := range rows {
		marks := make([]string, k)
		for j := range marks {
			marks[j] = fmt.Sprintf("$%d", first+i*k+j)
		}
		rows[i] = "(" + strings.Join(marks, ", ") + ")"
	}
	return strings.Join(rows, ", ")
}
