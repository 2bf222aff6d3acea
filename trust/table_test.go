package trust

import (
	"slices"
	"strings"
	"testing"
)

// Typed by hand: what a merchant expects each holder to be able to do. Columns:
// owner, manager, finance, analyst, affiliate, publishable key.
const matrix = `
affiliate:read     O M F A a -
affiliate:write    O M - - - -
application:write  O M - - - p
audit:read         O - F - - -
click:read         O M F A a -
commission:read    O M F A a -
commission:write   O M F - - -
conversion:read    O M F A a -
conversion:write   O M - - - -
coupon:read        O M F A a -
coupon:write       O M - - - -
customer:read      O M - - - -
dispute:read       O M F A a -
dispute:write      O M F - a -
event:read         O M F A a -
integration:read   O M - - - -
integration:write  O M - - - -
ledger:read        O M F A a -
link:read          O M F A a -
link:write         O M - - a -
member:read        O M F - - -
member:write       O - - - - -
merchant:read      O M F A - -
merchant:write     O - - - - -
operation:read     O M - - - -
operation:write    O M - - - -
payout:approve     O - F - - -
payout:read        O M F A a -
payout:write       O - F - - -
plan:read          O M F A a -
plan:write         O M - - - -
profile:write      O - - - a -
program:read       O M F A a -
program:write      O M - - - -
report:read        O M F A a -
token:read         O M - - - -
token:write        O - - - - -
touch:write        O M - - - p
`

// rows are the matrix's lines: a scope and its six columns.
func rows() map[Scope][]string {
	read := map[Scope][]string{}
	for line := range strings.Lines(strings.TrimSpace(matrix)) {
		fields := strings.Fields(line)
		read[Scope(fields[0])] = fields[1:]
	}
	return read
}

// viewers are one of each column, each holding every scope it could be given.
func viewers() []Viewer {
	var all []Viewer
	for _, role := range Roles() {
		all = append(all, Viewer{MerchantID: "mer_1", PrincipalID: "usr_1", Kind: KindUser, Role: role})
	}
	all[4].AffiliateID = "aff_1"
	return append(all, Viewer{MerchantID: "mer_1", Kind: KindPublishable, Scopes: AllScopes()})
}

func TestS72_PermissionTableIsTheGoldenMatrix(t *testing.T) {
	t.Parallel()
	golden := rows()
	if len(golden) != len(table) || len(golden) != 38 {
		t.Fatalf("matrix has %d scopes, table %d, want 38", len(golden), len(table))
	}
	for scope, columns := range golden {
		for i, v := range viewers() {
			if want := columns[i] != "-"; v.Can(scope) != want {
				t.Errorf("%s, column %d: %v, want %v", scope, i, v.Can(scope), want)
			}
		}
	}
}

func TestListsAgreeWithTheMatrix(t *testing.T) {
	t.Parallel()
	lists := [][]Scope{}
	for _, role := range Roles() {
		lists = append(lists, ScopesOf(role))
	}
	lists = append(lists, PublishableScopes())
	for i, list := range lists {
		if !slices.IsSorted(list) {
			t.Errorf("column %d is not sorted", i)
		}
		for scope, columns := range rows() {
			if slices.Contains(list, scope) != (columns[i] != "-") {
				t.Errorf("column %d and %s disagree", i, scope)
			}
		}
	}
	if len(AllScopes()) != 38 || len(ScopesOf(Owner)) != 38 {
		t.Errorf("owner holds %d of %d", len(ScopesOf(Owner)), len(AllScopes()))
	}
	if len(ScopesOf("ROOT")) > 0 {
		t.Error("an unknown role holds scopes")
	}
}

func TestScopesAreResourceAndVerb(t *testing.T) {
	t.Parallel()
	for _, s := range AllScopes() {
		resource, verb, found := strings.Cut(string(s), ":")
		if !found || resource == "" || !slices.Contains([]string{"read", "write", "approve"}, verb) {
			t.Errorf("scope %q", s)
		}
		if !s.Known() {
			t.Errorf("%s is not known", s)
		}
	}
	for _, s := range []Scope{"", "affiliate", "affiliate:", "Affiliate:read", "affiliate:read ", "*", "affiliate:*"} {
		if s.Known() {
			t.Errorf("%q is known", s)
		}
	}
}

func TestScopeListsAreCopies(t *testing.T) {
	t.Parallel()
	AllScopes()[0], ScopesOf(Owner)[0], Roles()[0] = "x", "x", "x"
	if AllScopes()[0] == "x" || ScopesOf(Owner)[0] == "x" || Roles()[0] == "x" {
		t.Fatal("a caller changed a list")
	}
}
