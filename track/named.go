package track

import (
	"context"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/attribution"
)

// Named is an affiliate to whom a person gives credit.
type Named struct {
	AffiliateID string
	Parts       int    // of the sum of all parts
	Field       string // of the input, for errors
}

// NamedIn gives the touches of a person's decision, one for each affiliate, and the
// groups of those in one. A person may name whoever is active in the program, also
// the buyer: that this is so stands in the touch. Errors, at the field of the
// affiliate: NOT_FOUND; WRONG_STATE for one who is not active in the program.
func (s *Service) NamedIn(ctx context.Context, tx *store.Tx, c Case, named []Named) ([]attribution.Touch, map[string]string, error) {
	var e Evidence
	for _, n := range named {
		e.Touches = append(e.Touches, attribution.Touch{
			ID: n.AffiliateID, Kind: attribution.KindManual, AffiliateID: n.AffiliateID, At: tx.MerchantTime(), Position: n.Parts, Payable: true,
		})
	}
	if err := s.standings(ctx, tx, c, &e); err != nil {
		return nil, nil, err
	}
	for i, n := range named {
		t := &e.Touches[i]
		switch {
		case t.AffiliateStatus == "":
			return nil, nil, problem.At(problem.NotFound, n.Field, "the affiliate was not found")
		case t.AffiliateStatus != attribution.StatusActive:
			return nil, nil, problem.At(problem.State, n.Field, "the affiliate is %s in the program", t.AffiliateStatus)
		}
		t.Payable, t.Reason = true, "" // a program that is paused earns nothing of itself; a person may decide on what it earned
	}
	return e.Touches, e.Groups, nil
}
