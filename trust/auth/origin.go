package auth

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// opaque is the origin of a page without one.
const opaque = "null"

// canonicalOrigin gives scheme://host[:port] in the form browsers send it; a
// bare host means https. Plain http is for this machine only: on any other host
// somebody on the way could put a page there.
//
// Nothing is "null": browsers send it for pages whose origin is nobody's to tell,
// a sandboxed frame or a file, whoever made them.
func canonicalOrigin(text string) (string, bool) {
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(strings.ToLower(text))
	if err == nil && u.Hostname() == opaque {
		return "", false
	}
	if err != nil || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", false
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !thisMachine(u.Hostname())) {
		return "", false
	}
	if strings.ContainsAny(u.Host, "*, ") || len(u.Host) > 253 {
		return "", false
	}
	if port := u.Port(); (u.Scheme == "https" && port == "443") || (u.Scheme == "http" && port == "80") {
		u.Host = strings.TrimSuffix(u.Host, ":"+port)
	}
	return u.Scheme + "://" + u.Host, true
}

func thisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// mayBeUsedFrom refuses a publishable key in a browser on a page it does not
// list, exactly by scheme, host and port; a sandboxed page ("null") is on no
// list. A call without an origin comes from a server: the key is public and may
// only insert, so that is allowed.
func mayBeUsedFrom(v trust.Viewer, origin string) error {
	if v.Kind != trust.KindPublishable || origin == "" {
		return nil
	}
	from, ok := canonicalOrigin(origin)
	if ok && strings.Contains(origin, "://") && slices.Contains(v.Origins, from) {
		return nil
	}
	return problem.New(problem.Forbidden, "this key may not be used on this page")
}
