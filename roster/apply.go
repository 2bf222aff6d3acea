package roster

import (
	"context"
	"errors"
	"strings"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// AffiliateApplyInput is what a sign-up form sends.
type AffiliateApplyInput struct {
	ProgramID string
	Name      string
	Email     string
}

// Application answers an application. The ids are empty for a viewer who may
// not read affiliates, such as the publishable key of a form. ClaimToken is
// given once and is empty when a keyed command is repeated.
type Application struct {
	AffiliateID  string
	EnrollmentID string
	ClaimToken   string `json:"-"` // never in a stored outcome
}

func (in *AffiliateApplyInput) check() error {
	in.Name, in.Email = strings.TrimSpace(in.Name), form.TidyEmail(in.Email)
	return errors.Join(form.Line("name", in.Name, form.MaxName), form.Email("email", in.Email))
}

// AffiliateApply takes an application to a program. An unknown address becomes
// an affiliate: pending, or active at once in an open program.
//
// A stranger must not learn from the answer who is an affiliate here. So a known
// address gets the same answer: no ids for either, and a claim token that looks
// alike and opens nothing, because the address is not proof of being its owner.
// For the same reason a known affiliate's place in the program begins as
// pending whatever the admission, and a rejected or archived one gets none.
//
// Errors: Invalid; NotFound for the program; State when it takes no
// applications (private, paused or archived).
func (s *Service) AffiliateApply(ctx context.Context, in AffiliateApplyInput) (Application, error) {
	if err := in.check(); err != nil {
		return Application{}, err
	}
	out, err := store.Run(ctx, s.store, store.Command{Name: "affiliateApply"}, func(ctx context.Context, tx *store.Tx) (Application, error) {
		return s.apply(ctx, tx, in)
	})
	if v, _ := trust.From(ctx); !v.Can(trust.AffiliateRead) {
		out.AffiliateID, out.EnrollmentID = "", ""
	}
	return out, err
}

func (s *Service) apply(ctx context.Context, tx *store.Tx, in AffiliateApplyInput) (Application, error) {
	// A publishable key may insert and read nothing; whether the address, the
	// program and the place are there already is for the rule to know, not for
	// the key. The audit row names the key all the same.
	ctx = trust.With(ctx, trust.System(tx.MerchantID()))
	p, err := applicable(ctx, tx, in.ProgramID)
	if err != nil {
		return Application{}, err
	}
	token := newClaim()
	row, err := s.newcomer(ctx, tx, in, p, token)
	if store.IsUnique(err) {
		return again(ctx, tx, in, token)
	}
	if err != nil {
		return Application{}, err
	}
	made, err := enrollIn(ctx, tx, row, []string{p.ID})
	if err != nil {
		return Application{}, err
	}
	return Application{row.ID, made[0], string(token)}, nil
}

func applicable(ctx context.Context, tx *store.Tx, programID string) (*ent.Program, error) {
	p, err := programOf(ctx, tx, programID, "programId")
	if err != nil {
		return nil, err
	}
	if p.Status != program.StatusACTIVE || p.Admission == program.AdmissionPRIVATE {
		return nil, problem.At(problem.State, "programId", "the program takes no applications")
	}
	return p, nil
}

// newcomer tries to enter the applicant. It fails with a broken unique key when
// the address is known, also when another application with it commits at the
// same moment; the savepoint keeps the command alive for that.
func (s *Service) newcomer(ctx context.Context, tx *store.Tx, in AffiliateApplyInput, p *ent.Program, token claim) (row *ent.Affiliate, err error) {
	status := affiliate.StatusPENDING
	if p.Admission == program.AdmissionOPEN {
		status = affiliate.StatusACTIVE
	}
	err = tx.Savepoint(ctx, func(ctx context.Context) error {
		row, err = s.enter(ctx, tx, entrant{id: tx.ID(id.Affiliate), name: in.Name, email: in.Email, status: status, claim: token, source: "form"})
		return err
	})
	return row, err
}

// again takes an application from a known address. The token it answers with is
// stored nowhere.
func again(ctx context.Context, tx *store.Tx, in AffiliateApplyInput, decoy claim) (Application, error) {
	known, err := tx.Ent().Affiliate.Query().Where(affiliate.Email(in.Email)).Only(ctx)
	if err != nil {
		return Application{}, err
	}
	out := Application{AffiliateID: known.ID, ClaimToken: string(decoy)}
	tx.Note(known.ID, map[string]string{"application": "the address is known"})
	// Two forms sent at once would both find no place and make it twice.
	if err := tx.Lock(ctx, "affiliates", known.ID); err != nil {
		return Application{}, err
	}
	row, err := placeOf(ctx, tx, known.ID, in.ProgramID)
	switch {
	case err == nil:
		out.EnrollmentID = row.ID
		return out, nil
	case !ent.IsNotFound(err):
		return Application{}, err
	case known.Status == affiliate.StatusREJECTED || known.Status == affiliate.StatusARCHIVED:
		return out, nil
	}
	if row, err = place(ctx, tx, known.ID, in.ProgramID, enrollment.StatusPENDING); err != nil {
		return Application{}, err
	}
	out.EnrollmentID = row.ID
	tx.Note(known.ID, nil)
	return out, nil
}
