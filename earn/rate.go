package earn

import (
	"context"
	"log/slog"
	"strings"

	"github.com/tributary/tributary/ent/conversion"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// maxReason is how many bytes a rating's reason may have.
const maxReason = 200

// rateIn decides credit and commission of a paid conversion, under a savepoint:
// whatever a rule, a stored document or the ledger refuses takes back the rating
// alone, and the sale stays on record as UNRATED. Trouble of the database itself
// is returned, so that the command is run again or fails as a whole.
func (s *Service) rateIn(ctx context.Context, w *work) error {
	before, commissions, above := w.sale.Rating, w.commissions, w.levels
	err := w.tx.Savepoint(ctx, func(ctx context.Context) error {
		reason, err := s.creditIn(ctx, w)
		if err != nil {
			return err
		}
		return s.rated(ctx, w, before, reason)
	})
	if err == nil || store.Infrastructure(err) || ctx.Err() != nil {
		return err
	}
	w.commissions, w.levels = commissions, above
	s.store.Log().ErrorContext(ctx, "a conversion could not be rated", slog.String("conversion", w.sale.ID), slog.Any("error", err))
	return s.unrated(ctx, w, before, causeOf(err))
}

// rated concludes a rating; without a reason there is a commission.
func (s *Service) rated(ctx context.Context, w *work, before conversion.Rating, reason string) error {
	rating := ratingOf(reason)
	if err := s.mark(ctx, w, rating, reason); err != nil {
		return err
	}
	switch {
	case before != conversion.RatingNO_CREDIT:
		w.emitConversion(eventAccepted, canon.Facts{"reason": reason})
	case rating == conversion.RatingRATED:
		w.emitConversion(eventCredited, nil)
	}
	return nil
}

// ratingOf is the rating of a conversion that is decided: with a reason why there is
// no commission, there is none.
func ratingOf(reason string) conversion.Rating {
	if reason != "" {
		return conversion.RatingNO_CREDIT
	}
	return conversion.RatingRATED
}

// unrated leaves the rating to RateUnrated. It is said once, however often the
// rating fails. A conversion that was decided as without credit stays so until
// its next edit: as UNRATED it would be accepted, and counted, a second time.
func (s *Service) unrated(ctx context.Context, w *work, before conversion.Rating, reason string) error {
	if before == conversion.RatingNO_CREDIT {
		return nil
	}
	if err := s.mark(ctx, w, conversion.RatingUNRATED, reason); err != nil {
		return err
	}
	if before != conversion.RatingUNRATED {
		w.emitConversion(eventUnrated, canon.Facts{"reason": reason})
	}
	return nil
}

func (s *Service) mark(ctx context.Context, w *work, rating conversion.Rating, reason string) error {
	return s.track.MarkRatedIn(ctx, w.tx, w.sale, rating, reason)
}

// causeOf gives a reason that may be shown: a problem's code and message, never
// the text of any other error.
func causeOf(err error) string {
	p, ok := problem.As(err)
	if !ok {
		return string(problem.Internal)
	}
	reason := string(p.Code) + ": " + p.Message
	return strings.ToValidUTF8(reason[:min(len(reason), maxReason)], "")
}
