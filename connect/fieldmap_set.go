package connect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/tributary/tributary/connect/mapping"
	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/fieldmap"
	"github.com/tributary/tributary/ent/integration"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// MapOf gives the map of a kind that is in force. Errors: NOT_FOUND id, WRONG_STATE id
// for an integration that is not written to, INVALID kind.
func (s *Service) MapOf(ctx context.Context, integrationID string, k Kind) (Map, error) {
	row, dest, err := s.taking(ctx, integrationID, k)
	if err != nil {
		return Map{}, err
	}
	return s.mapOf(ctx, dest, row, k)
}

func (s *Service) taking(ctx context.Context, integrationID string, k Kind) (*ent.Integration, Destination, error) {
	row, dest, err := s.written(ctx, integrationID)
	if err == nil && !slices.Contains(dest.Kinds(), k) {
		err = problem.At(problem.Invalid, "kind", "is not written there")
	}
	return row, dest, err
}

// SetMapInput says which field is which.
type SetMapInput struct {
	IntegrationID  string
	Kind           Kind
	Document       mapping.Document // what the merchant says; a field that is off needs only its target
	ExpectedNumber *int             // the version the caller has seen; nil for any
}

// SetMap says which field is which, over the provider's defaults, as a new version.
// The account is asked for the fields. What is known of the kind is written anew.
// Errors: those of MapOf; INVALID and TOO_LARGE with the path in fields; CONFLICT
// expectedVersion; WRONG_STATE id when the account cannot be asked with what we have;
// UNAVAILABLE when it cannot be reached.
func (s *Service) SetMap(ctx context.Context, in SetMapInput) (IntegrationOutcome, error) {
	row, dest, err := s.taking(ctx, in.IntegrationID, in.Kind)
	if err != nil {
		return IntegrationOutcome{}, err
	}
	raw, slots, err := s.checkMap(ctx, row, dest, in)
	if err != nil {
		return IntegrationOutcome{}, err
	}
	return s.edit(ctx, "fieldMapSet", row.ID, 0, func(ctx context.Context, tx *store.Tx, row *ent.Integration) error {
		number, err := tx.Ent().FieldMap.Query().Where(fieldmap.IntegrationID(row.ID), fieldmap.KindEQ(fieldmap.Kind(in.Kind))).Count(ctx)
		switch {
		case err != nil:
			return err
		case row.Status == integration.StatusDISCONNECTED:
			return problem.At(problem.State, "id", "the integration is disconnected")
		case in.ExpectedNumber != nil && *in.ExpectedNumber != number:
			return problem.At(problem.Conflict, "expectedVersion", "the map has changed since; its version is %d", number)
		}
		tx.Note(row.ID, map[string]string{"kind": string(in.Kind), "number": strconv.Itoa(number + 1)})
		tx.AfterCommit(s.nudgeSync)
		err = tx.Ent().FieldMap.Create().SetIntegrationID(row.ID).SetKind(fieldmap.Kind(in.Kind)).SetNumber(number + 1).SetDocument(raw).SetSlots(slots).Exec(ctx)
		if err == nil {
			_, err = tx.DoorRemark(ctx, store.Remark{IntegrationID: row.ID, Kind: string(in.Kind)})
		}
		return err
	})
}

// checkMap finds what is wrong with a document, each at its path, and asks the account
// for its fields.
func (s *Service) checkMap(ctx context.Context, row *ent.Integration, dest Destination, in SetMapInput) (raw, slots []byte, err error) {
	if len(in.Document.Fields) > mapping.MaxFields {
		return nil, nil, problem.At(problem.TooLarge, "fields", "must be at most %d", mapping.MaxFields)
	}
	var said mapping.Document
	var places, names []string
	for i, f := range in.Document.Fields {
		if names = append(names, f.Target); !f.Off {
			said.Fields, places = append(said.Fields, f), append(places, strconv.Itoa(i))
		}
	}
	theirs, err := s.askFields(ctx, row, dest, in.Kind, names)
	if err != nil {
		return nil, nil, err
	}
	var faults []error
	for _, f := range mapping.Check(said, mapping.Catalogue{Ours: ourFields(in.Kind), Theirs: theirs}) {
		n, err := strconv.Atoi(f.Field[1])
		if err != nil || n >= len(places) {
			return nil, nil, fmt.Errorf("connect: a fault of a map has no place: %v", f.Field)
		}
		f.Field[1] = places[n]
		faults = append(faults, f)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, nil, err
	}
	if raw, err = json.Marshal(in.Document); err != nil {
		return nil, nil, err
	}
	slots, err = json.Marshal(theirs)
	return raw, slots, err
}

func (s *Service) askFields(ctx context.Context, row *ent.Integration, dest Destination, k Kind, names []string) (map[string]mapping.Slot, error) {
	c, err := s.Credentials(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	theirs, err := dest.Fields(ctx, s.call(), row.Account, c, k, names)
	switch {
	case errors.Is(err, ErrWithdrawn):
		return nil, problem.At(problem.State, "id", "%s", saysWithdrawn)
	case err != nil:
		return nil, problem.New(problem.Unavailable, "the provider cannot be reached").Because(err)
	}
	return theirs, nil
}

// TryMap shows what would be written of a record as it stands, field by field. Errors:
// those of MapOf; NOT_FOUND recordId.
func (s *Service) TryMap(ctx context.Context, integrationID string, k Kind, recordID string) ([]mapping.Row, error) {
	row, dest, err := s.taking(ctx, integrationID, k)
	if err != nil {
		return nil, err
	}
	m, err := s.mapOf(ctx, dest, row, k)
	if err != nil {
		return nil, err
	}
	read, err := s.reading(ctx, row)
	if err != nil {
		return nil, err
	}
	all, err := read.records(ctx, k, []string{recordID})
	if err == nil && all[recordID] == nil {
		err = problem.At(problem.NotFound, "recordId", "the record was not found")
	}
	return mapping.Preview(m.Document, m.Catalogue, mapping.Out, all[recordID]), err
}
