package trust

import (
	"context"
	"errors"
	"testing"
)

func TestTokenHoldsItsScopesAndNoOthers(t *testing.T) {
	t.Parallel()
	token := Viewer{MerchantID: "mer_1", Kind: KindToken, Scopes: []Scope{LinkWrite, PayoutApprove, "made:up"}}
	for _, s := range AllScopes() {
		if want := s == LinkWrite || s == PayoutApprove; token.Can(s) != want {
			t.Errorf("%s: %v", s, !want)
		}
	}
	if token.Can("made:up") {
		t.Error("a scope outside the table was granted")
	}
	token.Role = Owner // a role means nothing on a token
	if token.Can(AuditRead) {
		t.Error("a token took rights from a role")
	}
}

func TestA05_AffiliateTokenIsBoundedByTheAffiliateColumn(t *testing.T) {
	t.Parallel()
	token := Viewer{MerchantID: "mer_1", Kind: KindToken, AffiliateID: "aff_1", Scopes: AllScopes()}
	person := Viewer{MerchantID: "mer_1", Kind: KindUser, Role: Affiliate, AffiliateID: "aff_1"}
	for _, s := range AllScopes() {
		if token.Can(s) != person.Can(s) {
			t.Errorf("%s: token %v, affiliate %v", s, token.Can(s), person.Can(s))
		}
	}
	token.Scopes = []Scope{LinkRead}
	if token.Can(LinkWrite) || !token.Can(LinkRead) {
		t.Error("the scope list no longer bounds the token")
	}
}

// Binding to an affiliate takes rights away, whatever the viewer is.
func TestBindingNeverAdds(t *testing.T) {
	t.Parallel()
	everyKind := append(viewers(), System("mer_1"), Viewer{MerchantID: "mer_1", Kind: KindToken, Scopes: AllScopes()})
	for _, v := range everyKind {
		if v.Kind == KindUser && v.Role == Affiliate {
			continue
		}
		bound := v
		bound.AffiliateID = "aff_1"
		for _, s := range AllScopes() {
			if bound.Can(s) && !v.Can(s) {
				t.Errorf("%s %s gained %s", v.Kind, v.Role, s)
			}
		}
		if bound.Can(AffiliateWrite) {
			t.Errorf("%s %s, bound, manages affiliates", v.Kind, v.Role)
		}
	}
}

func TestDenyByDefault(t *testing.T) {
	t.Parallel()
	nobody := map[string]Viewer{
		"zero":                     {},
		"unknown kind":             {MerchantID: "mer_1", Kind: "ROOT", Role: Owner, Scopes: AllScopes()},
		"no kind":                  {MerchantID: "mer_1", Role: Owner, Scopes: AllScopes()},
		"unknown role":             {MerchantID: "mer_1", Kind: KindUser, Role: "owner", Scopes: AllScopes()},
		"no role":                  {MerchantID: "mer_1", Kind: KindUser, Scopes: AllScopes()},
		"affiliate bound to none":  {MerchantID: "mer_1", Kind: KindUser, Role: Affiliate},
		"owner without a merchant": {Kind: KindUser, Role: Owner},
		"token without a merchant": {Kind: KindToken, Scopes: AllScopes()},
		"system without merchant":  System(""),
		"token without scopes":     {MerchantID: "mer_1", Kind: KindToken, Role: Owner},
		"key without scopes":       {MerchantID: "mer_1", Kind: KindPublishable, Role: Owner},
	}
	for name, v := range nobody {
		for _, s := range append(AllScopes(), "", "made:up") {
			if v.Can(s) {
				t.Errorf("%s may %q", name, s)
			}
		}
	}
	if System("mer_1").Can("made:up") {
		t.Error("the system holds a scope outside the table")
	}
}

func TestSystemMayEverythingAtItsMerchant(t *testing.T) {
	t.Parallel()
	for _, s := range AllScopes() {
		if !System("mer_1").Can(s) {
			t.Errorf("the system may not %s", s)
		}
	}
}

func TestSees(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name       string
		v          Viewer
		own, other bool
	}{
		{"manager", Viewer{MerchantID: "m", Kind: KindUser, Role: Manager}, true, true},
		{"system", System("m"), true, true},
		{"token", Viewer{MerchantID: "m", Kind: KindToken}, true, true},
		{"affiliate", Viewer{MerchantID: "m", Kind: KindUser, Role: Affiliate, AffiliateID: "aff_1"}, true, false},
		{"affiliate token", Viewer{MerchantID: "m", Kind: KindToken, AffiliateID: "aff_1"}, true, false},
		{"affiliate bound to none", Viewer{MerchantID: "m", Kind: KindUser, Role: Affiliate}, false, false},
		{"publishable key", Viewer{MerchantID: "m", Kind: KindPublishable}, false, false},
	}
	for _, c := range cases {
		if c.v.Sees("aff_1") != c.own || c.v.Sees("aff_2") != c.other {
			t.Errorf("%s: own %v, other %v", c.name, c.v.Sees("aff_1"), c.v.Sees("aff_2"))
		}
		if c.v.AffiliateID != "" && c.v.Sees("") {
			t.Errorf("%s sees rows of no affiliate", c.name)
		}
	}
}

func TestRequire(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	if _, err := Require(ctx, LinkRead); !errors.Is(err, ErrUnauthenticated) {
		t.Errorf("nobody: %v", err)
	}
	analyst := Viewer{MerchantID: "mer_1", PrincipalID: "usr_1", Kind: KindUser, Role: Analyst}
	ctx = With(ctx, analyst)
	if v, err := Require(ctx, LinkWrite); !errors.Is(err, ErrForbidden) || v.MerchantID != "" {
		t.Errorf("analyst writing: %+v, %v", v, err)
	}
	if v, err := Require(ctx, LinkRead); err != nil || v.PrincipalID != "usr_1" {
		t.Errorf("analyst reading: %+v, %v", v, err)
	}
	if v, known := From(With(ctx, System("mer_2"))); !known || v.MerchantID != "mer_2" || v.Kind != KindSystem {
		t.Errorf("the inner viewer: %+v", v)
	}
	if v, _ := From(ctx); v.PrincipalID != "usr_1" {
		t.Error("the outer context changed")
	}
}

func BenchmarkCan(b *testing.B) {
	v := Viewer{MerchantID: "mer_1", Kind: KindUser, Role: Manager}
	b.ReportAllocs()
	for b.Loop() {
		v.Can(PlanWrite)
	}
}

// Taking `proven` out of Can lets the unverified owner release money.
func TestS72_AnUnverifiedPersonLetsNoMoneyOut(t *testing.T) {
	t.Parallel()
	for _, s := range AllScopes() {
		sure := Viewer{MerchantID: "mer_1", PrincipalID: "usr_1", Kind: KindUser, Role: Owner}
		unsure := sure
		unsure.Unverified = true
		if !sure.Can(s) || unsure.Can(s) != (s != PayoutApprove) {
			t.Errorf("%s: verified %v, unverified %v", s, sure.Can(s), unsure.Can(s))
		}
		if _, err := Require(With(t.Context(), unsure), s); (err == nil) != unsure.Can(s) || err != nil && !errors.Is(err, ErrUnverified) {
			t.Errorf("%s: an unverified owner hears %v", s, err)
		}
		unsure.Role = Analyst
		if _, err := Require(With(t.Context(), unsure), s); s == PayoutApprove && err != ErrForbidden { //nolint:errorlint // this one, and not the one that wraps it
			t.Errorf("an unverified analyst hears %v", err)
		}
	}
}
