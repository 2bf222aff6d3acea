package connect

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// grantLife is how long people may take to authorize.
const grantLife = 15 * time.Minute

const (
	maxRedirect = 1024
	maxScopes   = 100
)

// AuthorizeInput begins an authorization.
type AuthorizeInput struct {
	ID          string
	App         App      // zero for the one that is known from the last authorization
	RedirectURL string   // where the browser is sent back to, as the app registers it
	Scopes      []string // what to ask for; what the provider's table says when empty
}

// AuthorizeOutcome is where to send the browser, and until when it must be back.
type AuthorizeOutcome struct {
	IntegrationID string
	URL           string
	Until         time.Time
}

// grant is an authorization under way.
type grant struct {
	App         App      `json:"app"`
	Verifier    string   `json:"verifier"`
	RedirectURL string   `json:"redirectUrl"`
	Scopes      []string `json:"scopes"`
	Principal   string   `json:"principal"` // who began it
}

// Authorize begins an authorization; what the integration is called with stays until
// it is over. Beginning anew ends the one before. Errors: NOT_FOUND id, INVALID
// clientId, clientSecret, redirectUrl or scopes, WRONG_STATE for a disabled
// integration and for a provider that is not authorized.
func (s *Service) Authorize(ctx context.Context, in AuthorizeInput) (AuthorizeOutcome, error) {
	if err := checkAuthorize(in); err != nil {
		return AuthorizeOutcome{}, err
	}
	out := AuthorizeOutcome{IntegrationID: in.ID}
	_, err := s.edit(ctx, "integrationAuthorize", in.ID, 0, func(ctx context.Context, tx *store.Tx, row *ent.Integration) (err error) {
		provider, can := s.providers[string(row.Provider)].(Authorizer)
		if !can || !provider.Ways().OAuth || row.Account == "" || row.Status == integration.StatusDISABLED {
			return problem.At(problem.State, "id", "the integration has no account that could be authorized")
		}
		g := grant{App: in.App, RedirectURL: in.RedirectURL, Scopes: in.Scopes, Verifier: rand.Text() + rand.Text(), Principal: principal(ctx)}
		if g.App, err = s.app(row, in.App); err != nil {
			return err
		}
		if len(g.Scopes) == 0 {
			g.Scopes = provider.Ways().Scopes
		}
		sealed, err := s.sealJSON(row, columnGrant, g)
		if err != nil {
			return err
		}
		state := rand.Text() + rand.Text()
		out.Until = tx.Now().Add(grantLife)
		out.URL = provider.AuthorizeURL(row.Account, Asked{App: g.App, State: state, Challenge: challenge(g.Verifier), RedirectURL: g.RedirectURL, Scopes: g.Scopes})
		return tx.Ent().Integration.UpdateOneID(row.ID).SetGrantSealed(sealed).SetGrantState(stateHash(state)).SetGrantUntil(out.Until).Exec(ctx)
	})
	return out, err
}

// app is the merchant's app: the one given, else the one that is known.
func (s *Service) app(row *ent.Integration, given App) (App, error) {
	if given.ID != "" {
		return given, nil
	}
	missing := problem.At(problem.Invalid, "clientId", "must be named")
	if len(row.CredentialsSealed) == 0 {
		return App{}, missing
	}
	known, err := s.credentials(row)
	if err == nil && known.App.ID == "" {
		err = missing
	}
	return known.App, err
}

func checkAuthorize(in AuthorizeInput) error {
	for name, v := range map[string]string{"clientId": in.App.ID, "clientSecret": in.App.Secret} {
		if len(v) > maxSecret || strings.TrimSpace(v) != v || !form.Plain(v) || (in.App.ID == "") != (in.App.Secret == "") {
			return problem.At(problem.Invalid, name, "must have 1 to %d bytes, or both be left out where they are known", maxSecret)
		}
	}
	u, err := url.Parse(in.RedirectURL)
	if err != nil || len(in.RedirectURL) > maxRedirect || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && (u.Scheme != "http" || !localName(u.Hostname())) {
		return problem.At(problem.Invalid, "redirectUrl", "must be an https address, or one of this machine, without user and fragment")
	}
	if len(in.Scopes) > maxScopes {
		return problem.At(problem.TooLarge, "scopes", "must be at most %d", maxScopes)
	}
	for _, one := range in.Scopes {
		if one == "" || len(one) > 100 || !form.Plain(one) || strings.ContainsAny(one, " ,") {
			return problem.At(problem.Invalid, "scopes", "each must have 1 to 100 bytes without space and comma")
		}
	}
	return nil
}

func localName(name string) bool { return name == "localhost" || name == "127.0.0.1" || name == "::1" }

func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// stateHash is what is kept of a state: who reads the database cannot finish what
// somebody else began.
func stateHash(state string) string {
	sum := sha256.Sum256([]byte(state))
	return hex.EncodeToString(sum[:])
}

func principal(ctx context.Context) string {
	v, _ := trust.From(ctx)
	return v.PrincipalID
}
