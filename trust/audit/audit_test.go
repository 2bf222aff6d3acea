package audit_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/ent/auditrecord"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/internal/store"
	"github.com/tributary/tributary/internal/store/storetest"
	"github.com/tributary/tributary/trust"
	"github.com/tributary/tributary/trust/audit"
)

// desk is the room with a merchant that has done something.
type desk struct {
	*audit.Service
	t     *testing.T
	clock *storetest.Clock
	store *store.Store
	ctx   context.Context // the owner's
}

func open(t *testing.T) *desk {
	t.Helper()
	t.Parallel()
	d := &desk{t: t, clock: storetest.NewClock()}
	d.store = storetest.OpenAt(t, d.clock)
	d.Service = audit.New(audit.Config{Store: d.store})
	d.ctx, _ = storetest.Merchant(t, d.store)
	return d
}

// act leaves n rows of an action, a second apart.
func (d *desk) act(ctx context.Context, action string, n int, notes map[string]string) {
	d.t.Helper()
	for i := range n {
		d.clock.Advance(time.Second)
		_, err := store.Run(ctx, d.store, store.Command{Name: action, Subject: fmt.Sprint("row", i)}, func(_ context.Context, tx *store.Tx) (int, error) {
			tx.Note("", notes)
			return 0, nil
		})
		if err != nil {
			d.t.Fatal(err)
		}
	}
}

func (d *desk) export(format string, f audit.Filter) string {
	d.t.Helper()
	var out bytes.Buffer
	n, err := d.Export(d.ctx, &out, format, f)
	if err != nil {
		d.t.Fatal(err)
	}
	if lines := strings.Count(out.String(), "\n"); format == audit.JSONL && lines != n {
		d.t.Errorf("%d lines, told as %d", lines, n)
	}
	return out.String()
}

// An export over several pages holds each record once and in order, its own not.
// Without the page's lower bound records come again.
func TestH10_AnExportIsWhole(t *testing.T) {
	d := open(t)
	d.act(d.ctx, "groupEdit", 1203, nil)
	d.clock.Advance(time.Second)
	var last string
	n := 0
	for line := range strings.Lines(d.export(audit.JSONL, audit.Filter{Action: "groupEdit"})) {
		var r struct{ ID, Action, SubjectID, Outcome, At string }
		if err := json.Unmarshal([]byte(line), &r); err != nil || r.ID <= last || r.SubjectID != fmt.Sprint("row", n) || r.Outcome != "DONE" || r.At == "" {
			t.Fatalf("line %d after %s: %+v, %v", n, last, r, err)
		}
		last, n = r.ID, n+1
	}
	if n != 1203 {
		t.Errorf("%d records", n)
	}
	d.clock.Advance(time.Second)
	if text := d.export(audit.JSONL, audit.Filter{Action: "auditExport"}); strings.Count(text, "\n") != 1 || !strings.Contains(text, `"format":"jsonl"`) {
		t.Errorf("exports on record: %s", text) // the first, and not this one
	}
}

func TestH10_FiltersNarrow(t *testing.T) {
	d := open(t)
	v, _ := trust.From(d.ctx)
	v.PrincipalID = "usr_other"
	d.act(d.ctx, "linkEdit", 4, nil)
	from := d.clock.Now()
	d.act(trust.With(d.ctx, v), "linkEdit", 3, nil)
	d.store.Deny(d.ctx, store.Denial{Viewer: v, Action: "linkEdit", Subject: "row1"})
	for name, row := range map[string]struct {
		f    audit.Filter
		want int
	}{
		"action":  {audit.Filter{Action: "linkEdit"}, 8},
		"actor":   {audit.Filter{ActorID: "usr_other"}, 4},
		"subject": {audit.Filter{SubjectID: "row1"}, 3},
		"outcome": {audit.Filter{Outcome: "DENIED"}, 1},
		"from":    {audit.Filter{Action: "linkEdit", From: from}, 5}, // the fourth, three more and the denial
		"to":      {audit.Filter{Action: "linkEdit", To: from}, 3},
		"both":    {audit.Filter{Action: "linkEdit", From: from, To: from.Add(time.Second)}, 1},
	} {
		q, err := d.Records(row.f)
		if err != nil {
			t.Fatal(err)
		}
		if n := q.CountX(d.ctx); n != row.want {
			t.Errorf("%s: %d records, want %d", name, n, row.want)
		}
	}
	for field, f := range map[string]audit.Filter{"outcome": {Outcome: "MAYBE"}, "to": {From: from, To: from.Add(-1)}} {
		_, err := d.Records(f)
		if p, _ := problem.As(err); p == nil || p.Code != problem.Invalid || p.Field[0] != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// No cell begins as a formula does, whoever wrote what is in it. Without neutral
// the request's id is run by a spreadsheet.
func TestH10_CellsAreNoFormulas(t *testing.T) {
	d := open(t)
	d.act(store.WithRequest(d.ctx, "=1+cmd"), "@sum", 1, map[string]string{"-name": "+1 → =HYPERLINK(1)"})
	d.clock.Advance(time.Second)
	rows, err := csv.NewReader(strings.NewReader(d.export(audit.CSV, audit.Filter{Action: "@sum"}))).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%v, %v", rows, err)
	}
	for i, cell := range rows[1] {
		if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
			t.Errorf("%s is %q", rows[0][i], cell)
		}
	}
	if got := strings.Join(rows[1], "|"); !strings.Contains(got, "'=1+cmd") || !strings.Contains(got, "'-name: +1 → =HYPERLINK(1)") {
		t.Errorf("the row is %q", got)
	}
}

func TestH10_ExportsAreForWhoMayReadTheAudit(t *testing.T) {
	d := open(t)
	v, _ := trust.From(d.ctx)
	v.Role = trust.Manager
	for want, ctx := range map[problem.Code]context.Context{problem.Forbidden: trust.With(d.ctx, v), problem.Unauthenticated: t.Context()} {
		var out bytes.Buffer
		if _, err := d.Export(ctx, &out, audit.CSV, audit.Filter{}); problem.CodeOf(err) != want || out.Len() > 0 {
			t.Errorf("%v and %q, want %s", err, out.String(), want)
		}
	}
	if _, err := d.Export(d.ctx, &bytes.Buffer{}, "pdf", audit.Filter{}); problem.CodeOf(err) != problem.Invalid {
		t.Errorf("pdf: %v", err)
	}
	rows := d.store.Client().AuditRecord.Query().Where(auditrecord.Action("auditExport")).AllX(d.ctx)
	if len(rows) != 1 || rows[0].Outcome != auditrecord.OutcomeDENIED || rows[0].ActorID != v.PrincipalID {
		t.Errorf("on record are %v", rows)
	}
}

// An export whose reader goes away ends with the reader's error.
func TestExportEndsWithItsReader(t *testing.T) {
	d := open(t)
	d.act(d.ctx, "linkEdit", 3, nil)
	gone := errors.New("gone")
	if _, err := d.Export(d.ctx, broken{gone}, audit.JSONL, audit.Filter{}); !errors.Is(err, gone) {
		t.Errorf("%v", err)
	}
}

type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }
