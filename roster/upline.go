package roster

import (
	"context"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// recruiters names the lock that every change of a parent holds.
const recruiters = "recruiters"

// Upline is the affiliate's parent, the parent's parent and so on, nearest
// first, at most that many of them; empty for an affiliate without a parent and
// for one that is not there. Whoever asks, it is the whole chain: an affiliate
// sees its own row only, and would seem to have nobody above it.
func Upline(ctx context.Context, tx *store.Tx, affiliateID string, most int) ([]string, error) {
	climbed, err := climb(ctx, inside(tx), tx.MerchantID(), affiliateID, "", most)
	chain := make([]string, 0, len(climbed))
	for _, one := range climbed {
		if one.level > 0 {
			chain = append(chain, one.id)
		}
	}
	return chain, err
}

// Upper is one of an affiliate's upline, as it stands in a program.
type Upper struct {
	Of          string // whose upline it is in
	AffiliateID string
	Status      string // its own; NOT_ENROLLED for one who is active but not in the program
	Buyer       bool   // an address of it is the buyer's
	PayIn       string // the currency it asked to be paid in; ""
}

// Uplines gives everybody above each of some affiliates, nearest first and at most
// so many of each, in one statement. addresses are hashes of a buyer's addresses.
func Uplines(ctx context.Context, tx *store.Tx, programID string, ids []string, most int, addresses [][]byte) (map[string][]Upper, error) {
	climbed, err := climbAll(ctx, inside(tx), tx.MerchantID(), programID, ids, most, addresses)
	by := make(map[string][]Upper, len(ids))
	for _, one := range climbed {
		by[one.Of] = append(by[one.Of], one)
	}
	return by, err
}

// Recruited says whether above is in the affiliate's upline, in however many
// steps.
func Recruited(ctx context.Context, tx *store.Tx, affiliateID, above string) (bool, error) {
	return single[bool](ctx, inside(tx), below, tx.MerchantID(), affiliateID, above)
}

// recruitable refuses a parent that is not there, is the affiliate itself or
// has it in its upline (Q58). affiliateID is empty for a new affiliate, which
// nobody can have above them yet.
//
// Every move holds one lock of the merchant. Two moves A→B and B→A that ran at
// once would each look at a chain without the other and together close a circle;
// so would any number of them, A→B, C→D, with B→C and D→A between. Holding the
// rows of the chain would do as well, but takes as many locks as the chain is
// long, in an order in which moves that cross end each other.
func recruitable(ctx context.Context, tx *store.Tx, affiliateID, parentID string) error {
	if err := named(parentID, id.Affiliate, "parentId", "affiliate"); err != nil {
		return err
	}
	_, err := tx.Ent().Affiliate.Get(ctx, parentID)
	if _, err = found(&struct{}{}, err, "parentId", "affiliate"); err != nil || affiliateID == "" {
		return err
	}
	if err := tx.Hold(ctx, recruiters); err != nil {
		return err
	}
	circle, err := Recruited(ctx, tx, parentID, affiliateID)
	if err == nil && (circle || parentID == affiliateID) {
		err = problem.At(problem.Invalid, "parentId", "the affiliate would be its own recruiter")
	}
	return err
}
