package form

import (
	"unicode"
	"unicode/utf8"
)

// Characters that are not seen, and that writing needs in their place.
const (
	nonJoiner = '\u200c' // Persian, and the scripts of India, keep letters apart with it
	joiner    = '\u200d' // and together with this one; emoji of several people, too
	blackFlag = '\U0001f3f4'
)

// Plain reports whether all of a text can be seen on one line, in the order in
// which it is stored: letters, marks, numbers, signs and emoji of any script.
//
// Controls of direction would show a name in another order than it has, and with
// one that is not seen two names look the same: people approve, pay and search by
// names. The joiners stand between two characters that they join, the tags of a
// flag behind it.
func Plain(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	var before rune
	for i, r := range s {
		if hidden(r) && !needed(before, r, first(s[i+utf8.RuneLen(r):])) {
			return false
		}
		before = r
	}
	return true
}

// first is the first character of a text, zero of none.
func first(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

// hidden reports whether a character has no look of its own. Signs such as the
// Arabic sign for a year are formats by their class, and are seen.
func hidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// needed reports whether a hidden character does its work between its neighbours.
func needed(before, r, after rune) bool {
	switch {
	case r == nonJoiner || r == joiner:
		return joins(before) && joins(after)
	case isTag(r):
		return before == blackFlag || isTag(before)
	}
	return false
}

func joins(r rune) bool { return unicode.In(r, unicode.L, unicode.M, unicode.So, unicode.Sk) }

// isTag reports whether a character spells the region of a flag.
func isTag(r rune) bool { return r >= '\U000e0020' && r <= '\U000e007f' }
