package lint_test

import (
	"fmt"
	"testing"

	"github.com/tributary/tributary/earn/plan"
	"github.com/tributary/tributary/earn/plan/lint"
)

// N31: terms of as many rules as there may be are looked at in bounded steps: an
// activation that waited for them would hold its program's lock.
func TestN31_AThousandRulesAreLookedAt(t *testing.T) {
	t.Parallel()
	v := plan.Version{ID: "plv_1", Number: 1, Precedence: plan.FirstMatch}
	for i := range plan.MaxRules - 1 {
		v.Rules = append(v.Rules, percent("5", when(plan.Condition{CouponCodes: []string{fmt.Sprint("c", i)}})))
	}
	v.Rules = append(v.Rules, percent("1"))
	for i := range v.Rules {
		v.Rules[i].ID = fmt.Sprintf("r%04d", i+1)
	}
	r := lint.Check(v, lint.Setting{Currency: "USD", From: begin})
	if len(r.Findings) > 0 || r.Complete {
		t.Errorf("%+v: every rule is reached, and not all pairs are compared", r)
	}
	v.Rules[5].When = &plan.Condition{All: []plan.Condition{*v.Rules[4].When, *v.Rules[5].When}}
	if r := lint.Check(v, lint.Setting{Currency: "USD", From: begin}); len(r.Findings) != 1 || r.Findings[0].Code != lint.RuleUnreachable {
		t.Errorf("%+v", r)
	}
}
