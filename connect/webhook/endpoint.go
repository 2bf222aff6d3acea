package webhook

import (
	"context"
	"errors"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/ent/webhookendpoint"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

const (
	maxName      = 120
	maxURL       = 2048
	maxEndpoints = 200 // of a merchant; a tool makes one for each of its automations
)

// EndpointInput describes an endpoint.
type EndpointInput struct {
	URL         string   // https, at most 2048 bytes
	Name        string   // at most 120 characters
	Types       []string // of events, from the catalogue; all when empty
	ProgramID   string   // only what happens in it; "" for everything
	AffiliateID string   // only what concerns it; "" for everything
	Ordering    string   // NONE, ENTITY or ENDPOINT
	Secret      string   // the merchant's own; made when empty

	origin webhookendpoint.Origin
}

// EndpointOutcome is the endpoint. Its secret is there when it was just made, and is
// neither stored with an idempotency key nor shown again.
type EndpointOutcome struct {
	EndpointID string
	Secret     string `json:"-"`
}

// Create makes an endpoint. Errors: FORBIDDEN for a viewer who may not read events,
// INVALID, TOO_LARGE and NOT_FOUND with their field, WRONG_STATE when there are too
// many.
func (s *Service) Create(ctx context.Context, in EndpointInput) (EndpointOutcome, error) {
	return s.create(ctx, "webhookEndpointCreate", in)
}

func (s *Service) create(ctx context.Context, command string, in EndpointInput) (EndpointOutcome, error) {
	if err := mayListen(ctx); err != nil {
		return EndpointOutcome{}, err
	}
	key, err := secretOf(in.Secret)
	if err != nil {
		return EndpointOutcome{}, err
	}
	host, err := s.check(&in)
	if err != nil {
		return EndpointOutcome{}, err
	}
	made := ""
	out, err := store.Run(ctx, s.store, store.Command{Name: command}, func(ctx context.Context, tx *store.Tx) (EndpointOutcome, error) {
		if err := errors.Join(hasRoom(ctx, tx), meets(ctx, tx, in.ProgramID, in.AffiliateID)); err != nil {
			return EndpointOutcome{}, err
		}
		made = shown(key)
		return s.insert(ctx, tx, in, host, key)
	})
	out.Secret = made // not of a repeat, for which nothing was made
	return out, err
}

// mayListen refuses who could not read the events that the endpoint will be told.
func mayListen(ctx context.Context) error {
	if v, _ := trust.From(ctx); !v.Can(trust.EventRead) {
		return problem.New(problem.Forbidden, "an endpoint is told of events: that needs event:read").Because(trust.ErrForbidden)
	}
	return nil
}

// hasRoom refuses an endpoint too many.
func hasRoom(ctx context.Context, tx *store.Tx) error {
	n, err := tx.Ent().WebhookEndpoint.Query().Where(webhookendpoint.StatusNEQ(webhookendpoint.StatusDELETED)).Limit(maxEndpoints).IDs(ctx)
	if err == nil && len(n) >= maxEndpoints {
		err = problem.New(problem.State, "there are %d endpoints already", maxEndpoints)
	}
	return err
}

// meets refuses filters that name nothing of the merchant's.
func meets(ctx context.Context, tx *store.Tx, programID, affiliateID string) error {
	if programID != "" {
		if there, err := tx.Ent().Program.Query().Where(program.ID(programID)).Exist(ctx); err != nil || !there {
			return errors.Join(err, problem.At(problem.NotFound, "programId", "the program was not found"))
		}
	}
	if affiliateID != "" {
		if there, err := tx.Ent().Affiliate.Query().Where(affiliate.ID(affiliateID)).Exist(ctx); err != nil || !there {
			return errors.Join(err, problem.At(problem.NotFound, "affiliateId", "the affiliate was not found"))
		}
	}
	return nil
}

func (s *Service) insert(ctx context.Context, tx *store.Tx, in EndpointInput, host string, key []byte) (EndpointOutcome, error) {
	row := &ent.WebhookEndpoint{ID: tx.ID(id.Endpoint), MerchantID: tx.MerchantID()}
	to, err := s.seal(row, columnURL, []byte(in.URL))
	if err != nil {
		return EndpointOutcome{}, err
	}
	secret, err := s.seal(row, columnSecret, key)
	if err != nil {
		return EndpointOutcome{}, err
	}
	tx.Note(row.ID, nil)
	return EndpointOutcome{EndpointID: row.ID}, tx.Ent().WebhookEndpoint.Create().SetID(row.ID).SetName(in.Name).SetHost(host).
		SetURLSealed(to).SetSecretSealed(secret).SetTypes(in.Types).SetOrdering(webhookendpoint.Ordering(in.Ordering)).SetOrigin(in.origin).
		SetNillableProgramID(orNil(in.ProgramID)).SetNillableAffiliateID(orNil(in.AffiliateID)).Exec(ctx)
}

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
