package attribution

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// CanonicalEmail gives the form of an address in which self-referral compares
// buyer and affiliate (Q46), to be put through a keyed hash; "" when the text is
// no address, and "" never matches anything, not even "".
//
// It is made for that comparison alone, never for log-in, mail or merging
// customers, because it deliberately folds too much: compatibility forms and
// case, invisible characters, everything from a plus sign on, and dots in the
// local part at every host. Which hosts ignore dots and tags cannot be told from
// the address: any company's own domain may sit on a provider that does. Folding
// too little pays somebody for buying from themselves with a one-character
// variant; folding too much at worst withholds one commission, with its reason on
// record and the sale kept, where two people at a dot-sensitive host differ by a
// dot alone. Hosts are compared as written (googlemail.com as gmail.com);
// punycode and Unicode spellings of one host stay different.
func CanonicalEmail(s string) string {
	s = strings.ToLower(norm.NFKC.String(s))
	s = norm.NFKC.String(strings.Map(dropInvisible, s))
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return ""
	}
	local, host := canonicalLocal(s[:at]), canonicalHost(s[at+1:])
	if local == "" || host == "" {
		return ""
	}
	return local + "@" + host
}

// canonicalLocal keeps an address that begins with its plus sign whole, since
// nothing would be left of it. Marks that a dot or quote had kept apart meet, and are put
// in order.
func canonicalLocal(s string) string {
	s = norm.NFKC.String(strings.NewReplacer(".", "", `"`, "").Replace(s))
	if plus := strings.IndexByte(s, '+'); plus > 0 {
		s = s[:plus]
	}
	return s
}

func canonicalHost(s string) string {
	s = strings.TrimRight(s, ".")
	if s == "googlemail.com" {
		return "gmail.com"
	}
	return s
}

// dropInvisible removes spaces, controls and format characters such as the
// zero-width space, which look like nothing and would make two addresses differ.
func dropInvisible(r rune) rune {
	if unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf) {
		return -1
	}
	return r
}
