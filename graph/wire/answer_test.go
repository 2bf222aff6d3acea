package wire_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tributary/tributary/graph/wire"
)

func request(t *testing.T) context.Context {
	t.Helper()
	ctx := graphql.WithOperationContext(t.Context(), &graphql.OperationContext{RecoverFunc: graphql.DefaultRecover})
	return graphql.WithResponseContext(ctx, graphql.DefaultErrorPresenter, graphql.DefaultRecover)
}

func written(m graphql.Marshaler) string {
	var b strings.Builder
	m.MarshalGQL(&b)
	return b.String()
}

// index is where an element says that it stands.
func index(ctx context.Context) graphql.Marshaler {
	return graphql.MarshalInt(*graphql.GetFieldContext(ctx).Index)
}

// Slow elements wait beside each other: none of ten, of which each waits for the nine
// after the first to have begun, would ever end if they were computed in turn.
func TestSlowElementsAreComputedBesideEachOther(t *testing.T) {
	t.Parallel()
	var begun sync.WaitGroup
	begun.Add(9)
	got := wire.Slice(request(t), 10, 0, false, func(ctx context.Context, i int) graphql.Marshaler {
		if i == 0 {
			time.Sleep(time.Millisecond) // more than a glance
		} else {
			begun.Done()
			begun.Wait()
		}
		return index(ctx)
	})
	if s := written(got); s != "[0,1,2,3,4,5,6,7,8,9]" {
		t.Errorf("got %s", s)
	}
}

func TestListsAreInOrderAndKnowTheirPlaces(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 3} {
		want := make([]string, n)
		for i := range want {
			want[i] = strconv.Itoa(i)
		}
		got := written(wire.Slice(request(t), n, 0, false, func(ctx context.Context, i int) graphql.Marshaler { return index(ctx) }))
		if got != "["+strings.Join(want, ",")+"]" {
			t.Errorf("%d elements are %s", n, got)
		}
	}
}

// A panic is told with the place where it came, whether the element was computed in turn
// or beside others, and leaves no list.
func TestAPanicLeavesNoList(t *testing.T) {
	t.Parallel()
	for name, wait := range map[string]time.Duration{"in turn": 0, "beside": time.Millisecond} {
		ctx := request(t)
		got := wire.Slice(ctx, 3, 0, false, func(_ context.Context, i int) graphql.Marshaler {
			if i == 0 {
				time.Sleep(wait)
			}
			if i == 2 {
				panic("broken")
			}
			return graphql.Null
		})
		if errs := graphql.GetErrors(ctx); got != nil || len(errs) != 1 || errs[0].Path.String() != "[2]" {
			t.Errorf("%s: %v, %v", name, got, errs)
		}
	}
}

func TestFieldsAfterASlowOneAreComputedBesideEachOther(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "c"}
	fields := make([]graphql.CollectedField, len(names))
	for i, name := range names {
		fields[i] = graphql.CollectedField{Field: &ast.Field{Alias: name}}
	}
	out := graphql.NewFieldSet(fields)
	var pace wire.Pace
	var begun sync.WaitGroup
	begun.Add(2)
	for i := range names {
		pace.Field(t.Context(), out, i, func(context.Context) graphql.Marshaler {
			if i == 0 {
				time.Sleep(time.Millisecond)
			} else {
				begun.Done()
				begun.Wait()
			}
			return graphql.MarshalInt(i)
		})
	}
	out.Dispatch(t.Context())
	if s := written(wire.Object(fields, out)); s != `{"a":0,"b":1,"c":2}` {
		t.Errorf("got %s", s)
	}
	if s := written(wire.Object(nil, graphql.NewFieldSet(nil))); s != "{}" {
		t.Errorf("nothing is %s", s)
	}
}
