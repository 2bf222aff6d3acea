package shopify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/connect"
)

// maxSkew is how far the time in a signed callback may be from ours.
const maxSkew = 90 * time.Second

// AuthorizeURL is where people are sent to grant the scopes. Shops that know nothing
// of PKCE pass over the challenge.
func (p Provider) AuthorizeURL(account string, a connect.Asked) string {
	return p.base(account) + "/admin/oauth/authorize?" + url.Values{
		"client_id": {a.App.ID}, "scope": {strings.Join(a.Scopes, ",")}, "redirect_uri": {a.RedirectURL}, "state": {a.State},
		"response_type": {"code"}, "code_challenge": {a.Challenge}, "code_challenge_method": {"S256"},
	}.Encode()
}

// Returned proves that the shop has signed what the browser brought back, that it is
// the one that was asked, and that it did so just now.
func (Provider) Returned(query url.Values, account string, app connect.App, at time.Time) error {
	signed := maps.Clone(query)
	delete(signed, "hmac")
	delete(signed, "signature")
	for name, values := range query {
		if len(values) != 1 {
			return fmt.Errorf("shopify: %s stands %d times", name, len(values))
		}
	}
	sent, err := hex.DecodeString(query.Get("hmac"))
	mac := hmac.New(sha256.New, []byte(app.Secret))
	mac.Write([]byte(signed.Encode()))
	if err != nil || !hmac.Equal(mac.Sum(nil), sent) {
		return errSignature
	}
	seconds, err := strconv.ParseInt(query.Get("timestamp"), 10, 64)
	if err != nil || at.Sub(time.Unix(seconds, 0)).Abs() > maxSkew {
		return errors.New("shopify: what came back is too old")
	}
	if query.Get("shop") != account {
		return errors.New("shopify: another shop came back")
	}
	return nil
}

// grantAnswer is what the shop gives for a code or a renewal token.
type grantAnswer struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	ExpiresIn    int64  `json:"expires_in"`
	Scope        string `json:"scope"`
}

// Exchange gets a token that ends in an hour, with one to renew it.
func (p Provider) Exchange(ctx context.Context, call connect.Call, account string, e connect.Exchange) (connect.Credentials, error) {
	return p.grant(ctx, call, account, e.At, map[string]string{
		"client_id": e.App.ID, "client_secret": e.App.Secret, "code": e.Code, "code_verifier": e.Verifier, "redirect_uri": e.RedirectURL, "expiring": "1",
	})
}

// Renew gets a new token. The renewal token before is good until the new one is used.
func (p Provider) Renew(ctx context.Context, call connect.Call, account string, c connect.Credentials, at time.Time) (connect.Credentials, error) {
	if c.Renewal == "" {
		return connect.Credentials{}, connect.ErrWithdrawn
	}
	return p.grant(ctx, call, account, at, map[string]string{
		"client_id": c.App.ID, "client_secret": c.App.Secret, "grant_type": "refresh_token", "refresh_token": c.Renewal,
	})
}

// grant asks for a token. A shop that refuses with 400 does not take the code or the
// renewal token, now or later.
func (p Provider) grant(ctx context.Context, call connect.Call, account string, at time.Time, asked map[string]string) (connect.Credentials, error) {
	var out grantAnswer
	err := call.JSON(ctx, http.MethodPost, p.base(account)+"/admin/oauth/access_token", nil, asked, &out)
	if errors.Is(err, connect.Answered(http.StatusBadRequest)) {
		err = fmt.Errorf("%w: %w", connect.ErrWithdrawn, err)
	}
	switch {
	case err != nil:
		return connect.Credentials{}, err
	case out.AccessToken == "":
		return connect.Credentials{}, errUnderstood
	}
	c := connect.Credentials{Access: out.AccessToken, Renewal: out.RefreshToken, Scopes: listOf(out.Scope)}
	if out.ExpiresIn > 0 {
		c.Until = at.Add(time.Duration(out.ExpiresIn) * time.Second)
	}
	return c, nil
}

func listOf(scope string) []string {
	all := slices.DeleteFunc(strings.Split(scope, ","), func(s string) bool { return s == "" })
	slices.Sort(all)
	return all
}
