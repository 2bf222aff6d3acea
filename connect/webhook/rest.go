package webhook

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/webhookendpoint"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/reply"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// Paths of REST hooks.
const (
	PathMe            = "/me"
	PathSubscriptions = "/webhook-subscriptions"
	PathSubscription  = PathSubscriptions + "/{id}"
	PathSamples       = PathSubscriptions + "/samples"
)

const maxSubscription = 16 << 10

// RESTHooks serves what automation tools ask for that cannot speak GraphQL: a tool
// subscribes each of its automations by itself, and unsubscribes it.
//
//	GET    /me                                 who the token is
//	POST   /webhook-subscriptions              {"targetUrl","event"} → 201 {"id"}
//	DELETE /webhook-subscriptions/{id}         → 204
//	GET    /webhook-subscriptions/samples      ?event= → messages, the newest first
//
// The viewer is in the request's context. Refusals are those of reply.
func (s *Service) RESTHooks() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+PathMe, answered(http.StatusOK, s.me))
	mux.HandleFunc("POST "+PathSubscriptions, answered(http.StatusCreated, s.subscribe))
	mux.HandleFunc("DELETE "+PathSubscription, answered(http.StatusNoContent, s.unsubscribe))
	mux.HandleFunc("GET "+PathSamples, answered(http.StatusOK, s.samples))
	return mux
}

func answered(status int, do func(http.ResponseWriter, *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		out, err := do(w, r)
		switch {
		case err != nil:
			reply.Refuse(w, err)
		case out == nil:
			w.WriteHeader(status)
		default:
			reply.JSON(w, status, out)
		}
	}
}

// Me is who asks, as a tool shows it beside a connection.
type Me struct {
	MerchantID string `json:"merchantId"`
	Merchant   string `json:"merchant"`
	Mode       string `json:"mode"` // LIVE or TEST
	Label      string `json:"label"`
}

func (s *Service) me(_ http.ResponseWriter, r *http.Request) (any, error) {
	v, known := trust.From(r.Context())
	if !known || v.Kind == trust.KindPublishable {
		return nil, problem.New(problem.Unauthenticated, "send a token").Because(trust.ErrUnauthenticated)
	}
	m, err := s.store.Client().Merchant.Get(r.Context(), v.MerchantID)
	if err != nil {
		return nil, err
	}
	return Me{m.ID, m.Name, string(m.Mode), m.Name + " (" + string(m.Mode) + ")"}, nil
}

// subscription is what a tool sends: the address under any of the names that tools
// have for it.
type subscription struct {
	TargetURL string `json:"targetUrl"`
	URL       string `json:"url"`
	HookURL   string `json:"hookUrl"`
	Event     string `json:"event"` // all when absent
	ProgramID string `json:"programId"`
	Name      string `json:"name"`
}

func (s *Service) subscribe(w http.ResponseWriter, r *http.Request) (any, error) {
	if err := s.may(r.Context(), "webhookSubscribe", trust.IntegrationWrite); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSubscription))
	if err != nil {
		return nil, problem.New(problem.TooLarge, "the body must have at most %d bytes", maxSubscription)
	}
	var in subscription
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, problem.New(problem.BadRequest, `the body must be JSON such as {"targetUrl":"https://…","event":"commission.approved"}`)
	}
	asked := EndpointInput{URL: cmp.Or(in.TargetURL, in.URL, in.HookURL), Name: in.Name, ProgramID: in.ProgramID, origin: webhookendpoint.OriginREST_HOOK}
	if in.Event != "" {
		asked.Types = []string{in.Event}
	}
	out, err := s.create(r.Context(), "webhookSubscribe", asked)
	return map[string]string{"id": out.EndpointID, "secret": out.Secret}, err
}

// unsubscribe ends what a tool has subscribed, and nothing that people have made.
// Who unsubscribes twice is told the same: there is nothing left to be told.
func (s *Service) unsubscribe(_ http.ResponseWriter, r *http.Request) (any, error) {
	ctx := r.Context()
	if err := s.may(ctx, "webhookUnsubscribe", trust.IntegrationWrite); err != nil {
		return nil, err
	}
	row, err := s.store.Client().WebhookEndpoint.Query().
		Where(webhookendpoint.ID(r.PathValue("id")), webhookendpoint.OriginEQ(webhookendpoint.OriginREST_HOOK)).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil, problem.New(problem.NotFound, "there is no such subscription")
	case err != nil || row.Status == webhookendpoint.StatusDELETED:
		return nil, err
	}
	_, err = s.end(ctx, "webhookUnsubscribe", row.ID, 0)
	return nil, err
}

// may refuses who does not hold the scope, and puts it on record.
func (s *Service) may(ctx context.Context, action string, scope trust.Scope) error {
	_, err := trust.Require(ctx, scope)
	switch {
	case errors.Is(err, trust.ErrUnauthenticated):
		return problem.New(problem.Unauthenticated, "send a token").Because(err)
	case err != nil:
		v, _ := trust.From(ctx)
		s.store.Deny(ctx, store.Denial{Viewer: v, Action: action, Reason: string(scope)})
		return problem.New(problem.Forbidden, "%s is not granted", scope).Because(err)
	}
	return nil
}
