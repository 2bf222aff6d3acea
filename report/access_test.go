package report_test

import (
	"context"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/tributary/tributary/ent/auditrecord"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/report"
	"github.com/tributary/tributary/trust"
	"github.com/tributary/tributary/trust/auth"
)

// household is a merchant that has signed up, as its owner.
func household(t *testing.T, people *auth.Service, email string) context.Context {
	t.Helper()
	made, err := people.SignUp(t.Context(), auth.SignUpInput{Email: email, Password: "correct horse battery", Name: "O", MerchantName: "Acme", Currency: "USD"})
	if err != nil {
		t.Fatal(err)
	}
	return trust.With(t.Context(), trust.Viewer{MerchantID: made.MerchantID, PrincipalID: made.UserID, Kind: trust.KindUser, Role: trust.Owner})
}

func TestR2_AccessReviewListsWhoMayComeIn(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	people, reports := auth.New(auth.Config{Store: s}), report.New(report.Config{Store: s})
	owner := household(t, people, "=owner@acme.example")
	household(t, people, "foreign@other.example")
	token, err := people.TokenCreate(owner, auth.TokenCreateInput{Name: "@SUM(A1)", Scopes: []trust.Scope{trust.LinkRead, trust.EventRead}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := people.TokenRevoke(owner, auth.TokenRevokeInput{ID: token.TokenID}); err != nil {
		t.Fatal(err)
	}
	review, err := reports.AccessReview(owner)
	if err != nil {
		t.Fatal(err)
	}
	if len(review.Rows) != 2 {
		t.Fatalf("%d rows: %+v", len(review.Rows), review.Rows)
	}
	member, credential := review.Rows[0], review.Rows[1]
	if member.Kind != "MEMBER" || member.Name != "=owner@acme.example" || member.Role != "OWNER" || member.LastSeenAt == nil || member.EndedAt != nil {
		t.Errorf("the member: %+v", member)
	}
	if credential.Kind != "SECRET" || credential.SubjectID != token.TokenID || strings.Join(credential.Scopes, " ") != "event:read link:read" || credential.EndedAt == nil || credential.ExpiresAt == nil || credential.LastSeenAt != nil {
		t.Errorf("the token: %+v", credential)
	}
	text, err := review.Csv()
	if err != nil {
		t.Fatal(err)
	}
	table, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(table) != 3 || table[1][2] != "'=owner@acme.example" || table[2][2] != "'@SUM(A1)" {
		t.Errorf("the file: %q, %v", table, err)
	}
	if strings.Contains(text, "foreign") {
		t.Error("the file names another merchant's people")
	}
	seen, err := s.Client().AuditRecord.Query().Where(auditrecord.Action("accessReview")).All(owner)
	if err != nil || len(seen) != 1 || seen[0].Changes["rows"] != "2" {
		t.Errorf("that it was looked at: %v, %v", seen, err)
	}
}

// Each of the three scopes is needed.
func TestR2_AccessReviewNeedsTheScopesOfAllItShows(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	reports := report.New(report.Config{Store: s})
	_, merchant := storetest.Merchant(t, s)
	all := []trust.Scope{trust.MemberRead, trust.TokenRead, trust.IntegrationRead}
	for i := range all {
		scopes := append(append([]trust.Scope{}, all[:i]...), all[i+1:]...)
		ctx := trust.With(t.Context(), trust.Viewer{MerchantID: merchant, Kind: trust.KindToken, Scopes: scopes})
		if _, err := reports.AccessReview(ctx); problem.CodeOf(err) != problem.Forbidden {
			t.Errorf("without %s: %v", all[i], err)
		}
	}
	if _, err := reports.AccessReview(trust.With(t.Context(), trust.Viewer{MerchantID: merchant, Kind: trust.KindToken, Scopes: all})); err != nil {
		t.Error(err)
	}
}
