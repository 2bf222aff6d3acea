package form_test

import (
	"strings"
	"testing"

	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/problem"
)

func TestChecks(t *testing.T) {
	t.Parallel()
	line := func(field, s string) error { return form.Line(field, s, 10) }
	for _, row := range []struct {
		check func(string, string) error
		text  string
		want  problem.Code
	}{
		{line, "ten  bytes", ""},
		{line, "eleven byte", problem.Invalid},
		{line, "", problem.Invalid},
		{line, "a\nb", problem.Invalid},
		{line, "a\x00b", problem.Invalid},
		{line, "\xff", problem.Invalid},
		{form.Email, "ada@example.com", ""},
		{form.Email, "ada+x@mail.example", ""},
		{form.Email, "Ada <ada@example.com>", problem.Invalid},
		{form.Email, "ada@example.com (home)", problem.Invalid},
		{form.Email, "ada@example.com\r\nBcc: eve@example.com", problem.Invalid},
		{form.Email, "ada", problem.Invalid},
		{form.Email, "", problem.Invalid},
		{form.Email, strings.Repeat("a", 250) + "@b.example", problem.Invalid},
		{form.Zone, "Europe/Berlin", ""},
		{form.Zone, "UTC", ""},
		{form.Zone, "Local", problem.Invalid},
		{form.Zone, "", problem.Invalid},
		{form.Zone, "Berlin", problem.Invalid},
		{form.Currency, "USD", ""},
		{form.Currency, "usd", problem.CurrencyUnknown},
		{form.Currency, "", problem.CurrencyUnknown},
	} {
		err := row.check("f", row.text)
		if got := problem.CodeOf(err); err == nil && row.want != "" || err != nil && got != row.want {
			t.Errorf("%q: %v, want %q", row.text, err, row.want)
		}
	}
	if form.TidyEmail(" Ada@Example.COM\n") != "ada@example.com" {
		t.Error("an address is not tidied")
	}
}
