package track

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/coupon"
	"github.com/tributary/tributary/ent/enrollment"
	entlink "github.com/tributary/tributary/ent/link"
	"github.com/tributary/tributary/internal/store"
)

// Adopted is how much changed hands.
type Adopted struct{ Links, Coupons int }

// AdoptIn gives an affiliate's links and coupons to another, the survivor of a merge:
// they work on, and credit that one from now on. Clicks there were stay the earlier
// one's rows; a decision credits the survivor for them.
func (s *Service) AdoptIn(ctx context.Context, tx *store.Tx, from *ent.Affiliate, into string) (out Adopted, err error) {
	// What a server has read of a link it takes back for a later reading only, by the
	// versions of link, program, affiliate and place together; so the link's grows by
	// what those of the affiliate and its places may fall.
	places, err := tx.Ent().Enrollment.Query().Where(enrollment.AffiliateID(from.ID)).All(ctx)
	if err != nil {
		return out, err
	}
	more := from.Version + 1
	for _, p := range places {
		more += p.Version
	}
	out.Links, err = tx.Ent().Link.Update().Where(entlink.AffiliateID(from.ID)).SetAffiliateID(into).AddVersion(more).Save(ctx)
	if err != nil {
		return out, err
	}
	out.Coupons, err = tx.Ent().Coupon.Update().Where(coupon.AffiliateID(from.ID)).SetAffiliateID(into).Save(ctx)
	return out, err
}

// follow takes touches of those who were merged for the survivor's, and reports whether
// there were any.
func (e *Evidence) follow(now map[string]string) (moved bool) {
	for i := range e.Touches {
		if to := now[e.Touches[i].AffiliateID]; to != "" {
			e.Touches[i].AffiliateID, moved = to, true
		}
	}
	return moved
}
