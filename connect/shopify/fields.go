package shopify

import (
	"context"
	"maps"
	"net/http"
	"regexp"
	"strings"

	"github.com/tributary/tributary/connect"
	"github.com/tributary/tributary/connect/mapping"
)

// namespace holds the metafields of ours.
const namespace = "tributary"

// named is what a metafield can be called.
var named = regexp.MustCompile(`^[a-z][a-z0-9_-]{1,63}$`)

var (
	_ connect.Destination = Provider{}
	_ connect.Following   = Provider{}
)

// Kinds are what is written: the shop has its orders of itself.
func (Provider) Kinds() []connect.Kind { return []connect.Kind{connect.KindCustomer} }

// Follows reports whether a customer is written because of an event: only when
// something is said of it, not with each sale, which the shop knows.
func (Provider) Follows(event string) bool { return strings.HasPrefix(event, "customer.") }

// Defaults says which metafields of a customer are written.
func (Provider) Defaults(connect.Kind) (mapping.Document, map[string]mapping.Slot) {
	all := mapping.Document{Fields: []mapping.Field{
		{Source: "customer.segment", Target: "segment", Direction: mapping.Out},
		{Source: "customer.lifecycle_stage", Target: "lifecycle_stage", Direction: mapping.Out},
	}}
	return all, map[string]mapping.Slot{"segment": {Kind: mapping.Text}, "lifecycle_stage": {Kind: mapping.Text}}
}

// Fields are any texts: a metafield is there once it is written.
func (p Provider) Fields(_ context.Context, _ connect.Call, _ string, _ connect.Credentials, k connect.Kind, names []string) (map[string]mapping.Slot, error) {
	_, slots := p.Defaults(k)
	all := maps.Clone(slots)
	for _, name := range names {
		if named.MatchString(name) {
			all[name] = mapping.Slot{Kind: mapping.Text}
		}
	}
	return all, nil
}

// Prepare has nothing to make.
func (Provider) Prepare(context.Context, connect.Call, string, connect.Credentials) error { return nil }

// Link has nothing to bind: an order is its customer's.
func (Provider) Link(context.Context, connect.Call, string, connect.Credentials, connect.Written, connect.Kind, connect.Written, connect.Kind) error {
	return nil
}

// Pace says nothing: what questions cost is told in the answers' bodies, which Push reads.
func (Provider) Pace(int, http.Header) connect.Pace { return connect.Pace{} }
