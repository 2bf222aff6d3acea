package earn

import (
	"context"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/commission"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/rates"
	"github.com/tributary/tributary/trust"
)

// wanted is a rate that something waits for.
type wanted struct {
	from, to money.Currency
	day      string
}

// ConvertWaiting converts the commissions that wait for a rate which has come, of
// every merchant, and gives how many it converted. It reads pages of so many: those
// whose rate never comes hold up no other.
func (s *Service) ConvertWaiting(ctx context.Context, page int) (converted int, err error) {
	known := map[wanted]bool{}
	for after := ""; ; {
		waiting, err := s.store.DoorRateWaiting(ctx, after, page)
		if err != nil || len(waiting) == 0 {
			return converted, err
		}
		for _, one := range waiting {
			after = one.CommissionID
			if there, err := s.rateThere(ctx, known, one); err != nil || !there {
				if err != nil {
					return converted, err
				}
				continue
			}
			done, err := s.convertOne(trust.With(ctx, trust.System(one.MerchantID)), one.CommissionID)
			if err != nil {
				return converted, err
			}
			if done {
				converted++
			}
		}
	}
}

// rateThere looks once for each pair of currencies and day.
func (s *Service) rateThere(ctx context.Context, known map[wanted]bool, one store.RateWaiting) (bool, error) {
	key := wanted{one.From, one.To, one.At.UTC().Format(time.DateOnly)}
	there, looked := known[key]
	if looked {
		return there, nil
	}
	_, err := rates.New(s.store).Convert(ctx, money.Of(1, one.From), one.To, one.At)
	if problem.CodeOf(err) == problem.NotFound {
		known[key] = false
		return false, nil
	}
	known[key] = err == nil
	return err == nil, err
}

// convertOne converts a commission unless another command has meanwhile.
func (s *Service) convertOne(ctx context.Context, id string) (done bool, err error) {
	return store.Run(ctx, s.store, store.Command{Name: "commissionConvert", Subject: id}, func(ctx context.Context, tx *store.Tx) (bool, error) {
		rows, err := lockCommissions(ctx, tx, []string{id})
		if err != nil {
			return false, err
		}
		c := rows[id]
		if c == nil || !c.RateMissing {
			return false, nil
		}
		by, err := rates.ConvertIn(ctx, tx, c.Amount(), *c.PaidCurrency, c.EarnedAt)
		if err != nil {
			return false, err
		}
		return true, s.converted(ctx, tx, c, by)
	})
}

// converted freezes the rate and moves what is pending. What was taken back in the
// meantime counts at the same rate.
func (s *Service) converted(ctx context.Context, tx *store.Tx, c *ent.Commission, by rates.Converted) error {
	after, err := tx.Ent().Commission.UpdateOne(c).SetRateMissing(false).SetPaidAmount(by.Amount.Minor).SetRateSource(by.Source).SetRateDay(by.Day).
		SetRateFrom(by.From.String()).SetRateTo(by.To.String()).SetRateFromID(by.FromID).SetRateToID(by.ToID).Save(ctx)
	if err != nil {
		return err
	}
	x, err := restOf(after)
	if err != nil {
		return err
	}
	if c.Status == commission.StatusPENDING {
		if err := s.ledger.ExchangeIn(ctx, tx, booked(c), c.AffiliateID, x, causeOfSale(c)); err != nil {
			return err
		}
	}
	programs, err := programsOf(ctx, tx, []*ent.Commission{c})
	if err != nil {
		return err
	}
	emitCommission(tx, programs[c.ProgramID], eventConverted, after, x.Earned.Minor, canon.Facts{"rate_day": by.Day})
	return nil
}

// causeOfSale names the conversion and when it happened: a commission that waited for
// its rate counts in the period it was earned in.
func causeOfSale(c *ent.Commission) ledger.Cause {
	cause := ledger.Cause{At: c.EarnedAt}
	if c.ConversionID != nil {
		cause.ID = *c.ConversionID
	}
	return cause
}
