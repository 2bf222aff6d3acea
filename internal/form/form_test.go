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

// What can be seen is plain; what hides, or turns the text around it, is not.
// Without hidden in Plain each of the latter passes.
func TestPlain(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Zoë Müller-Núñez": true, "李小龍": true, "Αλέξανδρος": true, "שרה כהן": true, "محمد علي": true, "สมชาย": true,
		"می\u200cخواهم": true, "क्\u200dष": true, "👩\u200d👩\u200d👧": true, "❤\ufe0f": true, "👍🏽": true, "é": true,
		"🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f": true, "\u0601123": true, "👩🏽\u200d💻": true,
		"evil\u202egnp.exe": false, "\u2066a\u2069": false, "\u200eAnn": false, "Ann\u200f": false, "\u061cAnn": false,
		"An\u200bn": false, "\ufeffAnn": false, "An\u2060n": false, "A\u00adnn": false, "a\u2028b": false, "a\u2029b": false,
		"a\u0085b": false, "a\x7fb": false, "Ann\u200d": false, "\u200cAnn": false, "Ann \u200d Lee": false, "a\u200d\u200db": false,
		"Ann\U000e0041": false, "a\tb": false, "\xff": false,
	} {
		if got := form.Plain(text); got != want {
			t.Errorf("%+q: %v", text, got)
		}
		if err := form.Line("f", text, 100); (err == nil) != want {
			t.Errorf("%+q: %v", text, err)
		}
	}
}
