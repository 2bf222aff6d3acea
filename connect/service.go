package connect

import (
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tributary/tributary/earn"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/egress"
	"github.com/tributary/tributary/internal/seal"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/roster"
)

// Config is what the room stands on. All fields are required but Client.
type Config struct {
	Store  *store.Store
	Roster *roster.Service
	Earn   *earn.Service
	// Providers are the kinds of shop that can be connected, by the name an
	// integration has them under, such as "SHOPIFY".
	Providers map[string]Provider
	// Public is where the world reaches the server, without a slash at the end: some
	// providers sign it. The address that a message names by default.
	Public string
	// Client overrides how providers are called; by default through the guard that
	// lets only public addresses be called.
	Client *egress.Client
	// Jitter draws how many thousandths of a pause are kept, 800 to 1200, so that what
	// failed together does not come back together; by default from chance.
	Jitter func() int
}

// Service is the room.
type Service struct {
	store     *store.Store
	roster    *roster.Service
	earn      *earn.Service
	providers map[string]Provider
	refused   sync.Map      // integration id → *atomic.Int64
	keeping   chan struct{} // see refuse
	client    *egress.Client
	inbox     inbox
	wake      chan struct{} // there may be something to work on
	wakeSync  chan struct{} // there may be something to write
	busy      writing
	pacers    pacers
	healths   healths
	jitter    func() int
	public    string
}

// New makes the room.
func New(c Config) *Service {
	s := &Service{store: c.Store, roster: c.Roster, earn: c.Earn, providers: c.Providers, keeping: make(chan struct{}, 1), client: c.Client, wake: make(chan struct{}, 1), wakeSync: make(chan struct{}, 1), jitter: c.Jitter, public: strings.TrimSuffix(c.Public, "/")}
	if s.jitter == nil {
		s.jitter = drawn
	}
	if s.client == nil {
		s.client = egress.New(egress.Options{})
	}
	return s
}

// nudge makes Work look for what is to be done.
func (s *Service) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
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
	columnSecret      = "secret_sealed"
	columnPrior       = "prior_secret_sealed"
	columnCredentials = "credentials_sealed"
	columnGrant       = "grant_sealed"
)
