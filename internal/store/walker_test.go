package store_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/internal/store"
)

// walker does to one entity, through a client, all that a client can do, and
// notes what it got at beyond the rows it may see.
type walker struct {
	ctx     context.Context
	client  *ent.Client
	entity  string
	column  string          // that names the merchant
	allowed map[string]bool // ids the viewer may see
	foreign any             // id of a row it may not see
	leaks   []string
}

func (w *walker) leak(operation, format string, a ...any) {
	w.leaks = append(w.leaks, fmt.Sprintf("%s: %s: %s", w.entity, operation, fmt.Sprintf(format, a...)))
}

// call calls a method by name and splits off its error.
func call(v reflect.Value, method string, args ...any) (out []reflect.Value, err error) {
	m := v.MethodByName(method)
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		in[i] = reflect.ValueOf(a)
	}
	out = m.Call(in)
	if last := len(out) - 1; last >= 0 && out[last].Type() == reflect.TypeFor[error]() {
		err, _ = out[last].Interface().(error)
		out = out[:last]
	}
	return out, err
}

func (w *walker) of() reflect.Value {
	return reflect.ValueOf(w.client).Elem().FieldByName(w.entity)
}

func (w *walker) query() reflect.Value {
	out, _ := call(w.of(), "Query")
	return out[0]
}

// where adds a predicate to a builder.
func where(builder reflect.Value, p func(*sql.Selector)) {
	kind := builder.MethodByName("Where").Type().In(0).Elem()
	builder.MethodByName("Where").Call([]reflect.Value{reflect.ValueOf(p).Convert(kind)})
}

// rows are the ids in a slice of rows or ids.
func rowIDs(v reflect.Value) (ids []string) {
	for i := range v.Len() {
		row := v.Index(i)
		if row.Kind() == reflect.Pointer {
			row = row.Elem().FieldByName("ID")
		}
		ids = append(ids, fmt.Sprint(row.Interface()))
	}
	return ids
}

// reads asks in every way there is; it gives the ids that a plain query saw.
func (w *walker) reads() (seen []string) {
	out, err := call(w.query(), "All", w.ctx)
	if err != nil {
		w.leak("All", "%v", err)
		return nil
	}
	seen = rowIDs(out[0])
	w.within("All", seen)
	w.lists()
	w.counts(len(seen))
	w.byID()
	w.dangling()
	return seen
}

func (w *walker) within(operation string, ids []string) {
	for _, one := range ids {
		if !w.allowed[one] {
			w.leak(operation, "sees %s", one)
		}
	}
}

func (w *walker) lists() {
	if out, err := call(w.query(), "IDs", w.ctx); err == nil {
		w.within("IDs", rowIDs(out[0]))
	}
	selected := w.query().MethodByName("Select").Call([]reflect.Value{reflect.ValueOf("id")})
	if out, err := call(selected[0], "Strings", w.ctx); err == nil && w.entity != ent.TypeEventOrder {
		w.within("Select", rowIDs(out[0]))
	}
	grouped := w.query().MethodByName("GroupBy").Call([]reflect.Value{reflect.ValueOf(w.column)})
	if out, err := call(grouped[0], "Strings", w.ctx); err == nil && out[0].Len() > 1 {
		w.leak("GroupBy", "counts rows of %d merchants", out[0].Len())
	}
}

func (w *walker) counts(want int) {
	if out, err := call(w.query(), "Count", w.ctx); err == nil && int(out[0].Int()) != want {
		w.leak("Count", "counts %d rows, sees %d", out[0].Int(), want)
	}
	q := w.query()
	where(q, sql.FieldEQ(w.idColumn(), w.foreign))
	if out, err := call(q, "Exist", w.ctx); err == nil && out[0].Bool() {
		w.leak("Exist", "knows of %v", w.foreign)
	}
}

func (w *walker) byID() {
	if _, err := call(w.of(), "Get", w.ctx, w.foreign); !ent.IsNotFound(err) {
		w.leak("Get", "%v gives %v", w.foreign, err)
	}
}

// dangling leaves an Or at the end, which would turn the wall's own condition
// into an alternative.
func (w *walker) dangling() {
	q := w.query()
	where(q, func(s *sql.Selector) { s.Where(sql.NotNull(s.C(w.idColumn()))).Or() })
	if out, err := call(q, "IDs", w.ctx); err == nil {
		w.within("dangling Or", rowIDs(out[0]))
	}
}

func (w *walker) idColumn() string {
	if w.entity == ent.TypeEventOrder {
		return "seq"
	}
	return "id"
}

// edges loads every edge of every visible row; visible are the ids the viewer
// may see of each entity.
func (w *walker) edges(visible map[string]map[string]bool) {
	q := w.query()
	for i := range q.NumMethod() {
		name := q.Type().Method(i).Name
		if strings.HasPrefix(name, "With") && !strings.HasPrefix(name, "WithNamed") {
			q.Method(i).Call(nil)
		}
	}
	out, err := call(q, "All", w.ctx)
	if err != nil {
		w.leak("edges", "%v", err)
		return
	}
	for i := range out[0].Len() {
		if edges := out[0].Index(i).Elem().FieldByName("Edges"); edges.IsValid() {
			w.loaded(edges, visible)
		}
	}
}

func (w *walker) loaded(edges reflect.Value, visible map[string]map[string]bool) {
	for i := range edges.NumField() {
		f := edges.Field(i)
		if !edges.Type().Field(i).IsExported() || f.IsZero() {
			continue
		}
		if f.Kind() == reflect.Pointer {
			list := reflect.MakeSlice(reflect.SliceOf(f.Type()), 1, 1)
			list.Index(0).Set(f)
			f = list
		}
		if f.Kind() != reflect.Slice {
			continue
		}
		entity := f.Type().Elem().Elem().Name()
		for _, one := range rowIDs(f) {
			if !visible[entity][one] {
				w.leak("edge "+edges.Type().Field(i).Name, "reaches %s", one)
			}
		}
	}
}

// writes tries to change and remove the foreign row, each attempt taken back.
// sample is a row of the same entity whose values can be set again.
func (w *walker) writes(tx *store.Tx, sample reflect.Value) {
	attempt := func(operation string, fn func(context.Context) (reached bool, err error)) {
		undo := errors.New("undo")
		err := tx.Savepoint(w.ctx, func(ctx context.Context) error {
			reached, err := fn(ctx)
			if reached || err != nil && !ent.IsNotFound(err) {
				w.leak(operation, "reached %v: %v", w.foreign, err)
			}
			return undo
		})
		if !errors.Is(err, undo) {
			w.leak(operation, "%v", err)
		}
	}
	attempt("UpdateOneID", func(ctx context.Context) (bool, error) {
		b, _ := call(w.of(), "UpdateOneID", w.foreign)
		setAgain(b[0], sample)
		_, err := call(b[0], "Save", ctx)
		return err == nil, err
	})
	attempt("Update", func(ctx context.Context) (bool, error) { return w.bulk(ctx, "Update", "Save", sample) })
	attempt("Delete", func(ctx context.Context) (bool, error) { return w.bulk(ctx, "Delete", "Exec", sample) })
	attempt("DeleteOneID", func(ctx context.Context) (bool, error) {
		b, _ := call(w.of(), "DeleteOneID", w.foreign)
		_, err := call(b[0], "Exec", ctx)
		return err == nil, err
	})
}

// bulk names the foreign row in a condition that ends in a dangling Or.
func (w *walker) bulk(ctx context.Context, begin, end string, sample reflect.Value) (bool, error) {
	b, _ := call(w.of(), begin)
	where(b[0], func(s *sql.Selector) { s.Where(sql.EQ(s.C(w.idColumn()), w.foreign)).Or() })
	if begin == "Update" {
		setAgain(b[0], sample)
	}
	n, err := call(b[0], end, ctx)
	return err == nil && n[0].Int() != 0, err
}

// setAgain sets the first field that can be set to the value it has in sample.
func setAgain(builder, sample reflect.Value) {
	avoid := []string{"SetUpdatedAt", "SetVersion"}
	for i := range builder.NumMethod() {
		m := builder.Type().Method(i)
		value := sample.Elem().FieldByName(strings.TrimPrefix(m.Name, "Set"))
		if !strings.HasPrefix(m.Name, "Set") || slices.Contains(avoid, m.Name) || !value.IsValid() || m.Type.NumIn() != 2 {
			continue
		}
		if value.Kind() == reflect.Pointer && !value.IsNil() {
			value = value.Elem()
		}
		if value.Type() == m.Type.In(1) {
			builder.Method(i).Call([]reflect.Value{value})
			return
		}
	}
}
