package audit

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/auditrecord"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
)

// Formats of an export.
const (
	CSV   = "csv"
	JSONL = "jsonl"
)

// exportPage is how many records one query of an export reads: no read
// transaction stays open for as long as the client takes.
const exportPage = 500

// Export writes the records that the filter leaves, oldest first: until now when
// the filter names no end, so that its own row is not part of it. It returns how
// many there were. Errors: UNAUTHENTICATED, FORBIDDEN, INVALID before anything is
// written; the writer's.
func (s *Service) Export(ctx context.Context, to io.Writer, format string, f Filter) (int, error) {
	if err := s.allowed(ctx); err != nil {
		return 0, err
	}
	if f.To.IsZero() {
		f.To = s.store.Now()
	}
	if err := f.check(); err != nil {
		return 0, err
	}
	out, err := sheetOf(format, to)
	if err != nil {
		return 0, err
	}
	if err := s.begun(ctx, format, f); err != nil {
		return 0, err
	}
	return s.pages(ctx, out, f)
}

// begun puts the export on record before anything has left.
func (s *Service) begun(ctx context.Context, format string, f Filter) error {
	asked := map[string]string{"format": format, "to": stamp(f.To)}
	for name, value := range map[string]string{"subjectId": f.SubjectID, "actorId": f.ActorID, "action": f.Action, "outcome": f.Outcome} {
		if value != "" {
			asked[name] = value
		}
	}
	if !f.From.IsZero() {
		asked["from"] = stamp(f.From)
	}
	_, err := store.Run(ctx, s.store, store.Command{Name: exporting}, func(_ context.Context, tx *store.Tx) (int, error) {
		tx.Note(tx.MerchantID(), asked)
		return 0, nil
	})
	return err
}

func (s *Service) pages(ctx context.Context, out sheet, f Filter) (n int, err error) {
	for after := ""; ; {
		page, err := f.narrow(s.store.Client().AuditRecord.Query()).Where(auditrecord.IDGT(after)).
			Order(ent.Asc(auditrecord.FieldID)).Limit(exportPage).All(ctx)
		if err != nil {
			return n, err
		}
		for _, r := range page {
			if err := out.write(r); err != nil {
				return n, err
			}
			after, n = r.ID, n+1
		}
		if err := out.flush(); err != nil || len(page) < exportPage {
			return n, err
		}
	}
}

// sheet is a form in which records leave.
type sheet interface {
	write(*ent.AuditRecord) error
	flush() error
}

func sheetOf(format string, to io.Writer) (sheet, error) {
	switch format {
	case CSV:
		w := csv.NewWriter(to)
		w.UseCRLF = true
		return table{w}, w.Write(columns)
	case JSONL:
		return lines{bufio.NewWriter(to)}, nil
	}
	return nil, problem.At(problem.Invalid, "format", "must be csv or jsonl")
}

var columns = []string{"id", "at", "actor_id", "actor_kind", "action", "subject_id", "outcome", "request_id", "changes"}

// table is comma-separated values, as RFC 4180 says.
type table struct{ *csv.Writer }

func (t table) write(r *ent.AuditRecord) error {
	cells := []string{r.ID, stamp(r.CreatedAt), r.ActorID, r.ActorKind, r.Action, r.SubjectID, string(r.Outcome), r.RequestID, spelled(r.Changes)}
	for i, cell := range cells {
		cells[i] = neutral(cell)
	}
	return t.Write(cells)
}

func (t table) flush() error {
	t.Flush()
	return t.Error()
}

// lines is one JSON object on each line.
type lines struct{ *bufio.Writer }

func (l lines) write(r *ent.AuditRecord) error {
	raw, err := json.Marshal(map[string]any{
		"id": r.ID, "at": stamp(r.CreatedAt), "actorId": r.ActorID, "actorKind": r.ActorKind, "action": r.Action,
		"subjectId": r.SubjectID, "outcome": r.Outcome, "requestId": r.RequestID, "changes": r.Changes,
	})
	if err == nil {
		_, err = l.Write(append(raw, '\n'))
	}
	return err
}

func (l lines) flush() error { return l.Flush() }

// spelled writes changes as "field: before → after", by field.
func spelled(changes map[string]string) string {
	parts := make([]string, 0, len(changes))
	for _, field := range slices.Sorted(maps.Keys(changes)) {
		parts = append(parts, field+": "+changes[field])
	}
	return strings.Join(parts, "; ")
}

// neutral puts an apostrophe before a cell that a spreadsheet would take for a
// formula: request ids and names of fields are other people's input.
func neutral(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
