package salesforce

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/internal/egress"
)

// session is what an org is called with. Salesforce does not say when one ends: it says
// so when it has.
type session struct {
	token, instance string
	user            string // whom the app runs as; "" when it is not told
}

// org is what is known of an org while the server runs.
type org struct {
	mu      sync.Mutex
	session session
	limited int                          // how often in a row it had no calls left
	types   map[string]map[string]string // of fields, by object and name, as describe has them
}

// orgs are those that were called.
type orgs struct {
	mu  sync.Mutex
	all map[[sha256.Size]byte]*org
}

const orgsKept = 10_000

// of gives what is known of an org, of an app: another key is another one.
func (o *orgs) of(account string, c connect.Credentials) *org {
	name := sha256.Sum256([]byte(account + "\x00" + c.Keys[keyConsumer] + "\x00" + c.Keys[keySecret]))
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.all) > orgsKept || o.all == nil { // they are learned again soon
		o.all = map[[sha256.Size]byte]*org{}
	}
	if o.all[name] == nil {
		o.all[name] = &org{types: map[string]map[string]string{}}
	}
	return o.all[name]
}

// end forgets a session, whichever it is when token is empty, and gives it.
func (o *org) end(token string) session {
	o.mu.Lock()
	defer o.mu.Unlock()
	was := o.session
	if token == "" || was.token == token {
		o.session = session{}
	}
	return was
}

func (o *org) now() session {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.session
}

// session gives one that was good when it was last used, or a new one.
func (p Provider) session(ctx context.Context, call connect.Call, account string, c connect.Credentials) (session, error) {
	o := p.known.of(account, c)
	if s := o.now(); s.token != "" {
		return s, nil
	}
	s, err := p.enter(ctx, call, account, c)
	if err == nil {
		o.mu.Lock()
		o.session = s
		o.mu.Unlock()
	}
	return s, err
}

// enter gets a session for the app. Errors: ErrWithdrawn for keys that are not taken,
// Answered when it is Salesforce's own trouble.
func (p Provider) enter(ctx context.Context, call connect.Call, account string, c connect.Credentials) (session, error) {
	answer, err := p.form(ctx, call, account, "token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {c.Keys[keyConsumer]}, "client_secret": {c.Keys[keySecret]},
	})
	if err != nil {
		return session{}, err
	}
	var out struct {
		Token    string `json:"access_token"`
		Instance string `json:"instance_url"`
		ID       string `json:"id"` // an address that ends with the user
		Error    string `json:"error"`
	}
	_ = json.Unmarshal(answer.Body, &out) // what cannot be read says nothing
	switch {
	case answer.Status == http.StatusTooManyRequests || out.Error == "rate_limit_exceeded":
		return session{}, connect.Throttled{Wait: concurrent}
	case out.Error == "unknown_error" || out.Error == "server_error" || out.Error == "temporarily_unavailable":
		return session{}, connect.Answered(http.StatusServiceUnavailable)
	case answer.Status == http.StatusBadRequest || answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden:
		return session{}, fmt.Errorf("%w: %w", connect.ErrWithdrawn, connect.Answered(answer.Status))
	case answer.Status != http.StatusOK:
		return session{}, connect.Answered(answer.Status)
	}
	u, err := url.Parse(out.Instance)
	if err != nil || out.Token == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || !p.trusts(u) {
		return session{}, errUnderstood
	}
	s := session{token: out.Token, instance: u.Scheme + "://" + u.Host}
	if user := out.ID[strings.LastIndex(out.ID, "/")+1:]; anID.MatchString(user) {
		s.user = user
	}
	return s, nil
}

// form sends what the addresses of OAuth want.
func (p Provider) form(ctx context.Context, call connect.Call, account, what string, in url.Values) (egress.Answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.login(account)+"/services/oauth2/"+what, strings.NewReader(in.Encode()))
	if err != nil {
		return egress.Answer{}, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	return call(ctx, r)
}
