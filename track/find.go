package track

import (
	"context"
	"database/sql"
	"errors"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/ent/enrollment"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// missing turns ent's not-found into the answer for both "not there" and "not
// yours", naming the input field.
func missing(err error, field, what string) error {
	if ent.IsNotFound(err) {
		return problem.At(problem.NotFound, field, "the %s was not found", what)
	}
	return err
}

// openProgram finds a program that is not archived.
func openProgram(ctx context.Context, tx *store.Tx, id string) (*ent.Program, error) {
	p, err := tx.Ent().Program.Query().Where(program.ID(id)).Only(ctx)
	if err != nil {
		return nil, missing(err, "programId", "program")
	}
	if p.Status == program.StatusARCHIVED {
		return nil, problem.At(problem.State, "programId", "the program is archived")
	}
	return p, nil
}

// participant checks that an affiliate may earn in a program now.
func participant(ctx context.Context, tx *store.Tx, programID, affiliateID string) error {
	a, err := tx.Ent().Affiliate.Query().Where(affiliate.ID(affiliateID)).Only(ctx)
	if err != nil {
		return missing(err, "affiliateId", "affiliate")
	}
	if a.Status != affiliate.StatusACTIVE {
		return problem.At(problem.State, "affiliateId", "the affiliate is not active")
	}
	enrolled, err := tx.Ent().Enrollment.Query().Where(
		enrollment.ProgramID(programID), enrollment.AffiliateID(affiliateID), enrollment.StatusEQ(enrollment.StatusACTIVE),
	).Exist(ctx)
	if err == nil && !enrolled {
		err = problem.At(problem.State, "affiliateId", "the affiliate does not take part in the program")
	}
	return err
}

// expect refuses an edit that is based on an older state of the row.
func expect(expected *int, version int) error {
	if expected != nil && *expected != version {
		return problem.At(problem.Conflict, "expectedVersion", "the row has been changed since; it is at version %d", version)
	}
	return nil
}

// created tells a row that was inserted from one that was there: ent reports an
// insert that did nothing as no rows.
func created(err error) (bool, error) {
	switch {
	case err == nil:
		return true, nil
	case isNoRows(err):
		return false, nil
	}
	return false, err
}

// made is created for callers who want the row: nil when it was there.
func made[T any](row *T, err error) (*T, error) {
	if isNoRows(err) {
		return nil, nil
	}
	return row, err
}

func isNoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }
