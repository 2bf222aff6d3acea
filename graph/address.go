package graph

import (
	"net/url"

	"github.com/tributary/tributary/ent"
)

// webhookURL is where a shop sends its messages.
func (r *Resolver) webhookURL(integrationID string) string {
	return r.PublicURL + "/hooks/" + integrationID
}

// linkURL is the address of a link to give out: on the merchant's own domain
// when one serves it, else on the platform's.
func (r *Resolver) linkURL(l *ent.Link) string {
	if l.HostKey != "" {
		return (&url.URL{Scheme: "https", Host: l.HostKey, Path: "/" + l.Slug}).String()
	}
	return r.PublicURL + "/r/" + l.Slug
}
