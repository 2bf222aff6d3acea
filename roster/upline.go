package roster

import (
	"context"
	"slices"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// MaxUpline bounds the chain of parents: a longer one is refused when it is
// made, and an upline is never read beyond it.
const MaxUpline = 32

// Upline is the affiliate's parent, the parent's parent and so on, nearest
// first, at most [MaxUpline] of them; empty for an affiliate without a parent
// and for one that is not there. The client may be a command's or the store's.
func Upline(ctx context.Context, client *ent.Client, affiliateID string) ([]string, error) {
	// Whoever asks, the rule needs the whole chain: an affiliate sees its own row
	// only, and would seem to have nobody above it. The merchant stays the same.
	if v, ok := trust.From(ctx); ok {
		ctx = trust.With(ctx, trust.System(v.MerchantID))
	}
	var chain []string
	for at := affiliateID; len(chain) < MaxUpline; {
		row, err := client.Affiliate.Query().Where(affiliate.ID(at)).Select(affiliate.FieldParentID).Only(ctx)
		if ent.IsNotFound(err) {
			return chain, nil
		}
		if err != nil || row.ParentID == nil {
			return chain, err
		}
		at = *row.ParentID
		chain = append(chain, at)
	}
	return chain, nil
}

// recruitable refuses a parent that is not there, is the affiliate itself or
// has it in its upline (Q58). affiliateID is empty for a new affiliate, which
// nobody can have above them yet.
//
// It locks the affiliate, the parent and the parent's whole upline. Two moves
// A→B and B→A that ran at once would each look at a chain without the other and
// together close a circle; holding only their own two rows is not enough, since
// A→B and C→D close one through B→C and D→A. A chain all of whose rows are held,
// up to the one without a parent, cannot change until the commit.
func recruitable(ctx context.Context, tx *store.Tx, affiliateID, parentID string) error {
	if err := named(parentID, id.Affiliate, "parentId", "affiliate"); err != nil {
		return err
	}
	chain, err := heldChain(ctx, tx, affiliateID, parentID)
	switch {
	case err != nil:
		return err
	case slices.Contains(chain, affiliateID):
		return problem.At(problem.Invalid, "parentId", "the affiliate would be its own recruiter")
	case len(chain) > MaxUpline:
		return problem.At(problem.Invalid, "parentId", "the chain of recruiters would be longer than %d", MaxUpline)
	}
	_, err = tx.Ent().Affiliate.Get(ctx, parentID)
	_, err = found(&struct{}{}, err, "parentId", "affiliate")
	return err
}

// heldChain reads the parent and its upline until every row it read is locked:
// a chain that changed before the lock was there is read again. Rows added late
// are locked out of id order, so two moves may deadlock; PostgreSQL then ends
// one of them and its command runs again.
func heldChain(ctx context.Context, tx *store.Tx, affiliateID, parentID string) ([]string, error) {
	held := map[string]bool{}
	for {
		above, err := Upline(ctx, tx.Ent(), parentID)
		if err != nil {
			return nil, err
		}
		chain := append([]string{parentID}, above...)
		free := slices.DeleteFunc(append([]string{affiliateID}, chain...), func(one string) bool { return one == "" || held[one] })
		if len(free) == 0 {
			return chain, nil
		}
		if err := tx.Lock(ctx, "affiliates", free...); err != nil {
			return nil, err
		}
		for _, one := range free {
			held[one] = true
		}
	}
}
