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
