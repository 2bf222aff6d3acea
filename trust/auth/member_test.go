package auth

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/tributary/tributary/ent/membership"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// at is the id of a person's membership at ada's merchant.
func (h house) at(userID string) string {
	h.t.Helper()
	m, err := h.store.Client().Membership.Query().Where(membership.UserID(userID)).Only(h.system(h.owner.MerchantID))
	must(h.t, err)
	return m.ID
}

func TestK01_AnInvitedPersonChoosesThePassword(t *testing.T) {
	h := open(t)
	ctx := h.as(h.owner.AccessToken)
	in := MemberAddInput{Email: "fin@example.com", Name: "Fin", Role: "FINANCE"}
	_, err := h.MemberAdd(ctx, in)
	refused(t, err, problem.Forbidden, "") // ada has not shown who she is
	h.verify(h.owner.UserID)
	ctx = h.as(h.owner.AccessToken)
	out, err := h.MemberAdd(ctx, in)
	must(t, err)
	if !out.Invited {
		t.Fatal("no letter")
	}
	_, err = h.logIn("fin@example.com", right)
	refused(t, err, problem.Unauthenticated, "")
	bea := h.signUp("bea@example.com")
	h.verify(bea.UserID)
	again, err := h.MemberAdd(h.as(bea.AccessToken), in) // another merchant invites the same person meanwhile
	must(t, err)
	if again.UserID != out.UserID || !again.Invited {
		t.Fatalf("%+v", again)
	}
	must(t, h.PasswordReset(t.Context(), PasswordResetInput{h.code(out.UserID, resets), right}))
	got, err := h.logIn("fin@example.com", right)
	must(t, err)
	if v := trustOf(h.as(got.AccessToken)); v.Role != trust.Finance || v.Unverified || got.MerchantID != h.owner.MerchantID {
		t.Fatalf("%+v", v)
	}
}

// Whoever signed up with somebody's address gets no role that is meant for its
// owner. Without the case of an unverified address in hired, eve does.
func TestK01_ARoleGoesToNobodyWhoMerelyClaimsTheAddress(t *testing.T) {
	h := open(t)
	eve := h.signUp("fin@example.com")
	_, err := h.MemberAdd(h.as(h.owner.AccessToken), MemberAddInput{Email: "fin@example.com", Name: "Fin", Role: "OWNER"})
	refused(t, err, problem.State, "email")
	must(t, h.writeReset(t.Context(), "fin@example.com")) // the true owner of the address takes over
	must(t, h.PasswordReset(t.Context(), PasswordResetInput{h.code(eve.UserID, resets), "mine from now on"}))
	h.refuses(eve.AccessToken)
	_, err = h.MemberAdd(h.as(h.owner.AccessToken), MemberAddInput{Email: "fin@example.com", Name: "Fin", Role: "OWNER"})
	must(t, err)
}

func TestS72_EndedMembersLoseAccessAndMayComeBack(t *testing.T) {
	h := open(t)
	ctx := h.as(h.owner.AccessToken)
	out, err := h.MemberAdd(ctx, MemberAddInput{Email: "m@example.com", Name: "M", Role: "MANAGER", Password: right})
	must(t, err)
	in, err := h.logIn("m@example.com", right)
	must(t, err)
	elsewhere := New(Config{Store: h.store})
	_, err = elsewhere.Authenticate(t.Context(), in.AccessToken, "")
	must(t, err)
	_, err = h.MemberRoleChange(ctx, MemberChangeInput{ID: out.MembershipID, Role: "ANALYST", ExpectedVersion: new(1)})
	must(t, err)
	h.refuses(in.AccessToken) // at once on this server
	_, err = h.MemberRoleChange(ctx, MemberChangeInput{ID: out.MembershipID, Role: "OWNER", ExpectedVersion: new(1)})
	refused(t, err, problem.Conflict, "expectedVersion")
	for _, role := range []string{"AFFILIATE", "", "KING"} {
		_, err = h.MemberRoleChange(ctx, MemberChangeInput{ID: out.MembershipID, Role: role})
		refused(t, err, problem.Invalid, "role")
	}
	for range 2 {
		_, err = h.MemberEnd(ctx, MemberChangeInput{ID: out.MembershipID})
		must(t, err)
	}
	h.clock.Advance(time.Second)
	_, err = elsewhere.Authenticate(t.Context(), in.AccessToken, "") // within a second on another
	refused(t, err, problem.Unauthenticated, "")
	_, err = h.Refresh(t.Context(), RefreshInput{in.RefreshToken})
	refused(t, err, problem.Unauthenticated, "")
	_, err = h.MemberRoleChange(ctx, MemberChangeInput{ID: out.MembershipID, Role: "OWNER"})
	refused(t, err, problem.State, "id")
	h.write(h.owner.MerchantID, func(ctx context.Context, tx *store.Tx) error {
		_, err := enroll(ctx, tx, out.UserID, membership.RoleFINANCE, "")
		return err
	})
	back, err := h.logIn("m@example.com", right)
	must(t, err)
	if back.Role != trust.Finance {
		t.Errorf("came back as %s", back.Role)
	}
	foreign := h.signUp("bea@example.com")
	_, err = h.MemberEnd(h.as(foreign.AccessToken), MemberChangeInput{ID: out.MembershipID})
	refused(t, err, problem.NotFound, "id")
}

// Two owners take each other's role away at the same moment: one stays. Without
// lockOwners both go on PostgreSQL, without ownerLeft on both databases.
func TestS72_AMerchantKeepsAnOwner(t *testing.T) {
	h := open(t)
	ctx := h.as(h.owner.AccessToken)
	_, err := h.MemberEnd(ctx, MemberChangeInput{ID: h.at(h.owner.UserID)})
	refused(t, err, problem.State, "id")
	_, err = h.MemberRoleChange(ctx, MemberChangeInput{ID: h.at(h.owner.UserID), Role: "MANAGER"})
	refused(t, err, problem.State, "id")
	second, err := h.MemberAdd(ctx, MemberAddInput{Email: "o@example.com", Name: "O", Role: "OWNER", Password: right})
	must(t, err)
	for range 5 {
		var group sync.WaitGroup
		for _, id := range []string{second.MembershipID, h.at(h.owner.UserID)} {
			group.Go(func() { _, _ = h.MemberRoleChange(ctx, MemberChangeInput{ID: id, Role: "MANAGER"}) })
		}
		group.Wait()
		owners := h.store.Client().Membership.Query().Where(membership.RoleEQ(membership.RoleOWNER), membership.EndedAtIsNil())
		if n, err := owners.Count(h.system(h.owner.MerchantID)); err != nil || n != 1 {
			t.Fatalf("%d owners, %v", n, err)
		}
		h.write(h.owner.MerchantID, func(ctx context.Context, tx *store.Tx) error {
			return tx.Ent().Membership.Update().SetRole(membership.RoleOWNER).Exec(ctx)
		})
	}
}

// A program that may write members makes nobody who may do more than it does, and
// takes no rights from those who may. Without mayGive it becomes an owner, without
// the look at the present role in change it leaves the owner alone with it.
func TestS72_NobodyGivesOrTakesMoreThanTheyHold(t *testing.T) {
	h := open(t)
	owner := h.as(h.owner.AccessToken)
	program := func(scopes ...trust.Scope) context.Context {
		out, err := h.TokenCreate(owner, TokenCreateInput{Name: "hr", Scopes: append(scopes, trust.MemberWrite)})
		must(t, err)
		return h.as(out.Secret)
	}
	weak, enough := program(), program(trust.ScopesOf(trust.Analyst)...)
	for _, role := range []string{"OWNER", "MANAGER", "FINANCE", "ANALYST"} {
		_, err := h.MemberAdd(weak, MemberAddInput{Email: "eve@example.com", Name: "Eve", Role: role, Password: right})
		refused(t, err, problem.Forbidden, "role")
	}
	_, err := h.logIn("eve@example.com", right)
	refused(t, err, problem.Unauthenticated, "")
	clerk, err := h.MemberAdd(enough, MemberAddInput{Email: "clerk@example.com", Name: "C", Role: "ANALYST", Password: right})
	must(t, err)
	boss, err := h.MemberAdd(owner, MemberAddInput{Email: "boss@example.com", Name: "B", Role: "OWNER", Password: right}) // ada's own address is unproven
	must(t, err)
	for _, row := range []struct {
		as        context.Context
		id, role  string
		forbidden string // field
	}{
		{weak, clerk.MembershipID, "", "id"},
		{weak, clerk.MembershipID, "ANALYST", "role"},
		{enough, clerk.MembershipID, "OWNER", "role"},
		{enough, boss.MembershipID, "ANALYST", "id"},
		{enough, boss.MembershipID, "", "id"},
		{enough, clerk.MembershipID, "ANALYST", ""},
		{enough, clerk.MembershipID, "", ""},
		{owner, boss.MembershipID, "ANALYST", ""},
		{owner, boss.MembershipID, "", ""},
	} {
		in := MemberChangeInput{ID: row.id, Role: row.role}
		do := h.MemberRoleChange
		if row.role == "" {
			do = h.MemberEnd
		}
		if _, err := do(row.as, in); row.forbidden == "" {
			must(t, err)
		} else {
			refused(t, err, problem.Forbidden, row.forbidden)
		}
	}
}
