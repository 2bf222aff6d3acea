package auth

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/ent/membership"
	"github.com/tributary/tributary/ent/user"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// Unknown address, wrong password, disabled user, endless password: one answer.
func TestLogInAnswersEveryWrongPairAlike(t *testing.T) {
	h := open(t)
	off := h.signUp("off@example.com")
	h.write(off.MerchantID, func(ctx context.Context, tx *store.Tx) error {
		return tx.Ent().User.UpdateOneID(off.UserID).SetStatus(user.StatusDISABLED).Exec(ctx)
	})
	var first string
	for _, in := range []LogInInput{
		{Email: "ada@example.com", Password: "wrong horse battery"},
		{Email: "nobody@example.com", Password: right},
		{Email: "nobody@example.com", Password: ""},
		{Email: "off@example.com", Password: right},
		{Email: "ada@example.com", Password: string(make([]byte, 1<<20))},
		{Email: "", Password: ""},
	} {
		_, err := h.LogIn(t.Context(), in)
		refused(t, err, problem.Unauthenticated, "")
		if first == "" {
			first = err.Error()
		}
		if err.Error() != first {
			t.Errorf("%q answers %q, another %q", in.Email, err, first)
		}
	}
}

func TestLogInAtAMerchant(t *testing.T) {
	h := open(t)
	got, err := h.LogIn(t.Context(), LogInInput{Email: "ada@example.com", Password: right})
	must(t, err)
	if got.MerchantID != h.owner.MerchantID || got.SessionID == h.owner.SessionID {
		t.Fatalf("%+v", got)
	}
	got, err = h.LogIn(t.Context(), LogInInput{Email: "ada@example.com", Password: right, MerchantID: h.twin()})
	must(t, err)
	if got.MerchantID != h.twin() {
		t.Fatalf("%+v", got)
	}
	foreign := h.signUp("bea@example.com")
	for _, id := range []string{foreign.MerchantID, "mer_00000000000000000000000000", "nonsense"} {
		_, err = h.LogIn(t.Context(), LogInInput{Email: "ada@example.com", Password: right, MerchantID: id})
		refused(t, err, problem.NotFound, "merchantId")
		_, err = h.SessionSwitch(h.as(h.owner.AccessToken), SessionSwitchInput{MerchantID: id})
		refused(t, err, problem.NotFound, "merchantId")
	}
}

func TestRefreshTurnsTheTokenOver(t *testing.T) {
	h := open(t)
	now := h.owner
	for range 3 {
		h.clock.Advance(20 * time.Minute)
		h.refuses(now.AccessToken)
		next, err := h.Refresh(t.Context(), RefreshInput{now.RefreshToken})
		must(t, err)
		if next.RefreshToken == now.RefreshToken || next.SessionID != h.owner.SessionID {
			t.Fatalf("%+v", next)
		}
		if v := trustOf(h.as(next.AccessToken)); v.PrincipalID != h.owner.UserID {
			t.Fatalf("%+v", v)
		}
		now = next
	}
	h.clock.Advance(30*24*time.Hour + time.Second)
	_, err := h.Refresh(t.Context(), RefreshInput{now.RefreshToken})
	refused(t, err, problem.Unauthenticated, "")
	for _, token := range []string{"", "trb_refresh_x", now.AccessToken} {
		_, err := h.Refresh(t.Context(), RefreshInput{token})
		refused(t, err, problem.Unauthenticated, "")
	}
}

func trustOf(ctx context.Context) trust.Viewer {
	v, _ := trust.From(ctx)
	return v
}

func TestReusedRefreshTokenEndsTheFamily(t *testing.T) {
	h := open(t)
	other, err := h.LogIn(t.Context(), LogInInput{Email: "ada@example.com", Password: right})
	must(t, err)
	next, err := h.Refresh(t.Context(), RefreshInput{h.owner.RefreshToken})
	must(t, err)
	h.clock.Advance(grace + time.Second)
	_, err = h.Refresh(t.Context(), RefreshInput{h.owner.RefreshToken}) // the thief, or the robbed
	refused(t, err, problem.Unauthenticated, "")
	_, err = h.Refresh(t.Context(), RefreshInput{next.RefreshToken})
	refused(t, err, problem.Unauthenticated, "")
	h.clock.Advance(time.Second)
	h.refuses(next.AccessToken)
	h.as(other.AccessToken) // another log-in of the same person is another family
	_, err = h.Refresh(t.Context(), RefreshInput{other.RefreshToken})
	must(t, err)
	root, err := h.store.DoorFamily(t.Context(), h.owner.SessionID)
	must(t, err)
	if root.EndReason != reused {
		t.Fatalf("ended because %q", root.EndReason)
	}
}

// Tabs that refresh together: one wins, the others are refused, nobody is
// logged out, and the winner's token works afterwards.
func TestRefreshOfManyTabsAtOnceKeepsTheFamily(t *testing.T) {
	h := open(t)
	var mu sync.Mutex
	var winners []Tokens
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			out, err := h.Refresh(t.Context(), RefreshInput{h.owner.RefreshToken})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				winners = append(winners, out)
			} else if problem.CodeOf(err) != problem.Unauthenticated {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if len(winners) != 1 {
		t.Fatalf("%d tabs won", len(winners))
	}
	h.as(winners[0].AccessToken)
	_, err := h.Refresh(t.Context(), RefreshInput{winners[0].RefreshToken})
	must(t, err)
}

func TestLogOutEndsTheFamilyEverywhere(t *testing.T) {
	h := open(t)
	ctx := h.as(h.owner.AccessToken)
	there, err := h.SessionSwitch(ctx, SessionSwitchInput{h.twin()})
	must(t, err)
	if v := trustOf(h.as(there.AccessToken)); v.MerchantID != h.twin() || v.SessionID != h.owner.SessionID {
		t.Fatalf("%+v", v)
	}
	h.as(h.owner.AccessToken) // two tabs may stand at two merchants
	elsewhere := New(Config{Store: h.store})
	_, err = elsewhere.Authenticate(t.Context(), there.AccessToken, "")
	must(t, err)
	must(t, h.LogOut(h.as(there.AccessToken)))
	h.refuses(there.AccessToken) // at once on this server
	h.clock.Advance(time.Second)
	h.refuses(h.owner.AccessToken)
	_, err = elsewhere.Authenticate(t.Context(), there.AccessToken, "") // within a second on another
	refused(t, err, problem.Unauthenticated, "")
	for _, token := range []string{h.owner.RefreshToken, there.RefreshToken} {
		_, err := h.Refresh(t.Context(), RefreshInput{token})
		refused(t, err, problem.Unauthenticated, "")
	}
	_, err = h.SessionSwitch(ctx, SessionSwitchInput{h.twin()})
	refused(t, err, problem.Unauthenticated, "")
	must(t, h.LogOut(ctx)) // again: the same as once
	root, err := h.store.DoorFamily(t.Context(), h.owner.SessionID)
	must(t, err)
	if root.EndReason != loggedOut {
		t.Fatalf("ended because %q", root.EndReason)
	}
}

// Whoever comes first, no session outlives the log-out.
func TestLogOutDuringRefreshLeavesNothingAlive(t *testing.T) {
	h := open(t)
	for range 10 {
		in, err := h.LogIn(t.Context(), LogInInput{Email: "ada@example.com", Password: right})
		must(t, err)
		ctx := h.as(in.AccessToken)
		var next Tokens
		var group sync.WaitGroup
		group.Go(func() { next, _ = h.Refresh(t.Context(), RefreshInput{in.RefreshToken}) })
		group.Go(func() {
			if err := h.LogOut(ctx); err != nil {
				t.Error(err)
			}
		})
		group.Wait()
		h.clock.Advance(time.Second)
		if next.AccessToken != "" {
			h.refuses(next.AccessToken)
			_, err = h.Refresh(t.Context(), RefreshInput{next.RefreshToken})
			refused(t, err, problem.Unauthenticated, "")
		}
	}
}

func TestChangedRightsAreSeenWithinASecond(t *testing.T) {
	h := open(t)
	ctx := h.as(h.owner.AccessToken)
	_, err := h.MemberAdd(ctx, MemberAddInput{Email: "m@example.com", Name: "M", Role: "MANAGER", Password: right})
	must(t, err)
	in, err := h.LogIn(t.Context(), LogInInput{Email: "m@example.com", Password: right})
	must(t, err)
	h.as(in.AccessToken)
	mine := membership.UserID(in.UserID)
	h.write(in.MerchantID, func(ctx context.Context, tx *store.Tx) error {
		return tx.Ent().Membership.Update().Where(mine).SetRole(membership.RoleANALYST).Exec(ctx)
	})
	h.clock.Advance(time.Second)
	h.refuses(in.AccessToken)
	next, err := h.Refresh(t.Context(), RefreshInput{in.RefreshToken})
	must(t, err)
	if v := trustOf(h.as(next.AccessToken)); v.Role != trust.Analyst || next.Role != trust.Analyst {
		t.Fatalf("%+v", v)
	}
	h.write(in.MerchantID, func(ctx context.Context, tx *store.Tx) error {
		return tx.Ent().Membership.Update().Where(mine).SetEndedAt(tx.Now()).Exec(ctx)
	})
	h.clock.Advance(time.Second)
	h.refuses(next.AccessToken)
	_, err = h.Refresh(t.Context(), RefreshInput{next.RefreshToken})
	refused(t, err, problem.Unauthenticated, "")
}

func TestOnlyPeopleHaveSessions(t *testing.T) {
	h := open(t)
	for _, ctx := range []context.Context{t.Context(), h.system(h.owner.MerchantID)} {
		refused(t, h.LogOut(ctx), problem.Unauthenticated, "")
		_, err := h.SessionSwitch(ctx, SessionSwitchInput{h.twin()})
		refused(t, err, problem.Unauthenticated, "")
		_, err = h.Places(ctx)
		refused(t, err, problem.Unauthenticated, "")
	}
}
