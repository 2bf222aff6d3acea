package roster

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// EnrollInput gives an affiliate a place in a program.
type EnrollInput struct {
	AffiliateID string
	ProgramID   string
}

// EnrollmentEndInput ends a place in a program.
type EnrollmentEndInput struct {
	ID              string
	ExpectedVersion *int
}

// EnrollmentOutcome names an enrollment after a verb.
type EnrollmentOutcome struct {
	EnrollmentID string
	Status       string
	Version      int
}

// Enroll makes the affiliate's place in the program active: a new one, one that
// was applied for, or one that had ended. An active one stays as it is. Errors:
// NotFound; State for a rejected or archived affiliate, or an archived program.
func (s *Service) Enroll(ctx context.Context, in EnrollInput) (EnrollmentOutcome, error) {
	return store.Run(ctx, s.store, store.Command{Name: "enrollmentCreate"}, func(ctx context.Context, tx *store.Tx) (EnrollmentOutcome, error) {
		if err := in.admissible(ctx, tx); err != nil {
			return EnrollmentOutcome{}, err
		}
		row, err := placeOf(ctx, tx, in.AffiliateID, in.ProgramID)
		switch {
		case ent.IsNotFound(err):
			row, err = place(ctx, tx, in.AffiliateID, in.ProgramID, enrollment.StatusACTIVE)
		case err == nil && row.Status != enrollment.StatusACTIVE:
			row, err = turn(ctx, tx, row, enrollment.StatusACTIVE)
		}
		if err != nil {
			return EnrollmentOutcome{}, err
		}
		return EnrollmentOutcome{row.ID, string(row.Status), row.Version}, nil
	})
}

// admissible also holds the affiliate's row: else two callers could both find
// no place and make it twice, and an archiving that runs at the same time could
// miss the new place and leave it open.
func (in EnrollInput) admissible(ctx context.Context, tx *store.Tx) error {
	row, err := heldAffiliate(ctx, tx, in.AffiliateID, nil)
	if err != nil {
		return renamed(err, "affiliateId")
	}
	if row.Status == affiliate.StatusREJECTED || row.Status == affiliate.StatusARCHIVED {
		return problem.At(problem.State, "affiliateId", "the affiliate is %s", row.Status)
	}
	return joinable(ctx, tx, in.ProgramID, "programId")
}

// renamed gives a problem of a shared check the field of the verb at hand.
func renamed(err error, field string) error {
	if p, ok := problem.As(err); ok {
		return problem.At(p.Code, field, "%s", p.Message)
	}
	return err
}

// joinable refuses a program that is not there or is archived.
func joinable(ctx context.Context, tx *store.Tx, programID, field string) error {
	p, err := programOf(ctx, tx, programID, field)
	if err != nil {
		return err
	}
	if p.Status == program.StatusARCHIVED {
		return problem.At(problem.State, field, "the program is archived")
	}
	return nil
}

func programOf(ctx context.Context, tx *store.Tx, programID, field string) (*ent.Program, error) {
	if err := named(programID, id.Program, field, "program"); err != nil {
		return nil, err
	}
	row, err := tx.Ent().Program.Get(ctx, programID)
	return found(row, err, field, "program")
}

// EnrollmentEnd ends a place; the affiliate earns nothing there from now on.
// Errors: NotFound, Conflict; State when it has ended already.
func (s *Service) EnrollmentEnd(ctx context.Context, in EnrollmentEndInput) (EnrollmentOutcome, error) {
	return store.Run(ctx, s.store, store.Command{Name: "enrollmentEnd"}, func(ctx context.Context, tx *store.Tx) (EnrollmentOutcome, error) {
		row, err := heldEnrollment(ctx, tx, in)
		if err != nil {
			return EnrollmentOutcome{}, err
		}
		if row.Status == enrollment.StatusENDED {
			return EnrollmentOutcome{}, problem.At(problem.State, "id", "the enrollment has ended")
		}
		if row, err = turn(ctx, tx, row, enrollment.StatusENDED); err != nil {
			return EnrollmentOutcome{}, err
		}
		return EnrollmentOutcome{row.ID, string(row.Status), row.Version}, nil
	})
}

func heldEnrollment(ctx context.Context, tx *store.Tx, in EnrollmentEndInput) (*ent.Enrollment, error) {
	if err := named(in.ID, id.Enrollment, "id", "enrollment"); err != nil {
		return nil, err
	}
	if err := tx.Lock(ctx, "enrollments", in.ID); err != nil {
		return nil, err
	}
	row, err := tx.Ent().Enrollment.Get(ctx, in.ID)
	if row, err = found(row, err, "id", "enrollment"); err != nil {
		return nil, err
	}
	return row, sameVersion(in.ExpectedVersion, row.Version)
}

func placeOf(ctx context.Context, tx *store.Tx, affiliateID, programID string) (*ent.Enrollment, error) {
	return tx.Ent().Enrollment.Query().Where(enrollment.AffiliateID(affiliateID), enrollment.ProgramID(programID)).Only(ctx)
}

// place makes an enrollment.
func place(ctx context.Context, tx *store.Tx, affiliateID, programID string, status enrollment.Status) (*ent.Enrollment, error) {
	row, err := tx.Ent().Enrollment.Create().SetAffiliateID(affiliateID).SetProgramID(programID).SetStatus(status).Save(ctx)
	if err != nil {
		return nil, err
	}
	tx.Emit(enrollmentEvent("enrollment.created", row))
	tx.Note(row.ID, nil)
	return row, nil
}

// enrollmentEvents names what is said when an enrollment turns to a status.
var enrollmentEvents = map[enrollment.Status]string{
	enrollment.StatusACTIVE: "enrollment.activated",
	enrollment.StatusENDED:  "enrollment.ended",
}

// turn changes an enrollment's status.
func turn(ctx context.Context, tx *store.Tx, row *ent.Enrollment, to enrollment.Status) (*ent.Enrollment, error) {
	after, err := tx.Ent().Enrollment.UpdateOne(row).SetStatus(to).Save(ctx)
	if err != nil {
		return nil, err
	}
	tx.Emit(enrollmentEvent(enrollmentEvents[to], after))
	return after, nil
}

func enrollmentEvent(event string, row *ent.Enrollment) store.Event {
	return store.Event{Type: event, Subject: row.ID, ProgramID: row.ProgramID, AffiliateID: row.AffiliateID, Facts: canon.Facts{"status": string(row.Status)}}
}

func startEnrollments(ctx context.Context, tx *store.Tx, affiliateID string) error {
	return turnAll(ctx, tx, affiliateID, enrollment.StatusACTIVE, enrollment.StatusPENDING)
}

func endEnrollments(ctx context.Context, tx *store.Tx, affiliateID string) error {
	return turnAll(ctx, tx, affiliateID, enrollment.StatusENDED, enrollment.StatusPENDING, enrollment.StatusACTIVE)
}

func turnAll(ctx context.Context, tx *store.Tx, affiliateID string, to enrollment.Status, from ...enrollment.Status) error {
	rows, err := tx.Ent().Enrollment.Query().Where(enrollment.AffiliateID(affiliateID), enrollment.StatusIn(from...)).
		Order(ent.Asc(enrollment.FieldID)).All(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if _, err := turn(ctx, tx, row, to); err != nil {
			return err
		}
	}
	return nil
}
