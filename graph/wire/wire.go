// Package wire turns the API's scalars and enums into our types and back.
//
// It owns the spelling on the wire only: whether a value is acceptable is the
// rooms' to say, so that a bad amount is a user error naming its field and not
// a broken request. It refuses floats: an amount is a string.
package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/trust"
)

// MarshalDecimal writes an amount as a string.
func MarshalDecimal(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalDecimal reads an amount's digits from a string. A number is refused
// wherever it stands: written in a document it would have been a float.
func UnmarshalDecimal(v any) (string, error) {
	if s, ok := v.(string); ok {
		return s, nil
	}
	return "", fmt.Errorf("an amount is a decimal string such as \"12.34\"")
}

var errNumber = errors.New("a whole number is written as a number, not as text")

// MarshalInt writes a whole number.
func MarshalInt(n int) graphql.Marshaler { return graphql.MarshalInt(n) }

// UnmarshalInt reads a whole number. Text is refused, whatever it holds.
func UnmarshalInt(v any) (int, error) {
	if _, text := v.(string); text {
		return 0, errNumber
	}
	return graphql.UnmarshalInt(v)
}

// MarshalInt64 writes a whole number.
func MarshalInt64(n int64) graphql.Marshaler { return graphql.MarshalInt64(n) }

// UnmarshalInt64 reads a whole number like [UnmarshalInt].
func UnmarshalInt64(v any) (int64, error) {
	if _, text := v.(string); text {
		return 0, errNumber
	}
	return graphql.UnmarshalInt64(v)
}

// MarshalCurrency writes a currency's code.
func MarshalCurrency(c money.Currency) graphql.Marshaler { return graphql.MarshalString(string(c)) }

// UnmarshalCurrency reads a code; the room says whether it is known.
func UnmarshalCurrency(v any) (money.Currency, error) {
	s, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("a currency is a code such as \"USD\"")
	}
	return money.Currency(s), nil
}

// MarshalTime writes an instant in UTC.
func MarshalTime(t time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		_, _ = io.WriteString(w, strconv.Quote(t.UTC().Format(time.RFC3339Nano)))
	})
}

// UnmarshalTime reads an instant, RFC 3339.
func UnmarshalTime(v any) (time.Time, error) {
	s, ok := v.(string)
	if !ok {
		return time.Time{}, fmt.Errorf("an instant is a string such as \"2026-03-02T10:00:00Z\"")
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("not an RFC 3339 instant")
	}
	return t.UTC(), nil
}

// MarshalStringMap writes text values by name.
func MarshalStringMap(m map[string]string) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _ = json.NewEncoder(w).Encode(m) })
}

// UnmarshalStringMap reads text values by name; numbers and truth values are
// taken as written.
func UnmarshalStringMap(v any) (map[string]string, error) {
	in, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("want an object of text values")
	}
	out := make(map[string]string, len(in))
	for k, one := range in {
		switch one := one.(type) {
		case string:
			out[k] = one
		case json.Number, bool, int64, int:
			out[k] = fmt.Sprint(one)
		default:
			return nil, fmt.Errorf("the value of %q is not text", k)
		}
	}
	return out, nil
}

// MarshalScope writes "affiliate:read" as AFFILIATE_READ.
func MarshalScope(s trust.Scope) graphql.Marshaler {
	return graphql.MarshalString(strings.ToUpper(strings.ReplaceAll(string(s), ":", "_")))
}

// UnmarshalScope reads AFFILIATE_READ as "affiliate:read".
func UnmarshalScope(v any) (trust.Scope, error) {
	text, _ := v.(string)
	s := trust.Scope(strings.ToLower(strings.Replace(text, "_", ":", 1)))
	if !s.Known() {
		return "", fmt.Errorf("unknown scope")
	}
	return s, nil
}
