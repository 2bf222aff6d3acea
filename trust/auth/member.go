package auth

import (
	"context"
	"errors"
	"strings"

	"github.com/tributary/tributary/ent/membership"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// MemberAddInput gives a person a role at the viewer's merchant.
type MemberAddInput struct {
	Email    string
	Name     string
	Role     string // OWNER, MANAGER, FINANCE or ANALYST
	Password string // of a person who has not signed up anywhere; else left alone
}

// MemberOutcome names a membership.
type MemberOutcome struct {
	MembershipID string
	UserID       string
}

func (in *MemberAddInput) check() error {
	in.Email, in.Name = form.TidyEmail(in.Email), strings.TrimSpace(in.Name)
	err := errors.Join(form.Email("email", in.Email), form.Line("name", in.Name, form.MaxName))
	role := membership.Role(in.Role)
	if membership.RoleValidator(role) != nil || role == membership.RoleAFFILIATE {
		err = errors.Join(err, problem.At(problem.Invalid, "role", "must be OWNER, MANAGER, FINANCE or ANALYST"))
	}
	return err
}

// MemberAdd adds a person to the staff. Someone who has signed up elsewhere
// keeps their name and password: an owner does not set those of others. Errors:
// Invalid, RateLimited; Taken for a person who is a member here.
func (s *Service) MemberAdd(ctx context.Context, in MemberAddInput) (MemberOutcome, error) {
	if err := in.check(); err != nil {
		return MemberOutcome{}, err
	}
	known, err := s.store.DoorUserByEmail(ctx, in.Email)
	if err != nil && !absent(err) {
		return MemberOutcome{}, err
	}
	p := person{email: in.Email, name: in.Name}
	if known != nil {
		p.known = known.ID
	} else if p.hash, err = s.firstPassword(ctx, in.Password); err != nil {
		return MemberOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "memberAdd"}, func(ctx context.Context, tx *store.Tx) (MemberOutcome, error) {
		return p.join(ctx, tx, membership.Role(in.Role), "")
	})
}

func (s *Service) firstPassword(ctx context.Context, password string) ([]byte, error) {
	if err := checkPassword("password", password); err != nil {
		return nil, err
	}
	return s.passwords.hash(ctx, password)
}

// person is someone who becomes a member: known already, or new.
type person struct {
	known       string // id of one who has signed up
	fresh       string // id for a new one; drawn when empty
	email, name string
	hash        []byte
}

// join writes the membership and, for a new person, the user.
func (p person) join(ctx context.Context, tx *store.Tx, role membership.Role, affiliateID string) (MemberOutcome, error) {
	userID := p.known
	if userID == "" {
		if userID = p.fresh; userID == "" {
			userID = tx.ID(id.User)
		}
		if err := newUser(ctx, tx, userID, p.email, p.name, p.hash); err != nil {
			return MemberOutcome{}, err
		}
	}
	create := tx.Ent().Membership.Create().SetUserID(userID).SetRole(role)
	if affiliateID != "" {
		create.SetAffiliateID(affiliateID)
	}
	row, err := create.Save(ctx)
	if store.IsUnique(err) {
		return MemberOutcome{}, problem.At(problem.Taken, "email", "this person is a member here already").Because(err)
	}
	if err != nil {
		return MemberOutcome{}, err
	}
	tx.Note(row.ID, map[string]string{"role": string(role), "user": userID})
	return MemberOutcome{MembershipID: row.ID, UserID: userID}, nil
}
