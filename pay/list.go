package pay

import (
	"context"
	"strconv"
	"strings"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/payout"
	"github.com/tributary/tributary/ent/payoutbatch"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/pay/rail"
)

// BatchCSV writes what is to be sent of an approved batch as its rail's list, one line
// for each payout in the order of their ids, account details opened. What was settled,
// has failed or was cancelled is left out: from an old list it would be sent twice.
// Errors: NOT_FOUND id, WRONG_STATE id for a batch that is not approved, or has ended.
func (s *Service) BatchCSV(ctx context.Context, id string) (string, error) {
	b, err := s.store.Client().PayoutBatch.Get(ctx, id)
	if err != nil {
		return "", missing(err, "id", "batch")
	}
	if b.Status != payoutbatch.StatusAPPROVED {
		return "", problem.At(problem.State, "id", "the batch is %s: only an approved batch has payouts to be sent", b.Status)
	}
	way, err := s.rail(string(b.Rail))
	if err != nil {
		return "", err
	}
	rows, err := s.store.Client().Payout.Query().Where(payout.BatchID(b.ID), payout.StatusEQ(payout.StatusAPPROVED)).WithAffiliate().WithMethod().
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
	if err := way.List(&out, items); err != nil {
		return "", err
	}
	return out.String(), s.listed(ctx, b.ID, len(items))
}

// listed puts on record that account details have left, before they do.
func (s *Service) listed(ctx context.Context, batchID string, payouts int) error {
	_, err := store.Run(ctx, s.store, store.Command{Name: "payoutBatchCsv", Subject: batchID}, func(_ context.Context, tx *store.Tx) (int, error) {
		tx.Note("", map[string]string{"payouts": strconv.Itoa(payouts)})
		return payouts, nil
	})
	return err
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
