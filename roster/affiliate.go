package roster

import (
	"context"
	"errors"
	"strings"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/track/attribution"
)

// AffiliateCreateInput is an affiliate that staff brings in.
type AffiliateCreateInput struct {
	Name       string
	Email      string
	Status     string // ACTIVE (when empty) or PENDING
	GroupID    string
	ParentID   string
	ProgramIDs []string // at most 50
}

// AffiliateCreated names a new affiliate. ClaimToken is given once, to pass on
// to the affiliate, and is empty when a keyed command is repeated; the letter to
// an active affiliate holds it too.
type AffiliateCreated struct {
	AffiliateID   string
	Status        string
	Version       int
	EnrollmentIDs []string
	ClaimToken    string `json:"-"` // never in a stored outcome
}

const maxPrograms = 50

func (in *AffiliateCreateInput) check() error {
	in.Name, in.Email = strings.TrimSpace(in.Name), form.TidyEmail(in.Email)
	if in.Status == "" {
		in.Status = string(affiliate.StatusACTIVE)
	}
	err := errors.Join(form.Line("name", in.Name, form.MaxName), form.Email("email", in.Email))
	if in.Status != string(affiliate.StatusACTIVE) && in.Status != string(affiliate.StatusPENDING) {
		err = errors.Join(err, problem.At(problem.Invalid, "status", "must be ACTIVE or PENDING"))
	}
	if len(in.ProgramIDs) > maxPrograms {
		err = errors.Join(err, problem.At(problem.TooLarge, "programIds", "must be at most %d programs", maxPrograms))
	}
	return err
}

// AffiliateCreate brings an affiliate in and enrolls it. Once active, the affiliate
// gets a letter with the claim (roster/notice). Errors: Invalid,
// TooLarge, Taken for the address, NotFound for group, parent and programs.
func (s *Service) AffiliateCreate(ctx context.Context, in AffiliateCreateInput) (AffiliateCreated, error) {
	if err := in.check(); err != nil {
		return AffiliateCreated{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "affiliateCreate"}, func(ctx context.Context, tx *store.Tx) (AffiliateCreated, error) {
		return s.create(ctx, tx, in)
	})
}

func (s *Service) create(ctx context.Context, tx *store.Tx, in AffiliateCreateInput) (AffiliateCreated, error) {
	if err := in.admissible(ctx, tx); err != nil {
		return AffiliateCreated{}, err
	}
	affiliateID := tx.ID(id.Affiliate)
	token := s.claimOf(affiliateID)
	row, err := s.enter(ctx, tx, entrant{
		id: affiliateID, name: in.Name, email: in.Email, status: affiliate.Status(in.Status),
		group: in.GroupID, parent: in.ParentID, claim: token, source: "staff",
	})
	if err != nil {
		return AffiliateCreated{}, taken(err, "email", "an affiliate with this address exists")
	}
	enrolled, err := enrollIn(ctx, tx, row, in.ProgramIDs)
	return AffiliateCreated{row.ID, string(row.Status), row.Version, enrolled, string(token)}, err
}

func (in AffiliateCreateInput) admissible(ctx context.Context, tx *store.Tx) error {
	if err := groupThere(ctx, tx, in.GroupID); err != nil || in.ParentID == "" {
		return err
	}
	return recruitable(ctx, tx, "", in.ParentID)
}

// groupThere accepts no group, and one of the merchant's.
func groupThere(ctx context.Context, tx *store.Tx, groupID string) error {
	if groupID == "" {
		return nil
	}
	if err := named(groupID, id.Group, "groupId", "group"); err != nil {
		return err
	}
	_, err := tx.Ent().AffiliateGroup.Get(ctx, groupID)
	_, err = found(&struct{}{}, err, "groupId", "group")
	return err
}

// enrollIn gives a new affiliate its places: active ones to an active affiliate,
// else ones that its approval starts.
func enrollIn(ctx context.Context, tx *store.Tx, row *ent.Affiliate, programIDs []string) ([]string, error) {
	status := enrollment.StatusPENDING
	if row.Status == affiliate.StatusACTIVE {
		status = enrollment.StatusACTIVE
	}
	var made []string
	for i, programID := range programIDs {
		field := element("programIds", i)
		if err := joinable(ctx, tx, programID, field); err != nil {
			return nil, err
		}
		e, err := place(ctx, tx, row.ID, programID, status)
		if err != nil {
			return nil, taken(err, field, "the program is named twice")
		}
		made = append(made, e.ID)
	}
	tx.Note(row.ID, nil)
	return made, nil
}

// entrant is a new affiliate, however it came.
type entrant struct {
	id            string
	name, email   string
	status        affiliate.Status
	group, parent string
	claim         claim
	source        string // "form" or "staff", for the event
}

// enter writes a new affiliate and says that it applied and, if so, that it was
// let in. The address is also kept as a keyed hash of its canonical form, which
// self-referral compares with a buyer's (Q46).
func (s *Service) enter(ctx context.Context, tx *store.Tx, e entrant) (*ent.Affiliate, error) {
	create := tx.Ent().Affiliate.Create().SetID(e.id).SetName(e.name).SetEmail(e.email).SetStatus(e.status).
		SetEmailHash(s.store.Keys().Hash(tx.MerchantID(), "affiliate.email", attribution.CanonicalEmail(e.email))).
		SetNillableGroupID(orNil(e.group)).SetNillableParentID(orNil(e.parent)).SetClaimHash(e.claim.hash())
	if e.status == affiliate.StatusACTIVE {
		create.SetDecidedAt(tx.MerchantTime())
	}
	row, err := create.Save(ctx)
	if err != nil {
		return nil, err
	}
	tx.Emit(affiliateEvent("affiliate.applied", row, canon.Facts{"source": e.source}))
	if e.status == affiliate.StatusACTIVE {
		tx.Emit(affiliateEvent("affiliate.approved", row, canon.Facts{"from": string(affiliate.StatusPENDING), "to": string(e.status)}))
	}
	tx.Note(row.ID, nil)
	return row, nil
}
