package webhook

import (
	"net/http"

	"github.com/tributary/tributary/internal/egress"
	"github.com/tributary/tributary/internal/mail"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
)

// Config is what the room stands on. Store is required; the others may be absent
// where nothing is sent.
type Config struct {
	Store *store.Store
	Desk  *queue.Desk
	Mail  mail.Sender
	// Loopback lets addresses of this machine be told, for development.
	Loopback bool
	// Client overrides how addresses are called; by default through the guard.
	Client *egress.Client
	Limits Limits
}

// Limits bound what is sent at once by one server. Zero values are the defaults.
type Limits struct {
	InAll    int // deliveries at once: 1024
	Merchant int // of one merchant: 256
	Endpoint int // to one endpoint that answers well: 64
}

func (l Limits) withDefaults() Limits {
	if l.InAll == 0 {
		l.InAll = 1024
	}
	if l.Merchant == 0 {
		l.Merchant = 256
	}
	if l.Endpoint == 0 {
		l.Endpoint = 64
	}
	return l
}

// Service is the room.
type Service struct {
	store  *store.Store
	desk   *queue.Desk
	mail   mail.Sender
	guard  egress.Guard
	client *egress.Client
	limits Limits
	wake   chan struct{}
}

// New makes the room.
func New(c Config) *Service {
	s := &Service{
		store: c.Store, desk: c.Desk, mail: c.Mail, guard: egress.Guard{Loopback: c.Loopback}, client: c.Client,
		limits: c.Limits.withDefaults(), wake: make(chan struct{}, 1),
	}
	if s.client == nil {
		s.client = egress.New(egress.Options{Guard: s.guard})
	}
	return s
}

// nudge makes the sender look for what is due.
func (s *Service) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Headers of a message, as Standard Webhooks names them.
const (
	HeaderID        = "webhook-id"
	HeaderTimestamp = "webhook-timestamp"
	HeaderSignature = "webhook-signature"
)

// method of every message.
const method = http.MethodPost
