package pay

import (
	"context"
	"strings"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/payout"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/pay/rail"
)

// BatchCSV writes a batch as its rail's list, one line for each payout in the
// order of their ids, account details opened. Errors: NOT_FOUND id.
func (s *Service) BatchCSV(ctx context.Context, id string) (string, error) {
	b, err := s.store.Client().PayoutBatch.Get(ctx, id)
	if err != nil {
		return "", missing(err, "id", "batch")
	}
	way, err := s.rail(string(b.Rail))
	if err != nil {
		return "", err
	}
	rows, err := s.store.Client().Payout.Query().Where(payout.BatchID(b.ID)).WithAffiliate().WithMethod().
		Order(ent.Asc(payout.FieldID)).All(ctx)
	if err != nil {
		return "", err
	}
	items := make([]rail.Item, len(rows))
	for i, p := range rows {
		if items[i], err = s.item(p); err != nil {
			return "", err
		}
	}
	var out strings.Builder
	err = way.List(&out, items)
	return out.String(), err
}

// item shows a payout to a rail.
func (s *Service) item(p *ent.Payout) (rail.Item, error) {
	i := rail.Item{PayoutID: p.ID, AffiliateID: p.AffiliateID, Name: p.Edges.Affiliate.Name, Amount: money.Of(p.AmountMinor, p.Currency)}
	m := p.Edges.Method
	if m == nil {
		return i, nil
	}
	details, err := s.openDetails(m.MerchantID, m)
	i.Hint, i.Details = m.Hint, details
	return i, err
}
