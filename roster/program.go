package roster

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/canon"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/money"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// ProgramCreateInput describes a program. Its hosts are added by track.
type ProgramCreateInput struct {
	Name        string
	Currency    string // the merchant's when empty; never changes afterwards
	TimeZone    string // IANA; the merchant's when empty
	Admission   string // OPEN, APPROVAL (when empty) or PRIVATE
	FallbackURL string // http(s); where visitors of a link that cannot earn are sent
	Threshold   *money.Money
}

// ProgramOutcome names a program after a verb.
type ProgramOutcome struct {
	ProgramID string
	Version   int
}

func (in *ProgramCreateInput) check() error {
	in.Name = strings.TrimSpace(in.Name)
	if in.Admission == "" {
		in.Admission = string(program.DefaultAdmission)
	}
	return errors.Join(
		form.Line("name", in.Name, form.MaxName),
		checkURL("fallbackUrl", in.FallbackURL),
		checkAdmission(in.Admission),
	)
}

func checkAdmission(s string) error {
	if program.AdmissionValidator(program.Admission(s)) != nil {
		return problem.At(problem.Invalid, "admission", "must be OPEN, APPROVAL or PRIVATE")
	}
	return nil
}

// inherit takes from the merchant what was left open, then checks it all.
func (in *ProgramCreateInput) inherit(m *ent.Merchant) error {
	if in.Currency == "" {
		in.Currency = string(m.Currency)
	}
	if in.TimeZone == "" {
		in.TimeZone = m.TimeZone
	}
	if in.Threshold == nil {
		none := money.Zero(money.Currency(in.Currency))
		in.Threshold = &none
	}
	if err := errors.Join(form.Currency("currency", in.Currency), form.Zone("timeZone", in.TimeZone)); err != nil {
		return err
	}
	return checkThreshold(*in.Threshold, money.Currency(in.Currency))
}

// ProgramCreate makes an active program. Errors: Invalid, CurrencyUnknown,
// CurrencyMismatch and AmountRange for the threshold.
func (s *Service) ProgramCreate(ctx context.Context, in ProgramCreateInput) (ProgramOutcome, error) {
	if err := in.check(); err != nil {
		return ProgramOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "programCreate"}, in.run)
}

func (in ProgramCreateInput) run(ctx context.Context, tx *store.Tx) (ProgramOutcome, error) {
	m, err := tx.Ent().Merchant.Get(ctx, tx.MerchantID())
	if err != nil {
		return ProgramOutcome{}, err
	}
	if err := in.inherit(m); err != nil {
		return ProgramOutcome{}, err
	}
	row, err := tx.Ent().Program.Create().
		SetName(in.Name).SetCurrency(money.Currency(in.Currency)).SetTimeZone(in.TimeZone).
		SetAdmission(program.Admission(in.Admission)).SetFallbackURL(in.FallbackURL).
		SetThresholdMinor(in.Threshold.Minor).Save(ctx)
	if err != nil {
		return ProgramOutcome{}, err
	}
	return told(tx, "program.created", row), nil
}

// told emits a program's event and names the program.
func told(tx *store.Tx, event string, row *ent.Program) ProgramOutcome {
	tx.Emit(store.Event{Type: event, Subject: row.ID, ProgramID: row.ID, Facts: canon.Facts{
		"status": string(row.Status), "admission": string(row.Admission), "time_zone": row.TimeZone,
		"currency": string(row.Currency), "threshold": strconv.FormatInt(row.ThresholdMinor, 10),
	}})
	tx.Note(row.ID, nil)
	return ProgramOutcome{ProgramID: row.ID, Version: row.Version}
}

// heldProgram reads a program for an edit and keeps others from editing it
// until the commit: without the lock two edits of one state both find the
// version they expect, and the later one overwrites the earlier unseen.
func heldProgram(ctx context.Context, tx *store.Tx, programID string, expected *int) (*ent.Program, error) {
	if err := named(programID, id.Program, "id", "program"); err != nil {
		return nil, err
	}
	if err := tx.Lock(ctx, "programs", programID); err != nil {
		return nil, err
	}
	row, err := tx.Ent().Program.Get(ctx, programID)
	if row, err = found(row, err, "id", "program"); err != nil {
		return nil, err
	}
	return row, sameVersion(expected, row.Version)
}
