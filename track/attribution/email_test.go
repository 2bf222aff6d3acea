package attribution_test

import (
	"testing"

	"github.com/tributary/tributary/track/attribution"
)

func TestQ46_CanonicalEmail(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"ann.lee@example.com":          "annlee@example.com",
		"  Ann.Lee@Example.COM\t":      "annlee@example.com",
		"annlee+shop@example.com":      "annlee@example.com",
		"a.n.n.l.e.e+x.y@example.com":  "annlee@example.com",
		"annlee@googlemail.com":        "annlee@gmail.com",
		"Ann.Lee+1@GoogleMail.com":     "annlee@gmail.com",
		"annlee@example.com.":          "annlee@example.com",
		"annlee\uff20example.com":      "annlee@example.com", // full-width at sign
		"\uff41\uff2enlee@example.com": "annlee@example.com", // full-width letters
		"ann\u200blee@example.com":     "annlee@example.com", // zero-width space
		"\"ann.lee\"@example.com":      "annlee@example.com",
		"\u212aIM@example.com":         "kim@example.com", // Kelvin sign
		"jose\u0301@example.com":       "josé@example.com",
		"+ann@example.com":             "+ann@example.com",
		"\"a@b\"@example.com":          "a@b@example.com",
		"ann@mail.example.com":         "ann@mail.example.com",
		"a\u0301.\u0323@example.com":   "\u1ea1\u0301@example.com", // marks in the order of Unicode, once the dot is gone
		"":                             "",
		"ann":                          "",
		"@example.com":                 "",
		"ann@":                         "",
		"...@example.com":              "",
	} {
		if got := attribution.CanonicalEmail(in); got != want {
			t.Errorf("CanonicalEmail(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzCanonicalEmail(f *testing.F) {
	for _, s := range []string{"A.b+c@GoogleMail.com", "\u0130@x.y", "ﷺ+@ß.", "\"+\"@a..", "a\u0301.@b", "\xb1\u0300\"\u0331@0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := attribution.CanonicalEmail(s)
		if twice := attribution.CanonicalEmail(once); twice != once {
			t.Errorf("%q gives %q, then %q", s, once, twice)
		}
	})
}

func TestQ40_CouponKey(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"SAVE10":                "save10",
		" save10 ":              "save10",
		"\uff33AVE\uff11\uff10": "save10", // full-width
		"STRASSE":               "strasse",
		"straße":                "strasse",
		"CAFE\u0301":            "café",
		"ΣΟΦΟΣ":                 "σοφοσ",
		"σοφος":                 "σοφοσ", // final sigma folds as the others do
		"spring sale":           "spring sale",
		"   ":                   "",
	} {
		if got := attribution.CouponKey(in); got != want {
			t.Errorf("CouponKey(%q) = %q, want %q", in, got, want)
		}
	}
}
