package stripe

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// label gives text that is compared, without spaces around it; "" for what no order
// may hold. A part of an id would be another id, so nothing is cut.
func label(text string, limit int) string {
	text = strings.TrimSpace(text)
	if len(text) > limit || strings.ContainsFunc(text, unicode.IsControl) || !utf8.ValidString(text) {
		return ""
	}
	return text
}

// cut gives text that is only shown, shortened to whole characters.
func cut(text string, limit int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
	for len(text) > limit {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}
