// Package rates keeps published exchange rates and converts money by them.
//
// It means: a rate is units of a currency for one of its source's base, on a day;
// two currencies are converted through the base, exactly, and the result is
// rounded once, half away from zero (Q15). A day without a rate goes by the last
// one before it, for seven days at most (Q20).
//
// It owns ExchangeRate, which is the same for every merchant and written from the
// shell alone. It refuses a rate for a day that has another one already: what
// money was converted by must stay what the source said. It fetches nothing by
// itself: rates come by file, or from a Source that somebody hands it.
//
// Invariants: a conversion names source and day of its rate; the same amount on
// the same day is converted alike for ever, once a rate of that day is kept.
package rates

import (
	"context"
	"errors"
	"time"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/rates/ecb"
)

// ECB names the European Central Bank as a source.
const ECB = "ECB"

// MaxGap is how many days before the one asked for a rate may be of: the bank
// publishes on working days, and the longest row of holidays is five days.
const MaxGap = 7

// Source hands out a file of the bank: a seam, because where it comes from is the
// house's choice.
type Source interface {
	File(ctx context.Context) ([]byte, error)
}

// Service is the room.
type Service struct{ store *store.Store }

// New makes the room.
func New(s *store.Store) *Service { return &Service{store: s} }

// Outcome says what an import did.
type Outcome struct {
	Added, Known int
	First, Last  string // days; of all rates in the file
}

// Import keeps the rates of the source's file: all of them or none. Errors: those
// of the source, Invalid file for one that cannot be read, Conflict file when a
// day has another rate already.
func (s *Service) Import(ctx context.Context, from Source) (Outcome, error) {
	file, err := from.File(ctx)
	if err != nil {
		return Outcome{}, err
	}
	quotes, err := ecb.Parse(file)
	if err != nil {
		return Outcome{}, problem.At(problem.Invalid, "file", "%s", err).Because(err)
	}
	rows := make([]store.PublishedRate, len(quotes))
	out := Outcome{First: quotes[0].Day, Last: quotes[0].Day}
	for i, q := range quotes {
		rows[i] = store.PublishedRate{Source: ECB, Day: q.Day, Currency: string(q.Currency), Mantissa: q.Rate.Num, Scale: int(q.Rate.Scale)}
		out.First, out.Last = min(out.First, q.Day), max(out.Last, q.Day)
	}
	added, other, err := s.store.DoorRatesAdd(ctx, rows)
	if other != nil {
		kept := money.Rate{Num: other.Mantissa, Scale: uint8(other.Scale)}
		return Outcome{}, problem.At(problem.Conflict, "file", "%s of %s is kept as %s and is not changed", other.Currency, other.Day, kept)
	}
	out.Added, out.Known = added, len(rows)-added
	return out, err
}

// Converted is an amount in another currency, and by what it came about.
type Converted struct {
	Amount   money.Money
	Source   string // empty when nothing had to be converted
	Day      string // of the older of the two rates
	From, To money.Rate
	FromID   string // the rates' rows; empty for the base
	ToID     string
}

// Convert gives m in another currency by the rates of an instant's day, UTC, or the
// last before it. Errors: NotFound currency when there is none within MaxGap days,
// AmountRange.
func (s *Service) Convert(ctx context.Context, m money.Money, to money.Currency, at time.Time) (Converted, error) {
	if m.Currency == to {
		return Converted{Amount: m}, nil
	}
	return convert(ctx, m, to, at, func(ctx context.Context, currency, first, last string) (r store.KeptRate, found bool, err error) {
		r.PublishedRate, found, err = s.store.DoorRate(ctx, ECB, currency, first, last)
		return r, found, err
	})
}

// ConvertIn is Convert within a command.
func ConvertIn(ctx context.Context, tx *store.Tx, m money.Money, to money.Currency, at time.Time) (Converted, error) {
	if m.Currency == to {
		return Converted{Amount: m}, nil
	}
	return convert(ctx, m, to, at, func(ctx context.Context, currency, first, last string) (store.KeptRate, bool, error) {
		return tx.DoorRate(ctx, ECB, currency, first, last)
	})
}

// look finds the newest rate of a currency in some days.
type look func(ctx context.Context, currency, first, last string) (store.KeptRate, bool, error)

func convert(ctx context.Context, m money.Money, to money.Currency, at time.Time, find look) (Converted, error) {
	from, err := find.rate(ctx, m.Currency, at)
	if err != nil {
		return Converted{}, err
	}
	target, err := find.rate(ctx, to, at)
	if err != nil {
		return Converted{}, err
	}
	out := Converted{Source: ECB, Day: earlier(from.Day, target.Day), From: rateOf(from), To: rateOf(target), FromID: from.ID, ToID: target.ID}
	out.Amount, err = Exchange(m, out.From, out.To, to)
	return out, err
}

// earlier gives the earlier of two days; the base has none.
func earlier(a, b string) string {
	if a == "" || b != "" && b < a {
		return b
	}
	return a
}

// rate gives what one euro cost on a day, or the last before it that has a rate.
func (find look) rate(ctx context.Context, c money.Currency, at time.Time) (store.KeptRate, error) {
	if c == ecb.Base {
		return store.KeptRate{PublishedRate: store.PublishedRate{Mantissa: 1}}, nil
	}
	day := at.UTC()
	r, found, err := find(ctx, string(c), day.AddDate(0, 0, -MaxGap).Format(time.DateOnly), day.Format(time.DateOnly))
	if err == nil && !found {
		err = problem.At(problem.NotFound, "currency", "there is no rate of %s on %s or in the %d days before", c, day.Format(time.DateOnly), MaxGap)
	}
	return r, err
}

func rateOf(r store.KeptRate) money.Rate { return money.Rate{Num: r.Mantissa, Scale: uint8(r.Scale)} }

// errRate is a rate that is not above zero.
var errRate = errors.New("a rate must be above zero")
