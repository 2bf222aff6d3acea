package levels_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/tributary/tributary/earn/levels"
	"github.com/tributary/tributary/internal/money"
)

func TestFaultsOfTermsNameTheirField(t *testing.T) {
	t.Parallel()
	for field, spoil := range map[string]func(*levels.Terms){
		"":                      func(*levels.Terms) {},
		"levels":                func(t *levels.Terms) { t.Levels = nil },
		"levels.1.rate":         func(t *levels.Terms) { t.Levels[1].Rate = rate("1000.000001") },
		"levels.0.rate":         func(t *levels.Terms) { t.Levels[0].Rate = rate("0") },
		"levels.2.rate":         func(t *levels.Terms) { t.Levels[2].Rate = rate("0.0000001") },
		"levels.0.mode":         func(t *levels.Terms) { t.Levels[0].Mode = "" },
		"onInactive":            func(t *levels.Terms) { t.OnInactive = "PAY" },
		"onUnqualified":         func(t *levels.Terms) { t.OnUnqualified = "PAY" },
		"maxTotalPayoutPercent": func(t *levels.Terms) { t.Levels, t.AndAbove = t.Levels[:1], true },
		"cutOrder":              func(t *levels.Terms) { t.Cut = "NEAREST_FIRST" },
		"qualification.days":    func(t *levels.Terms) { t.Qualification.Sales = 1 },
		"qualification.sales":   func(t *levels.Terms) { t.Qualification.Sales, t.Qualification.Days = -1, 1 },
		"qualification.amount":  func(t *levels.Terms) { t.Qualification.Amount.Minor, t.Qualification.Days = 1, 1 },
	} {
		subject := terms(three)
		spoil(&subject)
		var named []string
		for _, fault := range subject.Validate() {
			named = append(named, strings.Join(fault.Field, "."))
		}
		if got := strings.Join(named, " "); got != field {
			t.Errorf("got %q, want %q", got, field)
		}
	}
}

func TestQ61_AMaximumIsBetweenNothingAndAll(t *testing.T) {
	t.Parallel()
	for text, fine := range map[string]bool{"100": true, "0.000001": true, "100.1": false, "-1": false} {
		subject := terms(three)
		subject.MaxTotal = rate(text)
		if got := len(subject.Validate()) == 0; got != fine {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestImpossibleFactsAreRefused(t *testing.T) {
	t.Parallel()
	line := func(base, commission int64) []levels.Line {
		return []levels.Line{{ID: "l", Base: base, Commission: commission}}
	}
	activity := levels.Qualification{Days: 1, Amount: money.Of(1, "USD")}
	for name, one := range map[string]struct {
		sale  levels.Sale
		terms levels.Qualification
		want  error
	}{
		"a circle":             {levels.Sale{Lines: line(1, 1), Upline: upline("a b a")}, levels.Qualification{}, levels.ErrInput},
		"nobody":               {levels.Sale{Lines: line(1, 1), Upline: []levels.Member{{}}}, levels.Qualification{}, levels.ErrInput},
		"a line twice":         {levels.Sale{Lines: append(line(1, 1), line(1, 1)...)}, levels.Qualification{}, levels.ErrInput},
		"a negative base":      {levels.Sale{Lines: line(-1, 0)}, levels.Qualification{}, levels.ErrInput},
		"a negative amount":    {levels.Sale{Lines: line(0, -1)}, levels.Qualification{}, levels.ErrInput},
		"activity in euros":    {levels.Sale{Lines: line(1, 1), Upline: []levels.Member{{AffiliateID: "a", Amount: money.Of(1, "EUR")}}}, activity, levels.ErrInput},
		"more than there is":   {levels.Sale{Lines: []levels.Line{{"a", math.MaxInt64, 0}, {"b", math.MaxInt64, 0}}}, levels.Qualification{}, money.ErrRange},
		"the sum of all above": {levels.Sale{Lines: line(math.MaxInt64, math.MaxInt64), Upline: upline("a b c")}, levels.Qualification{}, money.ErrRange},
	} {
		subject := terms("100 sale, 100 sale, 100 net")
		subject.Qualification = one.terms
		one.sale.Currency = "USD"
		if _, err := subject.Evaluate(one.sale); !errors.Is(err, one.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
