package connect

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/tributary/tributary/internal/egress"
)

// Account is a provider whose accounts can be called. One that only sends messages
// need not be.
type Account interface {
	// Ways says by what an account can be called.
	Ways() Ways
	// Account tidies what people write for an account, such as a shop's host, and
	// refuses with INVALID what is none: an address is made of it.
	Account(text string) (string, error)
	// Lacks names what is wanted of an account and not among what it has granted.
	Lacks(granted []string) []string
	// Probe asks the account who it is and what it has granted.
	Probe(ctx context.Context, call Call, account string, c Credentials) (Probed, error)
	// Revoke gives the credentials back, so that nobody can use them any more.
	// Credentials that are not good any more are no error.
	Revoke(ctx context.Context, call Call, account string, c Credentials) error
}

// Authorizer is an account that people authorize at the provider: OAuth 2 with an
// authorization code, state and PKCE.
type Authorizer interface {
	Account
	// AuthorizeURL is where people are sent.
	AuthorizeURL(account string, a Asked) string
	// Returned proves what the browser brought back beside state and code, for those
	// who sign it. at is now: what is signed may be too old.
	Returned(query url.Values, account string, app App, at time.Time) error
	// Exchange gets credentials for the code.
	Exchange(ctx context.Context, call Call, account string, e Exchange) (Credentials, error)
	// Renew gets new credentials. The renewal token may be good only once.
	Renew(ctx context.Context, call Call, account string, c Credentials, at time.Time) (Credentials, error)
}

// Call sends a request to a provider, to public addresses only.
type Call func(ctx context.Context, r *http.Request) (egress.Answer, error)

// ErrWithdrawn says that the account does not take the credentials, and will not
// take them later.
var ErrWithdrawn = errors.New("connect: the account does not take the credentials")

// Answered is a provider's answer that nothing can be made of.
type Answered int

func (a Answered) Error() string { return "the account answered " + http.StatusText(int(a)) }

// Ways are the ways to call an account of a provider.
type Ways struct {
	Keys   []Key    // what people copy from the provider; none when it knows no keys
	OAuth  bool     // people authorize it
	Scopes []string // what is asked for when nothing else is named
}

// Key is one of the keys that people copy from a provider.
type Key struct {
	Name string // such as accessToken
	Says string // what it is and where it is found
}

// App is what the provider knows the merchant's own app by.
type App struct {
	ID     string `json:"id,omitempty"`
	Secret string `json:"secret,omitempty"`
}

// Asked is what an authorization asks for.
type Asked struct {
	App         App
	State       string // unguessable, comes back
	Challenge   string // of PKCE, S256
	RedirectURL string
	Scopes      []string
}

// Exchange is what credentials are given for.
type Exchange struct {
	App         App
	Code        string
	Verifier    string // of PKCE
	RedirectURL string
	At          time.Time // now: lifetimes are counted from here
}

// Credentials are what an account is called with. They are sealed where they are
// kept and go into no log.
type Credentials struct {
	Keys    map[string]string `json:"keys,omitempty"`
	App     App               `json:"app"`
	Access  string            `json:"access,omitempty"`
	Renewal string            `json:"renewal,omitempty"`
	// Until is when Access ends; zero when it does not end by itself.
	Until  time.Time `json:"until,omitzero"`
	Scopes []string  `json:"scopes,omitempty"`
}

// String shows nothing, so that no log does.
func (Credentials) String() string { return "credentials" }

// Probed is what an account says of itself.
type Probed struct {
	Label  string   // what people know it by
	Scopes []string // what it has granted; nil when it does not say
}
