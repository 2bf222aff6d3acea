package auth

import (
	"strings"
	"sync"
	"testing"

	"github.com/tributary/tributary/ent/merchant"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

func TestSignUpMakesTwinsOwnedByOnePerson(t *testing.T) {
	h := open(t)
	live, err := h.store.DoorMerchant(t.Context(), h.owner.MerchantID)
	must(t, err)
	twin, err := h.store.DoorMerchant(t.Context(), live.TwinID)
	must(t, err)
	if live.Mode != merchant.ModeLIVE || twin.Mode != merchant.ModeTEST || twin.TwinID != live.ID || live.Name != "Acme" || twin.Currency != "USD" || live.TimeZone != "UTC" {
		t.Fatalf("%+v and %+v", live, twin)
	}
	v, err := h.Authenticate(t.Context(), h.owner.AccessToken, "")
	must(t, err)
	want := trust.Viewer{MerchantID: live.ID, PrincipalID: h.owner.UserID, Kind: trust.KindUser, Role: trust.Owner, SessionID: h.owner.SessionID}
	if v.MerchantID != want.MerchantID || v.PrincipalID != want.PrincipalID || v.Kind != want.Kind || v.Role != want.Role || v.SessionID != want.SessionID || v.AffiliateID != "" {
		t.Fatalf("viewer %+v, want %+v", v, want)
	}
	places, err := h.Places(h.as(h.owner.AccessToken))
	must(t, err)
	if len(places) != 2 || places[0] != (Place{live.ID, "Acme", merchant.ModeLIVE, trust.Owner}) || places[1] != (Place{twin.ID, "Acme", merchant.ModeTEST, trust.Owner}) {
		t.Fatalf("places %+v", places)
	}
}

func TestSignUpChecksItsInput(t *testing.T) {
	h := open(t)
	good := SignUpInput{Email: "b@example.com", Password: right, Name: "B", MerchantName: "Bee", Currency: "JPY", TimeZone: "Asia/Tokyo"}
	for _, row := range []struct {
		change func(*SignUpInput)
		code   problem.Code
		field  string
	}{
		{func(in *SignUpInput) { in.Email = "b" }, problem.Invalid, "email"},
		{func(in *SignUpInput) { in.Email = "B <b@example.com>" }, problem.Invalid, "email"},
		{func(in *SignUpInput) { in.Email = " ADA@example.com" }, problem.Taken, "email"},
		{func(in *SignUpInput) { in.Password = "123456789" }, problem.Invalid, "password"},
		{func(in *SignUpInput) { in.Password = strings.Repeat("é", 201) }, problem.Invalid, "password"},
		{func(in *SignUpInput) { in.Name, in.Email = "", "" }, problem.Invalid, "email"}, // and of nothing else
		{func(in *SignUpInput) { in.Name = "A\u202eB" }, problem.Invalid, "name"},
		{func(in *SignUpInput) { in.MerchantName = "a\nb" }, problem.Invalid, "merchantName"},
		{func(in *SignUpInput) { in.Currency = "YEN" }, problem.CurrencyUnknown, "currency"},
		{func(in *SignUpInput) { in.TimeZone = "Tokyo" }, problem.Invalid, "timeZone"},
	} {
		in := good
		row.change(&in)
		_, err := h.SignUp(t.Context(), in)
		refused(t, err, row.code, row.field)
	}
	all, err := h.store.DoorMerchants(t.Context())
	must(t, err)
	if len(all) != 2 {
		t.Fatalf("%d merchants after refusals", len(all))
	}
	good.Password = strings.Repeat("é", 10) // characters, not bytes
	_, err = h.SignUp(t.Context(), good)
	must(t, err)
}

func TestSignUpTwiceAtOnceMakesOneOfEverything(t *testing.T) {
	h := open(t)
	var group sync.WaitGroup
	var mu sync.Mutex
	var done int
	for range 4 {
		group.Go(func() {
			_, err := h.SignUp(t.Context(), SignUpInput{Email: "b@example.com", Password: right, Name: "B", MerchantName: "Bee", Currency: "USD"})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				done++
			} else if problem.CodeOf(err) != problem.Taken {
				t.Error(err)
			}
		})
	}
	group.Wait()
	all, err := h.store.DoorMerchants(t.Context())
	must(t, err)
	if done != 1 || len(all) != 4 {
		t.Fatalf("%d signed up, %d merchants", done, len(all))
	}
}

func TestMemberAdd(t *testing.T) {
	h := open(t)
	ctx := h.as(h.owner.AccessToken)
	in := MemberAddInput{Email: "fin@example.com", Name: "Fin", Role: "FINANCE", Password: right}
	out, err := h.MemberAdd(ctx, in)
	must(t, err)
	got, err := h.LogIn(t.Context(), LogInInput{Email: "Fin@Example.com ", Password: right})
	must(t, err)
	if got.Role != trust.Finance || got.MerchantID != h.owner.MerchantID || got.UserID != out.UserID {
		t.Fatalf("%+v", got)
	}
	_, err = h.MemberAdd(ctx, in)
	refused(t, err, problem.Taken, "email")
	in.Role = "AFFILIATE"
	_, err = h.MemberAdd(ctx, in)
	refused(t, err, problem.Invalid, "role")
}

func TestMemberAddLeavesAnotherPersonsPasswordAlone(t *testing.T) {
	h := open(t)
	other := h.signUp("bea@example.com")
	h.verify(other.UserID)
	out, err := h.MemberAdd(h.as(h.owner.AccessToken), MemberAddInput{Email: "bea@example.com", Name: "X", Role: "ANALYST", Password: "chosen by somebody else"})
	must(t, err)
	if out.UserID != other.UserID {
		t.Fatal("a second user was made")
	}
	_, err = h.LogIn(t.Context(), LogInInput{Email: "bea@example.com", Password: "chosen by somebody else"})
	refused(t, err, problem.Unauthenticated, "")
	got, err := h.LogIn(t.Context(), LogInInput{Email: "bea@example.com", Password: right, MerchantID: h.owner.MerchantID})
	must(t, err)
	if got.Role != trust.Analyst {
		t.Fatalf("role %s", got.Role)
	}
}
