package hubspot

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/internal/problem"
)

// Name is the provider's name in an integration.
const Name = "HUBSPOT"

// version of HubSpot's API, part of every path.
const version = "2026-03"

// keyAccess is the one key: the token of a private app, or a service key.
const keyAccess = "accessToken"

// scopes are what is needed: contacts and deals to write, and their properties to
// make.
var scopes = []string{
	"crm.objects.contacts.read", "crm.objects.contacts.write", "crm.objects.deals.read", "crm.objects.deals.write",
	"crm.schemas.contacts.read", "crm.schemas.contacts.write", "crm.schemas.deals.read", "crm.schemas.deals.write", "oauth",
}

var portal = regexp.MustCompile(`^[1-9][0-9]{0,14}$`)

// named is what a property can be called: addresses are made of it.
var named = regexp.MustCompile(`^[a-z][a-z0-9_]{0,99}$`)

// Provider calls HubSpot.
type Provider struct {
	api, app string // addresses, without a slash at the end
}

// New makes the provider.
func New() Provider { return Provider{"https://api.hubapi.com", "https://app.hubspot.com"} }

// At makes a provider whose HubSpot is elsewhere: for those who play it.
func At(base string) Provider { return Provider{base, base} }

var (
	_ connect.Provider    = Provider{}
	_ connect.Batched     = Provider{}
	_ connect.Addressed   = Provider{}
	_ connect.Authorizer  = Provider{}
	_ connect.Destination = Provider{}
)

// Ways says by what an account can be called.
func (Provider) Ways() connect.Ways {
	return connect.Ways{
		Keys:   []connect.Key{{Name: keyAccess, Says: "The access token of a private app, or a service key, of the account."}},
		OAuth:  true,
		Scopes: slices.Clone(scopes),
	}
}

// Account tidies the number of an account, as HubSpot shows it.
func (Provider) Account(text string) (string, error) {
	text = strings.TrimSpace(text)
	if !portal.MatchString(text) {
		return "", problem.At(problem.Invalid, "account", "must be the number of the HubSpot account, such as 12345678")
	}
	return text, nil
}

// Lacks names what is wanted and not granted.
func (Provider) Lacks(granted []string) []string {
	return slices.DeleteFunc(slices.Clone(scopes), func(one string) bool { return slices.Contains(granted, one) })
}

// AuthorizeURL is where people are sent to grant the scopes.
func (p Provider) AuthorizeURL(_ string, a connect.Asked) string {
	return p.app + "/oauth/authorize?" + url.Values{
		"client_id": {a.App.ID}, "scope": {strings.Join(a.Scopes, " ")}, "redirect_uri": {a.RedirectURL}, "state": {a.State},
		"code_challenge": {a.Challenge}, "code_challenge_method": {"S256"},
	}.Encode()
}

// Returned proves nothing: HubSpot signs nothing of what comes back, the state does.
func (Provider) Returned(url.Values, string, connect.App, time.Time) error { return nil }

// Exchange gets a token that ends in half an hour, with one to renew it.
func (p Provider) Exchange(ctx context.Context, call connect.Call, account string, e connect.Exchange) (connect.Credentials, error) {
	return p.grant(ctx, call, account, e.At, url.Values{
		"grant_type": {"authorization_code"}, "client_id": {e.App.ID}, "client_secret": {e.App.Secret},
		"code": {e.Code}, "code_verifier": {e.Verifier}, "redirect_uri": {e.RedirectURL},
	})
}

// Renew gets a new token.
func (p Provider) Renew(ctx context.Context, call connect.Call, account string, c connect.Credentials, at time.Time) (connect.Credentials, error) {
	if c.Renewal == "" {
		return connect.Credentials{}, connect.ErrWithdrawn
	}
	return p.grant(ctx, call, account, at, url.Values{
		"grant_type": {"refresh_token"}, "client_id": {c.App.ID}, "client_secret": {c.App.Secret}, "refresh_token": {c.Renewal},
	})
}

// grant asks for a token. HubSpot lets people choose the account they grant: another
// one than was meant is not taken.
func (p Provider) grant(ctx context.Context, call connect.Call, account string, at time.Time, asked url.Values) (connect.Credentials, error) {
	var out struct {
		AccessToken  string   `json:"access_token"`
		RefreshToken string   `json:"refresh_token"`
		ExpiresIn    int64    `json:"expires_in"`
		HubID        int64    `json:"hub_id"`
		Scopes       []string `json:"scopes"`
	}
	err := p.form(ctx, call, "/oauth/"+version+"/token", asked, &out)
	if errors.Is(err, connect.Answered(http.StatusBadRequest)) {
		return connect.Credentials{}, connect.ErrWithdrawn
	}
	switch {
	case err != nil:
		return connect.Credentials{}, err
	case out.HubID != 0 && strconv.FormatInt(out.HubID, 10) != account:
		return connect.Credentials{}, connect.ErrWithdrawn
	case out.AccessToken == "":
		return connect.Credentials{}, errUnderstood
	}
	slices.Sort(out.Scopes)
	return connect.Credentials{Access: out.AccessToken, Renewal: out.RefreshToken, Scopes: out.Scopes, Until: at.Add(time.Duration(out.ExpiresIn) * time.Second)}, nil
}

// Probe asks the account for its number. Another account than was named is as good
// as none: its records are other people's.
func (p Provider) Probe(ctx context.Context, call connect.Call, account string, c connect.Credentials) (connect.Probed, error) {
	var out struct {
		PortalID int64  `json:"portalId"`
		Domain   string `json:"uiDomain"`
	}
	if err := p.ask(ctx, call, c, http.MethodGet, "/account-info/"+version+"/details", nil, &out); err != nil {
		return connect.Probed{}, err
	}
	if strconv.FormatInt(out.PortalID, 10) != account {
		return connect.Probed{}, connect.ErrWithdrawn
	}
	return connect.Probed{Label: "HubSpot " + account, Scopes: c.Scopes}, nil
}

// Revoke ends the renewal token. The token of a private app is ended in HubSpot, by
// people.
func (p Provider) Revoke(ctx context.Context, call connect.Call, _ string, c connect.Credentials) error {
	if c.Renewal == "" {
		return nil
	}
	err := p.form(ctx, call, "/oauth/"+version+"/token/revoke", url.Values{
		"client_id": {c.App.ID}, "client_secret": {c.App.Secret}, "token": {c.Renewal}, "token_type_hint": {"refresh_token"},
	}, nil)
	if errors.Is(err, connect.Answered(http.StatusBadRequest)) || errors.Is(err, connect.Answered(http.StatusNotFound)) {
		return nil // it is not good any more
	}
	return err
}
