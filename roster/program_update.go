package roster

import (
	"context"
	"errors"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// ProgramUpdateInput changes what is not nil. A program keeps its currency.
type ProgramUpdateInput struct {
	ID              string
	Name            *string
	TimeZone        *string // IANA
	Admission       *string // OPEN, APPROVAL or PRIVATE
	FallbackURL     *string
	Threshold       *money.Money
	Status          *string // ACTIVE or PAUSED
	PayoutCurrency  *string // empty: the currency of each order
	Disputes        DisputeRules
	ExpectedVersion *int
}

// ProgramArchiveInput ends a program.
type ProgramArchiveInput struct {
	ID              string
	ExpectedVersion *int
}

func (in *ProgramUpdateInput) check() error {
	in.Name = trimmed(in.Name)
	return errors.Join(
		checkChange(in.Name, func(s string) error { return form.Line("name", s, form.MaxName) }),
		checkChange(in.TimeZone, func(s string) error { return form.Zone("timeZone", s) }),
		checkChange(in.Admission, checkAdmission),
		checkChange(in.FallbackURL, func(s string) error { return checkURL("fallbackUrl", s) }),
		checkChange(in.Status, checkRunning),
		checkPayoutCurrency(in.PayoutCurrency),
		in.Disputes.check(),
	)
}

func checkRunning(s string) error {
	if s != string(program.StatusACTIVE) && s != string(program.StatusPAUSED) {
		return problem.At(problem.Invalid, "status", "must be ACTIVE or PAUSED")
	}
	return nil
}

// ProgramUpdate edits a program; pausing and resuming are edits of its status.
// Errors: Invalid, NotFound, Conflict, CurrencyMismatch, AmountRange; State for
// an archived program.
func (s *Service) ProgramUpdate(ctx context.Context, in ProgramUpdateInput) (ProgramOutcome, error) {
	if err := in.check(); err != nil {
		return ProgramOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "programUpdate"}, in.run)
}

func (in ProgramUpdateInput) run(ctx context.Context, tx *store.Tx) (ProgramOutcome, error) {
	row, err := editableProgram(ctx, tx, in.ID, in.ExpectedVersion)
	if err != nil {
		return ProgramOutcome{}, err
	}
	edit := tx.Ent().Program.UpdateOne(row).SetNillableName(in.Name).SetNillableTimeZone(in.TimeZone).
		SetNillableAdmission((*program.Admission)(in.Admission)).SetNillableFallbackURL(in.FallbackURL).
		SetNillableStatus((*program.Status)(in.Status))
	in.Disputes.apply(edit)
	if in.Threshold != nil {
		if err := checkThreshold(*in.Threshold, row.Currency); err != nil {
			return ProgramOutcome{}, err
		}
		edit.SetThresholdMinor(in.Threshold.Minor)
	}
	if text(in.PayoutCurrency) != "" {
		edit.SetPayoutCurrency(money.Currency(*in.PayoutCurrency))
	} else if in.PayoutCurrency != nil {
		edit.ClearPayoutCurrency()
	}
	after, err := edit.Save(ctx)
	if err != nil {
		return ProgramOutcome{}, err
	}
	return told(tx, "program.updated", after), nil
}

// ProgramArchive ends a program for good; its rows and what it owes stay (Q74).
// Errors: NotFound, Conflict; State when it is archived already.
func (s *Service) ProgramArchive(ctx context.Context, in ProgramArchiveInput) (ProgramOutcome, error) {
	return store.Run(ctx, s.store, store.Command{Name: "programArchive"}, func(ctx context.Context, tx *store.Tx) (ProgramOutcome, error) {
		row, err := editableProgram(ctx, tx, in.ID, in.ExpectedVersion)
		if err != nil {
			return ProgramOutcome{}, err
		}
		after, err := tx.Ent().Program.UpdateOne(row).SetStatus(program.StatusARCHIVED).Save(ctx)
		if err != nil {
			return ProgramOutcome{}, err
		}
		return told(tx, "program.updated", after), nil
	})
}

func editableProgram(ctx context.Context, tx *store.Tx, programID string, expected *int) (*ent.Program, error) {
	row, err := heldProgram(ctx, tx, programID, expected)
	if err != nil {
		return nil, err
	}
	if row.Status == program.StatusARCHIVED {
		return nil, problem.At(problem.State, "id", "the program is archived")
	}
	return row, nil
}
