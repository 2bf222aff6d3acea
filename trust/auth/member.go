package auth

import (
	"context"
	"errors"
	"strings"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/membership"
	"github.com/tributary/tributary/ent/onetimecode"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// MemberAddInput gives a person a role at the viewer's merchant.
type MemberAddInput struct {
	Email    string
	Name     string // the address when empty
	Role     string // OWNER, MANAGER, FINANCE or ANALYST
	Password string // first one of a person who has not signed up anywhere; when empty they choose it by mail
}

// MemberOutcome names a membership.
type MemberOutcome struct {
	MembershipID string
	UserID       string
	Invited      bool // a letter asks the person to choose a password
}

func (in *MemberAddInput) check() error {
	in.Email, in.Name = form.TidyEmail(in.Email), strings.TrimSpace(in.Name)
	return errors.Join(checkPerson(in.Email, &in.Name), staffRole(in.Role))
}

func staffRole(role string) error {
	if r := membership.Role(role); membership.RoleValidator(r) != nil || r == membership.RoleAFFILIATE {
		return problem.At(problem.Invalid, "role", "must be OWNER, MANAGER, FINANCE or ANALYST")
	}
	return nil
}

// MemberAdd adds a person to the staff. Someone who has signed up elsewhere
// keeps their name and password: an owner does not set those of others. Someone
// who has not is invited by mail to choose one, unless a first one is given.
// Errors: Invalid, RateLimited; Taken for a person who is a member here; State
// for one whose address is not verified, since whoever signed up with it may be
// another; Forbidden at role for one that may do more than the viewer, and for an
// invitation by a viewer whose own address is not verified.
func (s *Service) MemberAdd(ctx context.Context, in MemberAddInput) (MemberOutcome, error) {
	if err := in.check(); err != nil {
		return MemberOutcome{}, err
	}
	if err := s.mayGive(ctx, "memberAdd", in.Role); err != nil {
		return MemberOutcome{}, err
	}
	known, err := s.store.DoorUserByEmail(ctx, in.Email)
	if err != nil && !absent(err) {
		return MemberOutcome{}, err
	}
	if known != nil {
		if err := s.newHere(ctx, known.ID); err != nil {
			return MemberOutcome{}, err
		}
	}
	p, err := s.hired(ctx, in, known)
	if err != nil {
		return MemberOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "memberAdd"}, func(ctx context.Context, tx *store.Tx) (MemberOutcome, error) {
		out, err := s.join(ctx, tx, p, membership.Role(in.Role), "")
		if err != nil || !p.invited {
			return out, err
		}
		out.Invited = true
		codeID, err := s.makeCode(ctx, tx, out.UserID, onetimecode.PurposeRESET_PASSWORD, inviteLife)
		if err != nil {
			return out, err
		}
		return out, s.post(ctx, tx, jobInvitation, codeID, tx.MerchantID())
	})
}

// newHere refuses a person who is a member at the viewer's merchant.
func (s *Service) newHere(ctx context.Context, userID string) error {
	v, _ := trust.From(ctx)
	all, err := s.store.DoorMemberships(ctx, userID)
	for _, m := range all {
		if m.MerchantID == v.MerchantID {
			return errMember
		}
	}
	return err
}

var errMember = problem.At(problem.Taken, "email", "this person is a member here already")

// hired says how a person is to become a member.
func (s *Service) hired(ctx context.Context, in MemberAddInput, known *ent.User) (p person, err error) {
	p = person{email: in.Email, name: in.Name}
	switch {
	case known != nil && isNobodys(known.PasswordHash):
		p.known, p.invited = known.ID, true
	case known != nil && known.EmailVerifiedAt == nil:
		return p, problem.At(problem.State, "email", "this person has signed up and not verified the address yet")
	case known != nil:
		p.known = known.ID
	case in.Password == "":
		p.hash, p.invited = s.passwords.nobodys(), true
	default:
		p.hash, err = s.firstPassword(ctx, in.Password)
	}
	if p.invited {
		err = s.mayInvite(ctx)
	}
	return p, err
}

// mayInvite keeps letters to strangers from those who have not shown who they
// are, and from floods.
func (s *Service) mayInvite(ctx context.Context) error {
	v, _ := trust.From(ctx)
	if v.Unverified {
		return problem.New(problem.Forbidden, "verify your own e-mail address first")
	}
	return s.allow(ctx, s.bucket("invite", v.MerchantID), inviteLimit)
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
	invited     bool
}

// join writes the membership and, for a new person, the user. A membership that
// has ended begins anew.
func (s *Service) join(ctx context.Context, tx *store.Tx, p person, role membership.Role, affiliateID string) (MemberOutcome, error) {
	userID := p.known
	if userID == "" {
		if userID = p.fresh; userID == "" {
			userID = tx.ID(id.User)
		}
		if err := s.newUser(ctx, tx, newcomer{userID, p.email, p.name, p.hash, false}); err != nil {
			return MemberOutcome{}, err
		}
	}
	row, err := enroll(ctx, tx, userID, role, affiliateID)
	if store.IsUnique(err) {
		return MemberOutcome{}, errMember.Because(err)
	}
	if err != nil {
		return MemberOutcome{}, err
	}
	tx.Note(row.ID, map[string]string{"role": string(role), "user": userID})
	return MemberOutcome{MembershipID: row.ID, UserID: userID}, nil
}

// enroll fails with a broken unique key for a person who is a member.
func enroll(ctx context.Context, tx *store.Tx, userID string, role membership.Role, affiliateID string) (*ent.Membership, error) {
	var bound *string
	if affiliateID != "" {
		bound = &affiliateID
	}
	former, err := tx.Ent().Membership.Query().Where(membership.UserID(userID), membership.EndedAtNotNil()).Only(ctx)
	if ent.IsNotFound(err) {
		return tx.Ent().Membership.Create().SetUserID(userID).SetRole(role).SetNillableAffiliateID(bound).Save(ctx)
	}
	if err != nil {
		return nil, err
	}
	again := tx.Ent().Membership.UpdateOne(former).SetRole(role).ClearEndedAt().ClearAffiliateID()
	if bound != nil {
		again.SetAffiliateID(*bound)
	}
	return again.Save(ctx)
}
