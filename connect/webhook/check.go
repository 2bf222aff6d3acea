package webhook

import (
	"cmp"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tributary/tributary/ent/webhookendpoint"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/problem"
)

// check tidies what was given, and gives the address's host.
func (s *Service) check(in *EndpointInput) (host string, err error) {
	in.Name, in.Ordering = strings.TrimSpace(in.Name), cmp.Or(in.Ordering, string(webhookendpoint.OrderingNONE))
	in.origin = cmp.Or(in.origin, webhookendpoint.OriginAPI)
	if err := checkName(in.Name); err != nil {
		return "", err
	}
	if err := checkOrdering(in.Ordering); err != nil {
		return "", err
	}
	if in.Types, err = checkTypes(in.Types); err != nil {
		return "", err
	}
	return s.checkURL(in.URL)
}

func checkName(name string) error {
	if utf8.RuneCountInString(name) > maxName || !form.Plain(name) {
		return problem.At(problem.Invalid, "name", "must have at most %d characters, all of which are seen", maxName)
	}
	return nil
}

func checkOrdering(ordering string) error {
	if webhookendpoint.OrderingValidator(webhookendpoint.Ordering(ordering)) != nil {
		return problem.At(problem.Invalid, "ordering", "must be NONE, ENTITY or ENDPOINT")
	}
	return nil
}

// checkTypes sorts the types and takes out repeats.
func checkTypes(types []string) ([]string, error) {
	for _, name := range types {
		if _, known := find(name); !known {
			return nil, problem.At(problem.Invalid, "types", "%q is no type of event", clipped(name))
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(types))), nil
}

func clipped(name string) string { return name[:min(len(name), 60)] }

// checkURL refuses an address that would never be called. One whose name leads
// behind a wall is refused when it is called: names change their mind.
func (s *Service) checkURL(text string) (host string, err error) {
	if len(text) > maxURL {
		return "", problem.At(problem.TooLarge, "url", "must have at most %d bytes", maxURL)
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" || len(u.Host) > 255 {
		return "", problem.At(problem.Invalid, "url", "must be an https address without user and fragment")
	}
	loopback := s.guard.Loopback && here(u.Hostname())
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback) {
		return "", problem.At(problem.Invalid, "url", "must be an https address")
	}
	if !loopback && !s.outside(u.Hostname()) {
		return "", problem.At(problem.Invalid, "url", "must be an address on the public internet")
	}
	return strings.ToLower(u.Host), nil
}

// outside reports whether a name or an address may be one of the public internet.
func (s *Service) outside(name string) bool {
	if addr, err := netip.ParseAddr(name); err == nil {
		return s.guard.Allows(addr) && !here(name)
	}
	return public(name) && !here(name)
}

// here reports whether a name means this machine.
func here(name string) bool {
	if addr, err := netip.ParseAddr(name); err == nil {
		return addr.IsLoopback()
	}
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// public reports whether a name can be one of the public internet: of two labels or
// more, in ASCII, since other letters may come to mean a name like localhost, and
// without a number at its end, which some read as an address.
func public(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	_, last, dotted := cutLast(name, ".")
	return dotted && strings.Trim(last, "0123456789") != "" && !strings.HasPrefix(last, "0x") && strings.IndexFunc(name, func(r rune) bool { return r > 127 }) < 0
}

// cutLast is strings.Cut at the last place.
func cutLast(s, at string) (before, after string, found bool) {
	if i := strings.LastIndex(s, at); i >= 0 {
		return s[:i], s[i+len(at):], true
	}
	return s, "", false
}
