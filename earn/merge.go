package earn

import (
	"context"
	"strconv"

	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/roster"
)

// AffiliateMergeInput names two affiliates who are one person.
type AffiliateMergeInput struct {
	FromID, IntoID string
	Reason         string // 1 to 500 bytes
}

// AffiliateMerged names the survivor.
type AffiliateMerged struct{ MergeID, FromID, IntoID string }

// AffiliateMerge merges an affiliate into another, for good (Q80). Both histories stay
// where they are. From now on the survivor has the links, codes, places in programs,
// recruits, buyers and balances of both, and is one with the merged one wherever a
// buyer's own sale is looked for. Commissions stay the rows of who earned them; what
// becomes of them is posted to the survivor, payouts under way included. What tiers,
// caps and rules for one affiliate counted for the merged one stays its own. Errors:
// INVALID reason; those of roster.MergeIn; UNAVAILABLE while postings keep the book busy.
func (s *Service) AffiliateMerge(ctx context.Context, in AffiliateMergeInput) (AffiliateMerged, error) {
	if err := checkWhy(&in.Reason); err != nil {
		return AffiliateMerged{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "affiliateMerge", Subject: in.FromID}, func(ctx context.Context, tx *store.Tx) (AffiliateMerged, error) {
		m, err := roster.MergeIn(ctx, tx, in.FromID, in.IntoID, in.Reason)
		if err != nil {
			return AffiliateMerged{}, err
		}
		adopted, err := s.track.AdoptIn(ctx, tx, m.From, in.IntoID)
		if err != nil {
			return AffiliateMerged{}, err
		}
		tx.Note(in.IntoID, map[string]string{"links": strconv.Itoa(adopted.Links), "coupons": strconv.Itoa(adopted.Coupons)})
		// The book after the rows that orders lock, and last: nothing is posted meanwhile.
		if err := s.ledger.MergeIn(ctx, tx, m.ID, in.FromID, in.IntoID); err != nil {
			return AffiliateMerged{}, err
		}
		return AffiliateMerged{m.ID, in.FromID, in.IntoID}, roster.MergedIn(ctx, tx, m)
	})
}
