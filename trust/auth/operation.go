package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/persistedoperation"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

// Bounds of a merchant's registered operations.
const (
	maxOperationName = 120
	maxDocument      = 32 << 10 // bytes
	maxOperations    = 200      // that are not retired; registrations at one instant may pass it by a few
)

// OperationRegisterInput is a document that may be run by credentials that run
// no others. Whoever calls has checked it against the schema.
type OperationRegisterInput struct {
	Name     string // for people
	Document string // as clients send it, to the byte
}

// OperationOutcome names a registered operation.
type OperationOutcome struct {
	ID   string
	Hash string // SHA-256 of the document, lower-case hexadecimal
}

func (in *OperationRegisterInput) check() error {
	in.Name = strings.TrimSpace(in.Name)
	err := form.Line("name", in.Name, maxOperationName)
	if len(in.Document) > maxDocument {
		err = errors.Join(err, problem.At(problem.TooLarge, "document", "at most %d bytes", maxDocument))
	}
	return err
}

// OperationRegister registers a document. The same one again is the same
// operation, and one that was retired is allowed again under its first name.
// Errors: Invalid, TooLarge.
func (s *Service) OperationRegister(ctx context.Context, in OperationRegisterInput) (OperationOutcome, error) {
	if err := in.check(); err != nil {
		return OperationOutcome{}, err
	}
	return store.Run(ctx, s.store, store.Command{Name: "operationRegister"}, func(ctx context.Context, tx *store.Tx) (OperationOutcome, error) {
		live, err := tx.Ent().PersistedOperation.Query().Where(persistedoperation.RetiredAtIsNil()).Count(ctx)
		if err != nil {
			return OperationOutcome{}, err
		}
		if live >= maxOperations {
			return OperationOutcome{}, problem.New(problem.TooLarge, "at most %d operations; retire some", maxOperations)
		}
		return s.register(ctx, tx, in)
	})
}

func (s *Service) register(ctx context.Context, tx *store.Tx, in OperationRegisterInput) (OperationOutcome, error) {
	sum := sha256.Sum256([]byte(in.Document))
	hash := hex.EncodeToString(sum[:])
	err := tx.Ent().PersistedOperation.Create().SetHash(hash).SetName(in.Name).SetDocument(in.Document).
		OnConflictColumns(persistedoperation.FieldMerchantID, persistedoperation.FieldHash).
		Update(func(u *ent.PersistedOperationUpsert) { u.ClearRetiredAt() }).Exec(ctx)
	if err != nil {
		return OperationOutcome{}, err
	}
	row, err := tx.Ent().PersistedOperation.Query().Where(persistedoperation.Hash(hash)).Only(ctx)
	if err != nil {
		return OperationOutcome{}, err
	}
	tx.Note(row.ID, map[string]string{"hash": hash})
	s.changed(tx)
	return OperationOutcome{ID: row.ID, Hash: hash}, nil
}

// OperationRetireInput names a registered operation.
type OperationRetireInput struct {
	ID string
}

// OperationRetire ends an operation: at once on this server, within a second on
// every other. Retiring twice is the same as once. Errors: NotFound.
func (s *Service) OperationRetire(ctx context.Context, in OperationRetireInput) (OperationOutcome, error) {
	if !id.Is(in.ID, id.Operation) {
		return OperationOutcome{}, noOperation
	}
	return store.Run(ctx, s.store, store.Command{Name: "operationRetire", Subject: in.ID}, func(ctx context.Context, tx *store.Tx) (OperationOutcome, error) {
		_, err := tx.Ent().PersistedOperation.Update().Where(persistedoperation.ID(in.ID), persistedoperation.RetiredAtIsNil()).SetRetiredAt(tx.Now()).Save(ctx)
		if err != nil {
			return OperationOutcome{}, err
		}
		row, err := tx.Ent().PersistedOperation.Get(ctx, in.ID)
		if ent.IsNotFound(err) {
			return OperationOutcome{}, noOperation
		}
		if err != nil {
			return OperationOutcome{}, err
		}
		s.changed(tx)
		return OperationOutcome{ID: row.ID, Hash: row.Hash}, nil
	})
}

var noOperation = problem.At(problem.NotFound, "id", "the operation was not found")

// changed makes this server ask again at once.
func (s *Service) changed(tx *store.Tx) {
	merchantID := tx.MerchantID()
	tx.AfterCommit(func() { s.operations.forget(merchantID) })
}

// Operations lists the hashes of the documents that are registered with the
// viewer's merchant and not retired, as of less than a second ago. Nobody's are
// none.
func (s *Service) Operations(ctx context.Context) ([]string, error) {
	v, known := trust.From(ctx)
	if !known {
		return nil, nil
	}
	return s.operations.get(v.MerchantID, absent, func() ([]string, error) {
		return s.store.Client().PersistedOperation.Query().Where(persistedoperation.RetiredAtIsNil()).
			Select(persistedoperation.FieldHash).Strings(as(ctx, v.MerchantID))
	})
}

// OperationDocument gives a registered document of the viewer's merchant by its
// hash. Errors: NotFound.
func (s *Service) OperationDocument(ctx context.Context, hash string) (string, error) {
	v, _ := trust.From(ctx)
	row, err := s.store.Client().PersistedOperation.Query().Where(persistedoperation.Hash(hash)).Only(as(ctx, v.MerchantID))
	if ent.IsNotFound(err) {
		return "", problem.New(problem.NotFound, "the operation was not found")
	}
	if err != nil {
		return "", err
	}
	return row.Document, nil
}
