package export

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/export"
	"github.com/tributary/tributary/internal/form"
	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/queue"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/trust"
)

var noExport = problem.At(problem.NotFound, "id", "the export was not found")

// CreateInput asks for a file.
type CreateInput struct {
	Query  string // for one list or report
	Format string // CSV or JSONL
	Name   string // of the file, without its ending; "export" when empty
}

// CreateOutcome names the export.
type CreateOutcome struct{ ExportID string }

// Create leaves a file to be written. The query is tried first, as the viewer: what is
// refused is refused here. Errors: INVALID or TOO_LARGE query; INVALID format, name;
// CONFLICT while five files are being written; those of the query's fields, such as
// FORBIDDEN.
func (s *Service) Create(ctx context.Context, in CreateInput) (CreateOutcome, error) {
	v, err := trust.Require(ctx, trust.ProgramRead)
	if err != nil {
		return CreateOutcome{}, err
	}
	if err := s.check(ctx, &in); err != nil {
		return CreateOutcome{}, err
	}
	return store.Run(ctx, s.Store, store.Command{Name: "exportCreate"}, func(ctx context.Context, tx *store.Tx) (CreateOutcome, error) {
		busy, err := tx.Ent().Export.Query().Where(export.StatusIn(export.StatusQUEUED, export.StatusRUNNING)).Count(systemOf(ctx, tx))
		if err == nil && busy >= atOnce {
			err = problem.New(problem.Conflict, "%d files are being written; try again when one is done", busy)
		}
		if err != nil {
			return CreateOutcome{}, err
		}
		row, err := tx.Ent().Export.Create().SetID(tx.ID(id.Export)).SetPrincipal(v.PrincipalID).SetPerson(v.Kind == trust.KindUser).SetScopes(spell(v.Scopes)).
			SetName(in.Name).SetFormat(export.Format(in.Format)).SetDocument([]byte(in.Query)).
			SetBeatAt(tx.Now()).SetExpiresAt(tx.Now().Add(keptFor)).Save(systemOf(ctx, tx))
		if err != nil {
			return CreateOutcome{}, err
		}
		tx.Note(row.ID, map[string]string{"format": in.Format})
		return CreateOutcome{row.ID}, s.Desk.Leave(ctx, tx, queue.Job{Kind: exportJob, Merchant: tx.MerchantID(), Subject: row.ID})
	})
}

// systemOf lets an affiliate write its own exports, which the wall keeps from everybody
// who is bound to one: whose an export is, is asked by principal.
func systemOf(ctx context.Context, tx *store.Tx) context.Context {
	return trust.With(ctx, trust.System(tx.MerchantID()))
}

func (s *Service) check(ctx context.Context, in *CreateInput) error {
	in.Name = strings.TrimSpace(in.Name)
	if in.Name == "" {
		in.Name = "export"
	}
	err := form.Line("name", in.Name, maxName)
	if in.Format != CSV && in.Format != JSONL {
		err = errors.Join(err, problem.At(problem.Invalid, "format", "must be CSV or JSONL"))
	}
	if len(in.Query) > maxQuery {
		return errors.Join(err, problem.At(problem.TooLarge, "query", "at most %d bytes", maxQuery))
	}
	if _, wrong := s.read.Columns(in.Query); wrong != nil || err != nil {
		return errors.Join(err, wrong)
	}
	_, err = s.read.Read(ctx, in.Query, "", "")
	return err
}

func spell(scopes []trust.Scope) string {
	out := make([]string, len(scopes))
	for i, s := range scopes {
		out[i] = string(s)
	}
	return strings.Join(out, " ")
}

func scopesIn(text string) (scopes []trust.Scope) {
	for _, s := range strings.Fields(text) {
		scopes = append(scopes, trust.Scope(s))
	}
	return scopes
}

// of reads the viewer's own exports, the newest first; the one of an id, or all.
func (s *Service) of(ctx context.Context, exportID string) ([]*ent.Export, error) {
	v, err := trust.Require(ctx, trust.ProgramRead)
	if err != nil {
		return nil, err
	}
	q := s.Store.Client().Export.Query().Where(export.Principal(v.PrincipalID)).Order(ent.Desc(export.FieldID)).Limit(50)
	if exportID != "" {
		q.Where(export.ID(exportID))
	}
	rows, err := q.All(trust.With(ctx, trust.System(v.MerchantID)))
	return slices.Clip(rows), err
}
