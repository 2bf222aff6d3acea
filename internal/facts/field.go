package facts

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Kind is the type of a custom field.
type Kind string

// The types.
const (
	Text    Kind = "TEXT"
	Number  Kind = "NUMBER" // a decimal of at most 12 digits before the point and 6 after it
	Boolean Kind = "BOOLEAN"
)

// Limits of custom fields.
const (
	MaxFields = 20  // on one order, buyer or affiliate
	MaxName   = 32  // bytes of a name
	MaxText   = 255 // bytes of a text
)

// Field is a custom field: a name with a value of a type.
type Field struct {
	Name  string
	Kind  Kind
	Value string // a text, a decimal, or "true" and "false"
}

// Name reports whether a text can be the name of a field.
func Name(s string) bool {
	legal := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-'
	}
	return len(s) >= 1 && len(s) <= MaxName && !strings.ContainsFunc(s, func(r rune) bool { return !legal(r) })
}

// Fault says what is wrong with a value of a type, "" when nothing is.
func (k Kind) Fault(value string) string {
	switch k {
	case Text:
		if len(value) > MaxText || !utf8.ValidString(value) || strings.IndexByte(value, 0) >= 0 {
			return "must be text of at most 255 bytes without NUL"
		}
	case Number:
		if _, ok := Decimal(value); !ok {
			return "must be a decimal of at most 12 digits before the point and 6 after it"
		}
	case Boolean:
		if value != "true" && value != "false" {
			return "must be true or false"
		}
	default:
		return "must be a text, a number or a truth value"
	}
	return ""
}

// Decimal reads a decimal number exactly, in millionths; false when it is none, or
// has more digits than can be compared.
func Decimal(s string) (millionths int64, ok bool) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, rest, point := strings.Cut(digits, ".")
	if whole == "" || len(whole) > 12 || len(rest) > 6 || point && rest == "" {
		return 0, false
	}
	for _, d := range whole + rest + strings.Repeat("0", 6-len(rest)) {
		if d < '0' || d > '9' {
			return 0, false
		}
		millionths = millionths*10 + int64(d-'0')
	}
	if negative {
		millionths = -millionths
	}
	return millionths, true
}

// canonical gives the one form of a value without a fault.
func (k Kind) canonical(value string) string {
	if k != Number {
		return value
	}
	digits, negative := strings.CutPrefix(value, "-")
	whole, rest, _ := strings.Cut(digits, ".")
	digits = cmp.Or(strings.TrimLeft(whole, "0"), "0")
	if rest = strings.TrimRight(rest, "0"); rest != "" {
		digits += "." + rest
	}
	if negative && digits != "0" {
		digits = "-" + digits
	}
	return digits
}

// Canonical gives fields without a fault in their one form, by name.
func Canonical(fields []Field) []Field {
	out := slices.Clone(fields)
	for i := range out {
		out[i].Value = out[i].Kind.canonical(out[i].Value)
	}
	slices.SortFunc(out, func(a, b Field) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// kinds are the types by the letter under which they are kept.
var kinds = map[byte]Kind{'t': Text, 'n': Number, 'b': Boolean}

// Pack gives fields as they are kept in a row: by name, the value after a letter
// for its type. Nil for none.
func Pack(fields []Field) map[string]string {
	if len(fields) == 0 {
		return nil
	}
	out := make(map[string]string, len(fields))
	for _, f := range Canonical(fields) {
		for letter, k := range kinds {
			if k == f.Kind {
				out[f.Name] = string(letter) + f.Value
			}
		}
	}
	return out
}

// Unpack gives what Pack was given, by name.
func Unpack(packed map[string]string) (fields []Field) {
	for name, v := range packed {
		if v != "" {
			fields = append(fields, Field{Name: name, Kind: kinds[v[0]], Value: v[1:]})
		}
	}
	slices.SortFunc(fields, func(a, b Field) int { return cmp.Compare(a.Name, b.Name) })
	return fields
}
