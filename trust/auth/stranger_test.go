package auth

import (
	"testing"

	"github.com/tributary/tributary/ent/onetimecode"
	"github.com/tributary/tributary/internal/problem"
)

// settled carries out what waits, as Welcome does.
func (s *Service) settled(t *testing.T) {
	t.Helper()
	for len(s.arrivals) > 0 {
		must(t, s.welcome(t.Context(), (<-s.arrivals).household))
	}
}

// R2: who signs up is answered alike whether the address is known or not, before
// anything is looked up; so is who then logs in. With the look-up before the
// answer, or without unproven in identify, one of the two tells.
func TestR2_SigningUpTellsNobodyWhoIsHere(t *testing.T) {
	h := open(t)
	public := New(Config{Store: h.store, Desk: h.desk, Strangers: true})
	in := SignUpInput{Password: "a stranger's guess", Name: "B", MerchantName: "Bee", Currency: "USD"}
	var answers []Tokens
	for _, email := range []string{"ada@example.com", "bea@example.com"} {
		in.Email = email
		out, err := public.SignUp(t.Context(), in)
		must(t, err)
		answers = append(answers, out)
	}
	if answers[0] != (Tokens{}) || answers[1] != (Tokens{}) {
		t.Fatalf("%+v", answers)
	}
	if _, err := h.store.DoorUserByEmail(t.Context(), "bea@example.com"); !absent(err) {
		t.Fatalf("the answer waited for the row: %v", err)
	}
	public.settled(t)
	var refusals []string
	for _, email := range []string{"ada@example.com", "bea@example.com", "nobody@example.com"} {
		_, err := public.LogIn(t.Context(), LogInInput{Email: email, Password: in.Password})
		refused(t, err, problem.Unauthenticated, "")
		refusals = append(refusals, err.Error())
	}
	if refusals[0] != refusals[1] || refusals[1] != refusals[2] {
		t.Errorf("%q", refusals)
	}

	bea, err := h.store.DoorUserByEmail(t.Context(), "bea@example.com")
	must(t, err)
	must(t, public.EmailVerify(t.Context(), EmailVerifyInput{h.code(bea.ID, verifies)}))
	got, err := public.LogIn(t.Context(), LogInInput{Email: "bea@example.com", Password: in.Password})
	must(t, err)
	if got.AccessToken == "" || got.UserID != bea.ID {
		t.Errorf("%+v", got)
	}
	if h.code(h.owner.UserID, resets) == "" {
		t.Error("the owner of the address was not told")
	}
	all, err := h.store.DoorMerchants(t.Context())
	must(t, err)
	if len(all) != 4 { // ada's and bea's, with their twins
		t.Errorf("%d merchants", len(all))
	}
}

// The owner of an address is told three times, and no more than that in an hour.
func TestStrangersDoNotFillTheOwnersMailbox(t *testing.T) {
	h := open(t)
	public := New(Config{Store: h.store, Desk: h.desk, Strangers: true})
	codes := map[string]bool{}
	for range askLimit.Burst + 3 {
		must(t, public.tellOwner(t.Context(), "ada@example.com"))
		codes[h.code(h.owner.UserID, onetimecode.PurposeRESET_PASSWORD)] = true
	}
	if len(codes) != askLimit.Burst {
		t.Errorf("%d letters", len(codes))
	}
	must(t, public.tellOwner(t.Context(), "nobody@example.com"))
}

// Too many at once are told to come again; nothing is kept of them.
func TestStrangersWaitInABoundedQueue(t *testing.T) {
	h := open(t)
	public := New(Config{Store: h.store, Strangers: true})
	for range arrivalsAtOnce {
		must(t, public.expect(t.Context(), household{}))
	}
	refused(t, public.expect(t.Context(), household{}), problem.RateLimited, "")
}
