package ledger

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/store"
)

// An affiliate that was merged into another has accounts that are closed: what was in
// them went to the survivor's in one transaction, and whatever is posted to them from
// then on goes to the survivor's too. So a commission stays whose it was, and what is
// approved, refunded or paid of it later is in one place. What a commission has where
// it is taken from is what it has in the accounts of both.

// MergeIn moves all that an affiliate has, in every currency, to another: pending,
// payable, a debt too, and what payouts under way have reserved. It comes before the row
// that says who was merged, since the last posting to the accounts closes them.
//
// It takes the book alone: a posting under way would else find the affiliate unmerged
// after its balance was read, and leave money in accounts that are closed. Unavailable
// while postings keep the book busy.
func (s *Service) MergeIn(ctx context.Context, tx *store.Tx, mergeID, from, into string) error {
	if err := lockBook(ctx, tx, "3s"); err != nil {
		return busy(err)
	}
	held, err := holdings(ctx, tx, from)
	if err != nil {
		return err
	}
	for _, h := range held {
		p := Posting{Kind: Merge, SourceKey: "merge:" + mergeID + ":" + string(h.Currency), Subject: mergeID, Cause: Cause{ID: mergeID}, Sides: h.sides(from, into)}
		if len(p.Sides) == 0 {
			continue
		}
		if err := s.LockIn(ctx, tx, h.Currency, from, into); err != nil {
			return busy(err)
		}
		if _, _, err := s.PostIn(ctx, tx, p); err != nil {
			return busy(err)
		}
	}
	return nil
}

// holdings reads what an affiliate has, by currency, in the command itself.
func holdings(ctx context.Context, tx *store.Tx, affiliateID string) (out []Balance, err error) {
	err = each(ctx, tx.Query, balancesSQL+` AND a.affiliate_id = $2 ORDER BY a.currency`, []any{tx.MerchantID(), affiliateID}, func(rows *sql.Rows) error {
		var owner string
		var c money.Currency
		var kind AccountKind
		var minor, paid int64
		if err := rows.Scan(&owner, &c, &kind, &minor, &paid); err != nil {
			return err
		}
		if n := len(out); n == 0 || out[n-1].Currency != c {
			out = append(out, Balance{AffiliateID: owner, Currency: c, Standing: nothing(c)})
		}
		out[len(out)-1].of(kind).Minor = minor
		return nil
	})
	return out, err
}

// sides are the two sides of each account that is not empty.
func (b Balance) sides(from, into string) (sides []Side) {
	for _, kind := range affiliateKinds {
		if amount := *b.of(kind); !amount.IsZero() {
			sides = append(sides, Side{Ref{kind, from}, amount.Neg()}, Side{Ref{kind, into}, amount})
		}
	}
	return sides
}

// survivors gives who those of some affiliates are now who were merged.
func survivors(ctx context.Context, tx *store.Tx, affiliateIDs []string) (map[string]string, error) {
	now := map[string]string{}
	if len(affiliateIDs) == 0 {
		return now, nil
	}
	args := []any{tx.MerchantID()}
	err := each(ctx, tx.Query, `SELECT from_id, survivor_id FROM affiliate_merges WHERE merchant_id = $1 AND from_id IN (`+marks(&args, affiliateIDs)+`)`, args, func(rows *sql.Rows) error {
		var from, survivor string
		err := rows.Scan(&from, &survivor)
		now[from] = survivor
		return err
	})
	return now, err
}

// marks spells placeholders for texts, which it adds to the arguments.
func marks(args *[]any, texts []string) string {
	all := make([]string, len(texts))
	for i, t := range texts {
		*args = append(*args, t)
		all[i] = "$" + strconv.Itoa(len(*args))
	}
	return strings.Join(all, ", ")
}

// owners are the affiliates whose accounts lines go to.
func owners(lines []line) (ids []string) {
	for _, l := range lines {
		if of := l.ref.AffiliateID; of != "" && !slices.Contains(ids, of) {
			ids = append(ids, of)
		}
	}
	return ids
}

// redirect sends lines for accounts that are closed to the survivor's, in place. It
// reports whether there were any.
func (s *Service) redirect(ctx context.Context, tx *store.Tx, c money.Currency, lines []line) (bool, error) {
	now, err := survivors(ctx, tx, owners(lines))
	if err != nil || len(now) == 0 {
		return false, err
	}
	var refs []Ref
	for i := range lines {
		if to := now[lines[i].ref.AffiliateID]; to != "" {
			lines[i].ref.AffiliateID = to
			if !slices.Contains(refs, lines[i].ref) {
				refs = append(refs, lines[i].ref)
			}
		}
	}
	accounts, err := s.resolve(ctx, tx, refs, c)
	for i := range lines {
		if account, moved := accounts[lines[i].ref]; moved {
			lines[i].account = account
		}
	}
	return true, err
}

// inHandsOf gives the sides with the accounts of everybody whom an affiliate is one with
// by now told as its own.
func inHandsOf(ctx context.Context, tx *store.Tx, all []past, affiliateID string) ([]past, error) {
	people := []string{affiliateID}
	for _, p := range all {
		if of := p.account.AffiliateID; of != "" && !slices.Contains(people, of) {
			people = append(people, of)
		}
	}
	if len(people) == 1 || affiliateID == "" {
		return all, nil
	}
	now, err := survivors(ctx, tx, people)
	if err != nil {
		return nil, err
	}
	is := func(id string) string {
		if to := now[id]; to != "" {
			return to
		}
		return id
	}
	for i := range all {
		if of := all[i].account.AffiliateID; of != "" && is(of) == is(affiliateID) {
			all[i].account.AffiliateID = affiliateID
		}
	}
	return all, nil
}

// whose is the affiliate that a transfer is about.
func (m transfer) whose() string {
	if m.from.AffiliateID != "" {
		return m.from.AffiliateID
	}
	return m.to.AffiliateID
}
