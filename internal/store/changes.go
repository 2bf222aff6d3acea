package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/tributary/tributary/ent"
)

// Bounds of what one audit row tells.
const (
	changesLimit = 500 // changed columns
	madeLimit    = 16  // rows made: the subject is among the first
	valueLimit   = 200 // bytes of a value
)

// masked stands for values that the audit does not show.
const masked = "changed"

// edit is what one write did to one column.
type edit struct {
	row, field    string // row is empty for a write that names no row
	before, after string
	hidden        bool // the values are not shown
	made          bool // the row was made by this command
}

// housekeeping are the columns that the wall sets itself.
var housekeeping = map[string]bool{"id": true, "merchant_id": true, "created_at": true, "updated_at": true, "version": true}

// record is how the audit learns what changed: it looks at a write before it is
// done and keeps, for each column, the value before and after.
//
// A row that the caller has read is not read again. One that it has not costs a
// lock and a read, which people's edits can afford; machine intake, where it
// would be felt, is left out (see Command.Intake).
func (tx *Tx) record(ctx context.Context, m ent.Mutation) error {
	if tx.command.Quiet || tx.command.Intake || tx.command.DryRun || len(tx.edits) >= changesLimit {
		return nil
	}
	known := ent.AuditedTypes[m.Type()]
	row, _ := rowOf(m)
	if m.Op().Is(ent.OpCreate) && !tx.maybeSubject(row) {
		return nil
	}
	for field, after := range valuesAfter(m) {
		if housekeeping[field] {
			continue
		}
		e := edit{row: row, field: camel(field), after: after, hidden: known.Masked[field], made: m.Op().Is(ent.OpCreate)}
		if row == "" {
			e.field = strings.ToLower(m.Type()[:1]) + m.Type()[1:] + " " + e.field
		}
		if m.Op().Is(ent.OpUpdateOne) {
			if err := tx.before(ctx, m, known.Table, field, &e); err != nil {
				return err
			}
		}
		if e.before != e.after {
			tx.edits = append(tx.edits, e)
		}
	}
	return nil
}

// maybeSubject reports whether a row being made may be what the command is about.
func (tx *Tx) maybeSubject(row string) bool {
	tx.made++
	return tx.subject == row || tx.subject == "" && tx.made <= madeLimit
}

func rowOf(m ent.Mutation) (string, bool) {
	row, has := m.(interface{ ID() (string, bool) })
	if !has || m.Op().Is(ent.OpUpdate|ent.OpDelete) {
		return "", false
	}
	return row.ID()
}

// valuesAfter are the columns that a write sets, with what it sets them to; of a
// column that is added to, the sum is known once the value before is.
func valuesAfter(m ent.Mutation) map[string]string {
	out := map[string]string{}
	for _, f := range m.Fields() {
		v, _ := m.Field(f)
		out[f] = shown(v)
	}
	for _, f := range m.AddedFields() {
		v, _ := m.AddedField(f)
		out[f] = "+" + shown(v)
	}
	for _, f := range m.ClearedFields() {
		out[f] = ""
	}
	return out
}

type beforeReading struct{}

// errGlobal says that a row behind no wall is not read for the audit's sake.
var errGlobal = errors.New("store: a global row")

// before fills in what the column held. The row is locked before it is read:
// else what another command writes between the two would be missing from both
// commands' records. A row that the viewer cannot see, or that belongs to no
// merchant, has no value before unless the caller has read it.
func (tx *Tx) before(ctx context.Context, m ent.Mutation, table, field string, e *edit) error {
	hold := func() error { return tx.hold(ctx, table, e.row) }
	if rules[m.Type()].merchant == "" {
		hold = func() error { return errGlobal }
	}
	old, err := m.OldField(context.WithValue(ctx, beforeReading{}, hold), field)
	if ent.IsNotFound(err) || errors.Is(err, errGlobal) {
		return nil
	}
	if err != nil {
		return err
	}
	e.before = shown(old)
	if added, is := m.AddedField(field); is {
		sum, _ := strconv.ParseInt(shown(added), 10, 64)
		was, _ := strconv.ParseInt(e.before, 10, 64)
		e.after = strconv.FormatInt(was+sum, 10)
	}
	return nil
}

// hold takes a row's lock on PostgreSQL; SQLite has one writer.
func (tx *Tx) hold(ctx context.Context, table, row string) error {
	if !tx.store.Postgres() {
		return nil
	}
	_, err := tx.Exec(ctx, `SELECT 1 FROM `+table+` WHERE id = $1 FOR UPDATE`, row)
	return err
}

// changed is what the row tells: edits of the subject by column, of other rows
// by id and column, what was made only of the subject, and the notes, which
// stand above the rest.
func (tx *Tx) changed() map[string]string {
	if len(tx.edits) == 0 {
		return tx.changes
	}
	out := make(map[string]string, len(tx.edits)+len(tx.changes))
	for _, e := range tx.edits {
		switch {
		case e.row == tx.subject || e.row == "":
			out[e.field] = e.text()
		case !e.made:
			out[e.row+" "+e.field] = e.text()
		}
	}
	if len(tx.edits) >= changesLimit {
		out["…"] = "and more"
	}
	maps.Copy(out, tx.changes)
	return out
}

func (e edit) text() string {
	switch {
	case e.hidden:
		return masked
	case e.before == "":
		return "→ " + e.after
	case e.after == "":
		return e.before + " →"
	}
	return e.before + " → " + e.after
}

// shown writes a value as people read it, without its tail when it is long.
func shown(v any) string {
	at := reflect.ValueOf(v)
	for at.Kind() == reflect.Pointer {
		if at.IsNil() {
			return ""
		}
		at = at.Elem()
	}
	if !at.IsValid() {
		return ""
	}
	text := ""
	switch v := at.Interface().(type) {
	case time.Time:
		text = v.UTC().Format(time.RFC3339Nano)
	case []byte:
		text = fmt.Sprintf("%x", v)
	case []string, map[string]string:
		raw, _ := json.Marshal(v) // strings always encode
		text = strings.Trim(string(raw), "[]")
	default:
		text = fmt.Sprint(v)
	}
	if len(text) > valueLimit {
		text = strings.ToValidUTF8(text[:valueLimit], "") + "…"
	}
	return text
}

// camel gives a column the name it has in the API.
func camel(column string) string {
	words := strings.Split(column, "_")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}
