package earn

import (
	"context"
	"slices"

	"github.com/tributary/tributary/earn/plan"
)

// underTerms are terms, with those who share a sale and are under them: new terms may
// leave who was there first under the earlier ones (N32).
type underTerms struct {
	version    plan.Version
	affiliates []string
}

func (t underTerms) levelled() bool { return len(t.version.Levels) > 0 }

// join adds an affiliate to its terms.
func join(all []underTerms, v plan.Version, affiliateID string) []underTerms {
	i := slices.IndexFunc(all, func(t underTerms) bool { return t.version.ID == v.ID })
	if i < 0 {
		return append(all, underTerms{v, []string{affiliateID}})
	}
	all[i].affiliates = append(all[i].affiliates, affiliateID)
	return all
}

// terms gives the terms of those with credit.
func (a *award) terms() (all []underTerms) {
	for _, p := range a.decision.Parties() {
		all = join(all, a.of(p.AffiliateID).version, p.AffiliateID)
	}
	return all
}

// sharedTerms gives the terms of those who share a layer.
func sharedTerms(first parts) (all []underTerms) {
	for _, who := range first[0].sharing() {
		all = join(all, first.under(who), who)
	}
	return all
}

// under gives the terms that an affiliate who shares a layer is under; one for whom
// nothing was accrued is under those of the first.
func (p parts) under(affiliateID string) plan.Version {
	if own, accrued := p.of(affiliateID); accrued {
		return own.version
	}
	return p[0].version
}

// restateEach restates the periods of all terms.
func (s *Service) restateEach(ctx context.Context, w *work, terms []underTerms, cause string) error {
	for _, t := range terms {
		if err := s.restate(ctx, w, t.version, t.affiliates, cause); err != nil {
			return err
		}
	}
	return nil
}
