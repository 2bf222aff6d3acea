package salesforce

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/internal/problem"
)

// Name is the provider's name in an integration.
const Name = "SALESFORCE"

// data is the version of Salesforce's API, in front of every path: Winter '27.
const data = "/services/data/v68.0"

// The keys, as Salesforce calls them.
const (
	keyConsumer = "consumerKey"
	keySecret   = "consumerSecret" // #nosec G101 -- the name of a key
)

// domain is a My Domain of an org, or of a sandbox of it.
var domain = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z]{2,20})?\.my\.salesforce\.com$`)

// Provider calls Salesforce.
type Provider struct {
	login  func(account string) string // the address that gives sessions, without a slash at the end
	trusts func(instance *url.URL) bool
	known  *orgs
}

// New makes the provider.
func New() Provider {
	return Provider{func(account string) string { return "https://" + account }, salesforces, &orgs{}}
}

// salesforces reports whether an instance is one of Salesforce's: sessions go to no other.
func salesforces(u *url.URL) bool {
	return u.Scheme == "https" && u.Port() == "" && strings.HasSuffix(u.Hostname(), ".salesforce.com")
}

// At makes a provider whose login is elsewhere, and its instance on the same machine:
// for those who play it.
func At(base string) Provider {
	return Provider{func(string) string { return base }, func(u *url.URL) bool { return strings.HasPrefix(base, u.Scheme+"://"+u.Hostname()+":") }, &orgs{}}
}

var (
	_ connect.Provider    = Provider{}
	_ connect.Destination = Provider{}
	_ connect.Puller      = Provider{}
)

// Ways says by what an org can be called.
func (Provider) Ways() connect.Ways {
	return connect.Ways{Keys: []connect.Key{
		{Name: keyConsumer, Says: "The consumer key of an External Client App with the client credentials flow, from its OAuth settings."},
		{Name: keySecret, Says: "Its consumer secret."},
	}}
}

// Account tidies the My Domain of an org: https://Acme.my.salesforce.com/ is
// acme.my.salesforce.com. The app is given sessions there and not at
// login.salesforce.com.
func (Provider) Account(text string) (string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	text = strings.TrimRight(strings.TrimPrefix(text, "https://"), "/")
	if !domain.MatchString(text) {
		return "", problem.At(problem.Invalid, "account", "must be the My Domain of the org, such as acme.my.salesforce.com")
	}
	return text, nil
}

// Lacks names nothing: what the app may is seen in what it is refused.
func (Provider) Lacks([]string) []string { return []string{} }

// Probe gets a session, which proves the keys, and looks whether the fields of ours are
// there.
func (p Provider) Probe(ctx context.Context, call connect.Call, account string, c connect.Credentials) (connect.Probed, error) {
	p.known.of(account, c).end("")
	found := connect.Probed{Label: "Salesforce " + account}
	err := p.Prepare(ctx, call, account, c)
	if _, lacks := errors.AsType[connect.Unprepared](err); err != nil && !lacks {
		return connect.Probed{}, err
	}
	return found, err
}

// Revoke ends the session in hand. The app's keys are ended in Salesforce, by people.
func (p Provider) Revoke(ctx context.Context, call connect.Call, account string, c connect.Credentials) error {
	s := p.known.of(account, c).end("")
	if s.token == "" {
		return nil
	}
	answer, err := p.form(ctx, call, account, "revoke", url.Values{"token": {s.token}})
	switch {
	case err != nil:
		return err
	case answer.Status == http.StatusOK || answer.Status == http.StatusBadRequest: // it is not good any more
		return nil
	}
	return connect.Answered(answer.Status)
}
