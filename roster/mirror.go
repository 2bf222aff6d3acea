package roster

import (
	"context"
	"crypto/sha256"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/merchant"
	"github.com/tributary/tributary/ent/program"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// Mirror is a program's place in its merchant's sandbox.
type Mirror struct {
	Live       bool   // the program's money is real; else it is in a sandbox itself
	MerchantID string // the sandbox; "" when there is none
	ProgramID  string
}

// MirrorOf says where test orders of a program of the viewer's merchant belong
// (Q76), whether or not anything is there. Errors: NOT_FOUND programId.
func (s *Service) MirrorOf(ctx context.Context, programID string) (Mirror, error) {
	m, _, err := s.mirrored(ctx, programID)
	return m, err
}

// ProgramMirror is MirrorOf, and makes the program in the sandbox when it is not
// there yet: with the name, currency and rules of admission that it has here. Its
// affiliates are the sandbox's own, its terms those of
// earn.TermsMirror. Nothing here is touched.
func (s *Service) ProgramMirror(ctx context.Context, programID string) (Mirror, error) {
	m, p, err := s.mirrored(ctx, programID)
	if err != nil || m.MerchantID == "" {
		return m, err
	}
	there := trust.With(ctx, trust.System(m.MerchantID))
	known, err := s.store.Client().Program.Query().Where(program.ID(m.ProgramID)).Exist(there)
	if err != nil || known {
		return m, err
	}
	_, err = store.Run(there, s.store, store.Command{Name: "programMirror"}, func(ctx context.Context, tx *store.Tx) (Mirror, error) {
		row, err := tx.Ent().Program.Create().SetID(m.ProgramID).SetName(p.Name).SetCurrency(p.Currency).SetTimeZone(p.TimeZone).
			SetAdmission(p.Admission).SetFallbackURL(p.FallbackURL).SetThresholdMinor(p.ThresholdMinor).SetNillablePayoutCurrency(p.PayoutCurrency).Save(ctx)
		if err != nil {
			return m, err
		}
		told(tx, "program.created", row)
		return m, nil
	})
	if store.IsUnique(err) { // another test order made it meanwhile
		err = nil
	}
	return m, err
}

func (s *Service) mirrored(ctx context.Context, programID string) (Mirror, *ent.Program, error) {
	p, err := s.store.Client().Program.Get(ctx, programID)
	if p, err = found(p, err, "programId", "program"); err != nil {
		return Mirror{}, nil, err
	}
	m, err := s.store.Client().Merchant.Get(ctx, p.MerchantID)
	if err != nil {
		return Mirror{}, nil, err
	}
	if m.Mode != merchant.ModeLIVE || m.TwinID == "" {
		return Mirror{Live: m.Mode == merchant.ModeLIVE}, p, nil
	}
	there, err := MirrorID(id.Program, p.ID)
	return Mirror{Live: true, MerchantID: m.TwinID, ProgramID: there}, p, err
}

// MirrorID is the id that a row has in the sandbox. It follows from the row's own,
// so that two test orders at once find one program, and a program that is renamed
// keeps its mirror.
func MirrorID(kind id.Prefix, of string) (string, error) {
	prefix, u, err := id.Parse(of)
	if err != nil || prefix != kind {
		return "", problem.New(problem.NotFound, "the row was not found").Because(err)
	}
	sum := sha256.Sum256(append([]byte("sandbox of "), u[:]...))
	copy(u[6:], sum[:])
	u[6], u[8] = u[6]&0x0f|0x70, u[8]&0x3f|0x80 // a UUIDv7 of the same millisecond
	return id.FromUUID(kind, u), nil
}
