package woocommerce

import (
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/internal/problem"
)

// The keys, as the shop calls them.
const (
	keyConsumer = "consumerKey"
	keySecret   = "consumerSecret" // #nosec G101 -- the name of a key
)

// scopeRead is the least that a key may: the shop calls it the permission Read.
const scopeRead = "read"

// place is a host, and the folder that WordPress is in when it is not the whole site.
var place = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9](/[A-Za-z0-9_~-][A-Za-z0-9._~-]*){0,5}$`)

// maxAddress is how long an address may be.
const maxAddress = 200

// Ways says by what a shop can be called.
func (Provider) Ways() connect.Ways {
	return connect.Ways{
		Keys: []connect.Key{
			{Name: keyConsumer, Says: "The consumer key (ck_…) of a REST API key with the permission Read, from WooCommerce's settings, Advanced, REST API."},
			{Name: keySecret, Says: "Its consumer secret (cs_…), which the shop shows once."},
		},
		Scopes: []string{scopeRead},
	}
}

// Account tidies the address of a shop: https://Shoes.example/store/ is
// shoes.example/store. It is called over HTTPS, at its default port, and nowhere else.
func (Provider) Account(text string) (string, error) {
	text = strings.TrimSpace(text)
	if scheme, rest, is := strings.Cut(text, "://"); is && strings.EqualFold(scheme, "https") {
		text = rest
	}
	host, folder, _ := strings.Cut(strings.TrimRight(text, "/"), "/")
	text = strings.ToLower(host)
	if folder != "" {
		text += "/" + folder
	}
	if len(text) > maxAddress || !place.MatchString(text) {
		return "", problem.At(problem.Invalid, "account", "must be the shop's address, such as shoes.example or https://shoes.example/store")
	}
	return text, nil
}

// Lacks names what is wanted and was not granted.
func (Provider) Lacks(granted []string) []string {
	for _, one := range granted {
		if one == scopeRead {
			return []string{}
		}
	}
	return []string{scopeRead}
}

// Probe reads an order, which proves the keys, and asks the shop for its name. The shop
// does not say what a key may do: what it let be read is known.
func (p Provider) Probe(ctx context.Context, call connect.Call, account string, c connect.Credentials) (connect.Probed, error) {
	answer, err := p.get(ctx, call, account, c, "wc/v3/orders", url.Values{"per_page": {"1"}})
	if err != nil {
		return connect.Probed{}, err
	}
	var some []json.RawMessage
	if json.Unmarshal(answer.Body, &some) != nil {
		return connect.Probed{}, errUnderstood
	}
	return connect.Probed{Label: p.label(ctx, call, account), Scopes: []string{scopeRead}}, nil
}

// label is what the site calls itself, which it tells everybody; its address where it
// does not.
func (p Provider) label(ctx context.Context, call connect.Call, account string) string {
	answer, err := p.send(ctx, call, account, "", url.Values{"_fields": {"name"}}, nil)
	var site struct {
		Name text `json:"name"`
	}
	if err != nil || fault(answer) != nil || json.Unmarshal(answer.Body, &site) != nil || site.Name == "" {
		return account
	}
	return string(site.Name)
}

// Revoke does nothing: a key ends in the shop's settings only.
func (Provider) Revoke(context.Context, connect.Call, string, connect.Credentials) error { return nil }
