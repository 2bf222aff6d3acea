package graph

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/tributary/tributary/graph/generated"
	"github.com/tributary/tributary/graph/transport"
)

// teach gives a reader of n events of a merchant, and how often it encoded one.
func teach(s *lines, merchant, shape string, n int, answer func(seq int64) *graphql.Response) (r *teller, encoded *int) {
	at, taken := int64(0), make(chan int64, 1)
	encoded = new(int)
	l := &line{
		next: func(context.Context) (place, bool, bool) {
			at++
			return place{merchant, at}, false, at <= int64(n)
		},
		hand: func() { taken <- at },
	}
	return &teller{lines: s, line: l, shape: shape, flow: &transport.Flow{}, encode: func(context.Context) *graphql.Response {
		*encoded++
		return answer(<-taken)
	}}, encoded
}

func plain(seq int64) *graphql.Response {
	return &graphql.Response{Data: fmt.Appendf(nil, `{"n":%d}`, seq)}
}

// R1: an event is encoded once for all who ask for it in the same words. Without
// put each reader encodes all ten.
func TestR1_AnEventIsEncodedOnce(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		what            string
		merchant, shape string
		answer          func(int64) *graphql.Response
		want            int // encoded by the second reader: the first answer is always its own
	}{
		{"the same words", "mer_1", "events x:id", plain, 1},
		{"other words", "mer_1", "events id:x", plain, 10},
		{"another merchant", "mer_2", "events x:id", plain, 10},
		{"words of its own", "mer_1", "", plain, 10},
	} {
		s := &lines{}
		one, _ := teach(s, "mer_1", "events x:id", 10, plain)
		other, encoded := teach(s, row.merchant, row.shape, 10, row.answer)
		for i := range 10 {
			want := string(plain(int64(i + 1)).Data)
			if a, b := one.tell(t.Context()), other.tell(t.Context()); string(a.Data) != want || string(b.Data) != want {
				t.Errorf("%s: %s and %s, want %s", row.what, a.Data, b.Data, want)
			}
		}
		if *encoded != row.want || other.tell(t.Context()) != nil {
			t.Errorf("%s: %d encoded, want %d", row.what, *encoded, row.want)
		}
	}
}

// What is wrong with one reader's answer, or told to it alone, is not told to
// another; and what the executor does with its room afterwards changes nothing.
func TestAnswersOfOneReaderStayItsOwn(t *testing.T) {
	t.Parallel()
	room := []byte(`{"n":0}`)
	for what, answer := range map[string]func(int64) *graphql.Response{
		"errors": func(int64) *graphql.Response { return graphql.ErrorResponse(t.Context(), "not for you") },
		"extensions": func(int64) *graphql.Response {
			return &graphql.Response{Data: room, Extensions: map[string]any{"cost": 1}}
		},
		"large": func(int64) *graphql.Response { return &graphql.Response{Data: make([]byte, keptMost+1)} },
	} {
		s := &lines{}
		one, _ := teach(s, "mer_1", "x", 2, answer)
		other, encoded := teach(s, "mer_1", "x", 2, plain)
		for range 2 {
			one.tell(t.Context())
			other.tell(t.Context())
		}
		if *encoded != 2 {
			t.Errorf("%s: told to another", what)
		}
	}
	s := &lines{}
	one, _ := teach(s, "mer_1", "x", 1, func(int64) *graphql.Response { return &graphql.Response{Data: room} })
	one.tell(t.Context())
	copy(room, "canary!")
	if r := s.kept.get(encoding{place{"mer_1", 1}, "x"}); string(r.Data) != `{"n":0}` {
		t.Errorf("kept %s", r.Data)
	}
}

// What is kept is bounded, whatever is asked.
func TestEncodingsAreBounded(t *testing.T) {
	t.Parallel()
	k := &encodings{}
	for i := range int64(1000) {
		k.put(encoding{place{"mer_1", i}, strings.Repeat("x", int(i))}, &graphql.Response{Data: make([]byte, keptMost)})
		size := 0
		for _, kept := range []map[encoding]*graphql.Response{k.young, k.old} {
			for e, r := range kept {
				size += len(r.Data) + len(e.shape)
			}
		}
		if size > 2*(keptBytes+keptMost) || k.get(encoding{place{"mer_1", i}, strings.Repeat("x", int(i))}) == nil {
			t.Fatalf("%d bytes after %d", size, i)
		}
	}
}

// What is told to all in one encoding is the same for all: a field that takes an
// argument, leads to a row or is not for everybody would not be.
func TestPlainTypesArePlain(t *testing.T) {
	t.Parallel()
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	for name := range plainTypes {
		for _, f := range schema.Types[name].Fields {
			if len(f.Arguments) > 0 || f.Directives.ForName("allow") != nil || !schema.Types[f.Type.Name()].IsLeafType() && !plainTypes[f.Type.Name()] {
				t.Errorf("%s.%s depends on who asks", name, f.Name)
			}
		}
	}
}

// A shape is what is selected, in which order and under which name, after
// fragments and conditions.
func TestShapesOfSubscriptions(t *testing.T) {
	t.Parallel()
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	for document, want := range map[string]string{
		`subscription { events { id type } }`:                                                                                   "events:events{ id:id type:type}",
		`subscription { e: events(after: "x", types: ["a"]) { type id } }`:                                                      "events:e{ type:type id:id}",
		`subscription($no: Boolean = false) { ...s } fragment s on Subscription { events { id type @include(if: $no) x: id } }`: "events:events{ id:id id:x}",
		`subscription { liveStats { cursor t: today { clicks paid } } }`:                                                        "liveStats:liveStats{ cursor:cursor today:t{ clicks:clicks paid:paid}}",
	} {
		doc, err := gqlparser.LoadQueryWithRules(schema, document, rules.NewDefaultRules())
		if err != nil {
			t.Fatal(document, err)
		}
		op := &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0], Variables: map[string]any{"no": false}}
		if got := shapeOf(op); got != want {
			t.Errorf("%s: %q, want %q", document, got, want)
		}
	}
}
