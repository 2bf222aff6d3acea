package wire

import (
	"context"
	"io"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// glance is how long a value may take that is there already. Whatever takes longer has
// waited for something, and what follows it need not wait in turn.
const glance = 200 * time.Microsecond

// Pace is how the fields of one object are computed: one after the other until one of
// them has taken long, then the others beside each other. A goroutine for a value that is
// there already costs more than the value.
type Pace struct{ slow bool }

// Field computes field i of an object, now or, when an earlier one was slow, beside the
// others once all are known.
func (p *Pace) Field(ctx context.Context, out *graphql.FieldSet, i int, f func(context.Context) graphql.Marshaler) {
	if p.slow {
		out.Concurrently(i, f)
		return
	}
	began := time.Now()
	out.Values[i] = f(ctx)
	p.slow = time.Since(began) > glance
}

// Slice computes a list at the same pace: its elements in turn, and from the first slow one
// on beside each other. An element that panics is reported and leaves no list, as ever.
func Slice(ctx context.Context, length int, workers int64, unguarded bool, element func(context.Context, int) graphql.Marshaler) graphql.Array {
	list := make(graphql.Array, length)
	for i := range list {
		began := time.Now()
		if !one(ctx, list, i, element) {
			return nil
		}
		if time.Since(began) > glance {
			return rest(ctx, list, i+1, workers, unguarded, element)
		}
	}
	return list
}

// one computes element i. It is false when that panicked.
func one(ctx context.Context, list graphql.Array, i int, element func(context.Context, int) graphql.Marshaler) (whole bool) {
	ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Index: &i})
	defer func() {
		if r := recover(); r != nil {
			graphql.AddError(ctx, graphql.Recover(ctx, r))
		}
	}()
	list[i] = element(ctx, i)
	return true
}

// rest computes the elements from one on beside each other.
func rest(ctx context.Context, list graphql.Array, from int, workers int64, unguarded bool, element func(context.Context, int) graphql.Marshaler) graphql.Array {
	done := graphql.MarshalSliceConcurrently(ctx, len(list)-from, workers, unguarded, func(ctx context.Context, at int) graphql.Marshaler {
		i := from + at
		graphql.GetFieldContext(ctx).Index = &i
		return element(ctx, i)
	})
	if done == nil {
		return nil
	}
	copy(list[from:], done)
	return list
}

// object is an answer's object whose fields are all there.
type object struct {
	fields []graphql.CollectedField
	values []graphql.Marshaler
}

// Object writes an object with the fields of a selection, each of which has its value. No
// name is there twice: equal ones have been merged when they were collected.
func Object(fields []graphql.CollectedField, out *graphql.FieldSet) graphql.Marshaler {
	return &object{fields, out.Values}
}

var opening, comma, colon, closing = []byte("{"), []byte(","), []byte(":"), []byte("}")

// MarshalGQL writes the object.
func (o *object) MarshalGQL(w io.Writer) {
	before := opening
	for i := range o.fields {
		_, _ = w.Write(before)
		graphql.MarshalString(o.fields[i].Alias).MarshalGQL(w)
		_, _ = w.Write(colon)
		o.values[i].MarshalGQL(w)
		before = comma
	}
	if len(o.fields) == 0 {
		_, _ = w.Write(opening)
	}
	_, _ = w.Write(closing)
}
