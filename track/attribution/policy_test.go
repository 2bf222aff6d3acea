package attribution_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/track/attribution"
)

func TestPolicyValidateNamesTheField(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, field string
		change      func(*attribution.Policy)
	}{
		{"OK", "", func(*attribution.Policy) {}},
		{"OK longest", "", func(p *attribution.Policy) { p.Window = attribution.MaxWindow }},
		{"OK empty choices", "", func(p *attribution.Policy) { p.Precedence, p.OnSuspended = nil, "" }},
		{"ErrNoWindow", "window", func(p *attribution.Policy) { p.Window = 0 }},
		{"ErrWindowTooLong", "window", func(p *attribution.Policy) { p.Window = attribution.MaxWindow + time.Second }},
		{"ErrWindowFraction", "window", func(p *attribution.Policy) { p.Window = 1500 * time.Millisecond }},
		{"ErrSkew", "skew", func(p *attribution.Policy) { p.Skew = -1 }},
		{"ErrSuspended", "onSuspended", func(p *attribution.Policy) { p.OnSuspended = "LATER" }},
		{"ErrUnknownKind", "precedence", func(p *attribution.Policy) { p.Precedence = []attribution.Kind{"IMPRESSION"} }},
		{"OK position", "", func(p *attribution.Policy) { p.Model, p.First, p.Last = "POSITION", 40, 60 }},
		{"OK decay", "", func(p *attribution.Policy) { p.Model, p.HalfLife = "TIME_DECAY", time.Hour }},
		{"OK lifetime", "", func(p *attribution.Policy) { p.Lifetime, p.LifetimeFor = "UNTIL_EXPIRY", time.Hour }},
		{"OK override", "", func(p *attribution.Policy) {
			p.Overrides = []attribution.Override{{AffiliateID: "a", Window: time.Hour}}
		}},
		{"ErrModel", "model", func(p *attribution.Policy) { p.Model = "MARKOV" }},
		{"ErrSharedNone", "onSuspended", func(p *attribution.Policy) { p.Model, p.OnSuspended = "LINEAR", "NONE" }},
		{"ErrFirst", "position.first", func(p *attribution.Policy) { p.Model, p.First, p.Last = "POSITION", -1, 50 }},
		{"ErrLast", "position.last position", func(p *attribution.Policy) { p.Model, p.Last = "POSITION", 101 }},
		{"ErrSum", "position", func(p *attribution.Policy) { p.Model, p.First, p.Last = "POSITION", 60, 41 }},
		{"ErrNoWeights", "position", func(p *attribution.Policy) { p.Model = "POSITION" }},
		{"ErrWeightsOfNone", "position.first position.last", func(p *attribution.Policy) { p.First, p.Last = 1, 1 }},
		{"ErrHalfLife", "halfLife", func(p *attribution.Policy) { p.Model, p.HalfLife = "TIME_DECAY", time.Minute }},
		{"ErrHalfLifeFraction", "halfLife", func(p *attribution.Policy) { p.Model, p.HalfLife = "TIME_DECAY", time.Hour+1 }},
		{"ErrHalfLifeOfNone", "halfLife", func(p *attribution.Policy) { p.HalfLife = time.Hour }},
		{"ErrOverrides", "affiliates.0.affiliateId affiliates.1.window affiliates.2.affiliateId", func(p *attribution.Policy) {
			p.Overrides = []attribution.Override{{Window: time.Hour}, {AffiliateID: "a"}, {AffiliateID: "a", Window: time.Hour}}
		}},
		{"ErrLifetime", "lifetime.binds", func(p *attribution.Policy) { p.Lifetime = "EVER" }},
		{"ErrLifetimeFor", "lifetime.days", func(p *attribution.Policy) { p.Lifetime = "UNTIL_EXPIRY" }},
		{"ErrLifetimeForGood", "lifetime.days", func(p *attribution.Policy) { p.Lifetime, p.LifetimeFor = "FIRST", time.Hour }},
		{"ErrTwice", "precedence", func(p *attribution.Policy) { p.Precedence = []attribution.Kind{"CLICK", "CLICK"} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := attribution.DefaultPolicy()
			c.change(&p)
			var fields []string
			for _, f := range p.Validate() {
				if f.Code != problem.Invalid {
					t.Errorf("code %s", f.Code)
				}
				fields = append(fields, strings.Join(f.Field, "."))
			}
			if got := strings.Join(fields, " "); got != c.field {
				t.Errorf("faults at %q, want %q", got, c.field)
			}
		})
	}
}
