package connect

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/ent/webhookreceipt"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// patience is how long a message may take. Shopify gives up after five seconds: an
// answer that says "later" before that is better than none.
const patience = 4 * time.Second

// retryAfter is when a shop is asked to send again.
const retryAfter = 10 * time.Second

// Hooks serves POST /hooks/{integrationId}. Answers: 200 for a message taken in, as
// RECEIVED when it is stored and will be worked on, or as DUPLICATE, IGNORED or
// REFUSED; 400 for a proven body that cannot
// be read; 401 for a wrong signature; 404 for an integration that is not there or
// disabled; 413 for a body above the provider's limit; 503 with Retry-After when the
// database is away: then nothing is stored.
func (s *Service) Hooks() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /hooks/{integrationId}", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		s.hook(w, r.WithContext(ctx), r.PathValue("integrationId"))
	})
	return mux
}

func (s *Service) hook(w http.ResponseWriter, r *http.Request, integrationID string) {
	row, provider, err := s.addressed(r.Context(), integrationID)
	if err != nil {
		fail(w, err)
		return
	}
	ctx := trust.With(r.Context(), asShop(row))
	d := delivery{row: row, provider: provider, envelope: provider.Envelope(r.Header)}
	d.raw, err = io.ReadAll(http.MaxBytesReader(w, r.Body, provider.Limit()))
	d.size = len(d.raw)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		d.size = int(max(int64(d.size), r.ContentLength))
		s.turnAway(ctx, w, d, reasonTooLarge, problem.New(problem.TooLarge, "the body must have at most %d bytes", provider.Limit()))
		return
	}
	if err != nil { // the sender hung up: there is nobody to answer
		return
	}
	if pinged, is := provider.(Pinged); is && pinged.Ping(r.Header, d.raw) {
		reply(w, http.StatusOK, answer{Status: string(webhookreceipt.StatusIGNORED)})
		return
	}
	secrets, err := s.secrets(row)
	if err != nil {
		fail(w, err)
		return
	}
	if s.verify(r, d, secrets) != nil {
		s.turnAway(ctx, w, d, reasonSignature, problem.New(problem.Unauthenticated, "the signature does not match"))
		return
	}
	s.receive(ctx, w, d)
}

// verify proves that a message was signed with one of the secrets, and where the
// provider signs it, for this address.
func (s *Service) verify(r *http.Request, d delivery, secrets [][]byte) error {
	at, is := d.provider.(Addressed)
	if !is {
		return d.provider.Verify(r.Header, d.raw, secrets, s.store.Now())
	}
	base := s.public
	if base == "" {
		base = "http://" + r.Host
	}
	return at.VerifyAt(base+r.URL.RequestURI(), r.Header, d.raw, secrets, s.store.Now())
}

// addressed finds the integration. One that is not there, one that is not active
// and one that has no secret to be proven with answer alike.
func (s *Service) addressed(ctx context.Context, integrationID string) (*ent.Integration, Provider, error) {
	unknown := problem.New(problem.NotFound, "there is no such address")
	if !id.Is(integrationID, id.Integration) {
		return nil, nil, unknown
	}
	row, err := s.store.DoorIntegration(ctx, integrationID)
	switch {
	case problem.CodeOf(err) == problem.NotFound:
		return nil, nil, unknown
	case err != nil:
		return nil, nil, err
	}
	provider := s.providers[string(row.Provider)]
	if provider == nil || row.Status != integration.StatusACTIVE || len(row.SecretSealed) == 0 {
		return nil, nil, unknown
	}
	return row, provider, nil
}

// asShop is who acts on a shop's message: the system, for one merchant, with the
// integration's name in audit rows.
func asShop(row *ent.Integration) trust.Viewer {
	v := trust.System(row.MerchantID)
	v.PrincipalID = row.ID
	return v
}

// secrets opens what a message may be signed with now, the current one first.
func (s *Service) secrets(row *ent.Integration) ([][]byte, error) {
	current, err := s.store.Keys().Open(row.SecretSealed, secretPlace(row, columnSecret))
	if err != nil {
		return nil, err
	}
	if row.PriorUntil == nil || !s.store.Now().Before(*row.PriorUntil) {
		return [][]byte{current}, nil
	}
	prior, err := s.store.Keys().Open(row.PriorSecretSealed, secretPlace(row, columnPrior))
	return [][]byte{current, prior}, err
}

// turnAway answers a message that is not proven. It is counted at once; that its
// beginning cannot be kept does not change the answer.
func (s *Service) turnAway(ctx context.Context, w http.ResponseWriter, d delivery, reason string, answer *problem.Error) {
	s.countRefused(d.row.ID)
	if _, err := s.refuse(ctx, d, verdict{status: webhookreceipt.StatusREFUSED, reason: reason}); err != nil {
		s.store.Log().WarnContext(ctx, "a refused webhook was not kept", "integration", d.row.ID, "error", err)
	}
	fail(w, answer)
}

// receive stores a proven message and answers: what it asks for is done by Work.
func (s *Service) receive(ctx context.Context, w http.ResponseWriter, d delivery) {
	if batched, is := d.provider.(Batched); is {
		s.receiveAll(ctx, w, d, batched)
		return
	}
	msg, err := d.provider.Message(d.envelope.Topic, d.raw)
	if errors.Is(err, ErrMalformed) {
		if _, kept := s.refuse(ctx, d, refusal(err)); kept != nil {
			err = kept
		}
		fail(w, err)
		return
	}
	receiptID, v, err := s.take(ctx, d, msg, err)
	if err != nil {
		s.store.Log().ErrorContext(ctx, "a webhook was put off", "integration", d.row.ID, "topic", d.envelope.Topic, "error", err)
		fail(w, err)
		return
	}
	reply(w, http.StatusOK, answer{Status: string(v.status), ReceiptID: receiptID, Problems: listed(v.faults)})
}

// answer is the body of every answer.
type answer struct {
	Status    string    `json:"status"`
	ReceiptID string    `json:"receiptId,omitempty"`
	Messages  int       `json:"messages,omitempty"` // that the body held, where it may hold several
	Problems  []Problem `json:"problems,omitempty"`
}

// fail answers with a problem. What is no problem of the message is answered with
// 503, so that the shop sends it again; only its code is told.
func fail(w http.ResponseWriter, err error) {
	p, known := problem.As(err)
	if !known || !p.Code.User() && p.Code != problem.Unauthenticated {
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter/time.Second)))
		reply(w, http.StatusServiceUnavailable, answer{Status: "RETRY", Problems: []Problem{{Code: string(problem.Unavailable), Message: "try again later"}}})
		return
	}
	reply(w, p.Code.HTTPStatus(), answer{Status: "REFUSED", Problems: listed([]*problem.Error{p})})
}

func reply(w http.ResponseWriter, status int, body answer) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // nobody is left to tell
}
