package auth

import (
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/internal/problem"
)

func TestSessionsAreListedAndEnded(t *testing.T) {
	h := open(t)
	h.clock.Advance(time.Minute)
	second, err := h.LogIn(t.Context(), LogInInput{Email: "ada@example.com", Password: right, MerchantID: h.twin()})
	must(t, err)
	h.clock.Advance(time.Minute)
	third, err := h.Refresh(t.Context(), RefreshInput{h.owner.RefreshToken})
	must(t, err)
	foreign := h.signUp("bea@example.com")
	ctx := h.as(second.AccessToken)
	all, err := h.Sessions(ctx)
	must(t, err)
	if len(all) != 2 || all[0].ID != second.SessionID || all[1].ID != h.owner.SessionID || !all[0].Current || all[1].Current || all[0].MerchantID != h.twin() ||
		all[1].RefreshedAt.Sub(all[1].CreatedAt) != 2*time.Minute || !all[1].ExpiresAt.Equal(third.RefreshExpiresAt) {
		t.Fatalf("%+v", all)
	}
	for _, id := range []string{foreign.SessionID, "ses_00000000000000000000000000", ""} {
		refused(t, h.SessionEnd(ctx, id), problem.NotFound, "id")
	}
	must(t, h.SessionEnd(ctx, h.owner.SessionID))
	must(t, h.SessionEnd(ctx, h.owner.SessionID))
	h.refuses(third.AccessToken)
	h.as(second.AccessToken)
	if all, err = h.Sessions(ctx); err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	h.as(foreign.AccessToken)
}

func TestLogOutEverywhereEndsEveryFamily(t *testing.T) {
	h := open(t)
	here, err := h.LogIn(t.Context(), LogInInput{Email: "ada@example.com", Password: right, MerchantID: h.twin()})
	must(t, err)
	there, err := h.SessionSwitch(h.as(h.owner.AccessToken), SessionSwitchInput{h.twin()})
	must(t, err)
	foreign := h.signUp("bea@example.com")
	n, err := h.LogOutEverywhere(h.as(here.AccessToken))
	must(t, err)
	if n != 2 {
		t.Errorf("%d families ended", n)
	}
	for _, in := range []Tokens{h.owner, here, there} {
		h.refuses(in.AccessToken)
		_, err := h.Refresh(t.Context(), RefreshInput{in.RefreshToken})
		refused(t, err, problem.Unauthenticated, "")
	}
	h.as(foreign.AccessToken)
	_, err = h.LogOutEverywhere(t.Context())
	refused(t, err, problem.Unauthenticated, "")
}

// Whoever comes first, no session begun with the old password outlives the new
// one. Without LockPerson in unchanged some do.
func TestR2_NoLogInOutlivesThePasswordItUsed(t *testing.T) {
	h := open(t)
	passwords := [2]string{right, "a new horse battery"}
	for i := range 6 {
		was, next := passwords[i%2], passwords[(i+1)%2]
		must(t, h.store.DoorRefill(t.Context(), h.byPassword(t.Context(), "ada@example.com").pair))
		must(t, h.store.DoorRefill(t.Context(), h.bucket("letters", h.owner.UserID)))
		must(t, h.writeReset(t.Context(), "ada@example.com"))
		code := h.code(h.owner.UserID, resets)
		var in Tokens
		var group sync.WaitGroup
		group.Go(func() { in, _ = h.logIn("ada@example.com", was) })
		group.Go(func() {
			if err := h.PasswordReset(t.Context(), PasswordResetInput{code, next}); err != nil {
				t.Error(err)
			}
		})
		group.Wait()
		h.clock.Advance(time.Second)
		if in.AccessToken != "" {
			h.refuses(in.AccessToken)
		}
	}
}
