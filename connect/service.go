package connect

import (
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/roster"
)

// Config is what the room stands on. All fields are required.
type Config struct {
	Store  *store.Store
	Roster *roster.Service
	Earn   *earn.Service
	// Providers are the kinds of shop that can be connected, by the name an
	// integration has them under, such as "SHOPIFY".
	Providers map[string]Provider
}

// Service is the room.
type Service struct {
	store     *store.Store
	roster    *roster.Service
	earn      *earn.Service
	providers map[string]Provider
	refused   sync.Map      // integration id → *atomic.Int64
	keeping   chan struct{} // see refuse
}

// New makes the room.
func New(c Config) *Service {
	return &Service{store: c.Store, roster: c.Roster, earn: c.Earn, providers: c.Providers, keeping: make(chan struct{}, 1)}
}

// Refused counts the messages for an integration that were turned away unproven,
// for a wrong signature or for their size, since the server started.
func (s *Service) Refused(integrationID string) int64 {
	if n, known := s.refused.Load(integrationID); known {
		return n.(*atomic.Int64).Load()
	}
	return 0
}

func (s *Service) countRefused(integrationID string) {
	n, _ := s.refused.LoadOrStore(integrationID, new(atomic.Int64))
	n.(*atomic.Int64).Add(1)
}

// HookPath is where a shop sends the webhooks of an integration, below the
// server's public address.
func HookPath(integrationID string) string { return "/hooks/" + integrationID }

// sourceOf names an integration's provider as the source of its orders.
func sourceOf(row *ent.Integration) string { return strings.ToLower(string(row.Provider)) }

// Places of sealed values.
func secretPlace(row *ent.Integration, column string) seal.AAD {
	return seal.AAD{Merchant: row.MerchantID, Table: "integrations", Column: column, Row: row.ID}
}

func bodyPlace(merchantID, receiptID string) seal.AAD {
	return seal.AAD{Merchant: merchantID, Table: "webhook_receipts", Column: "body_sealed", Row: receiptID}
}

const (
	columnSecret = "secret_sealed"
	columnPrior  = "prior_secret_sealed"
)
