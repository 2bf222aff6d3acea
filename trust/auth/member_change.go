package auth

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/membership"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// MemberChangeInput names a membership at the viewer's merchant.
type MemberChangeInput struct {
	ID              string
	Role            string // of a change of role: OWNER, MANAGER, FINANCE or ANALYST
	ExpectedVersion *int   // the version the viewer saw; any when nil
}

// MemberEnd takes a person's access away, within a second on every server.
// Ending twice is the same as once. Errors: NotFound, State for the last owner,
// Conflict; Forbidden at id for a member who may do more than the viewer.
func (s *Service) MemberEnd(ctx context.Context, in MemberChangeInput) (MemberOutcome, error) {
	return s.change(ctx, "memberEnd", in, func(ctx context.Context, tx *store.Tx, m *ent.Membership) error {
		if m.EndedAt != nil {
			return nil
		}
		tx.Note(m.ID, map[string]string{"role": string(m.Role) + " → none", "user": m.UserID})
		return tx.Ent().Membership.UpdateOne(m).SetEndedAt(tx.Now()).Exec(ctx)
	})
}

// MemberRoleChange gives a member of the staff another role, which holds within
// a second on every server. Errors: Invalid, NotFound, Conflict; State for the
// last owner, for an affiliate and for a member who has left; Forbidden at role
// for one that may do more than the viewer, at id for a member who may.
func (s *Service) MemberRoleChange(ctx context.Context, in MemberChangeInput) (MemberOutcome, error) {
	if err := staffRole(in.Role); err != nil {
		return MemberOutcome{}, err
	}
	if err := s.mayGive(ctx, "memberRoleChange", in.Role); err != nil {
		return MemberOutcome{}, err
	}
	return s.change(ctx, "memberRoleChange", in, func(ctx context.Context, tx *store.Tx, m *ent.Membership) error {
		switch {
		case m.EndedAt != nil:
			return problem.At(problem.State, "id", "the member has left; add the person again")
		case m.Role == membership.RoleAFFILIATE:
			return problem.At(problem.State, "id", "an affiliate's log-in has no other role")
		case m.Role == membership.Role(in.Role):
			return nil
		}
		tx.Note(m.ID, map[string]string{"role": string(m.Role) + " → " + in.Role, "user": m.UserID})
		return tx.Ent().Membership.UpdateOne(m).SetRole(membership.Role(in.Role)).Exec(ctx)
	})
}

// change runs a change of one membership under its lock, and takes it back when
// it leaves the merchant without an owner.
func (s *Service) change(ctx context.Context, command string, in MemberChangeInput, do func(context.Context, *store.Tx, *ent.Membership) error) (MemberOutcome, error) {
	out, err := store.Run(ctx, s.store, store.Command{Name: command, Subject: in.ID}, func(ctx context.Context, tx *store.Tx) (MemberOutcome, error) {
		if err := lockOwners(ctx, tx, in.ID); err != nil {
			return MemberOutcome{}, err
		}
		m, err := tx.Ent().Membership.Get(ctx, in.ID)
		if ent.IsNotFound(err) {
			return MemberOutcome{}, problem.At(problem.NotFound, "id", "the membership was not found")
		}
		if err != nil {
			return MemberOutcome{}, err
		}
		if in.ExpectedVersion != nil && *in.ExpectedVersion != m.Version {
			return MemberOutcome{}, problem.At(problem.Conflict, "expectedVersion", "the membership is at version %d", m.Version)
		}
		if lacks := lacking(tx.Viewer(), m.Role); lacks != "" {
			return MemberOutcome{}, outranked("id", lacks)
		}
		if err := do(ctx, tx, m); err != nil {
			return MemberOutcome{}, err
		}
		tx.AfterCommit(func() { s.forgetPerson(m.UserID) })
		return MemberOutcome{MembershipID: m.ID, UserID: m.UserID}, ownerLeft(ctx, tx)
	})
	if problem.CodeOf(err) == problem.Forbidden {
		s.denyRole(ctx, command, in.ID)
	}
	return out, err
}

// lockOwners takes the locks of a membership and of all owners'. Two owners who
// take each other's role away at once would each see the other as the one who
// stays.
func lockOwners(ctx context.Context, tx *store.Tx, membershipID string) error {
	owners, err := owning(tx).IDs(ctx)
	if err != nil {
		return err
	}
	return tx.Lock(ctx, membership.Table, append(owners, membershipID)...)
}

func ownerLeft(ctx context.Context, tx *store.Tx) error {
	some, err := owning(tx).Exist(ctx)
	if err == nil && !some {
		err = problem.At(problem.State, "id", "a merchant keeps at least one owner")
	}
	return err
}

func owning(tx *store.Tx) *ent.MembershipQuery {
	return tx.Ent().Membership.Query().Where(membership.RoleEQ(membership.RoleOWNER), membership.EndedAtIsNil())
}
