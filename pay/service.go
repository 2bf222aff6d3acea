package pay

import (
	"context"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/ledger"
	"github.com/tributary/tributary/pay/rail"
	"github.com/tributary/tributary/trust"
)

// Config is what the room stands on. All fields are required.
type Config struct {
	Store  *store.Store
	Ledger *ledger.Service
	Rails  []rail.Rail
}

// Service is the room.
type Service struct {
	store  *store.Store
	ledger *ledger.Service
	rails  map[string]rail.Rail
}

// New makes the room.
func New(c Config) *Service {
	s := &Service{store: c.Store, ledger: c.Ledger, rails: make(map[string]rail.Rail, len(c.Rails))}
	for _, r := range c.Rails {
		s.rails[r.Name()] = r
	}
	return s
}

// rail finds a rail by name; Invalid at rail when the server has none of it.
func (s *Service) rail(name string) (rail.Rail, error) {
	r, known := s.rails[name]
	if !known {
		return nil, problem.At(problem.Invalid, "rail", "there is no such way to send money")
	}
	return r, nil
}

// whose gives the affiliate that is meant: the viewer when none is named.
func whose(ctx context.Context, affiliateID string) (string, error) {
	if affiliateID != "" {
		return affiliateID, nil
	}
	if v, _ := trust.From(ctx); v.AffiliateID != "" {
		return v.AffiliateID, nil
	}
	return "", problem.At(problem.Invalid, "affiliateId", "name an affiliate")
}

// missing turns a row that is not there into NotFound at a field. What is not
// the viewer's is not there for it.
func missing(err error, field, what string) error {
	if ent.IsNotFound(err) {
		return problem.At(problem.NotFound, field, "the %s was not found", what).Because(err)
	}
	return err
}

// short checks a text's length in bytes.
func short(text, field string, least, most int) error {
	if len(text) < least || len(text) > most {
		return problem.At(problem.Invalid, field, "must have %d to %d bytes", least, most)
	}
	return nil
}

// today is the merchant's day of the command.
func today(ctx context.Context, tx *store.Tx) (string, error) {
	zone, err := zoneOf(ctx, tx)
	if err != nil {
		return "", err
	}
	return tx.MerchantTime().In(zone).Format(time.DateOnly), nil
}

// zoneOf is where the merchant's days begin and end.
func zoneOf(ctx context.Context, tx *store.Tx) (*time.Location, error) {
	m, err := tx.Ent().Merchant.Get(ctx, tx.MerchantID())
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(m.TimeZone)
	if err != nil { // refused when the merchant was written
		zone = time.UTC
	}
	return zone, nil
}
