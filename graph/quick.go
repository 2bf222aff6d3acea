//go:build ignore

// Command quick takes out of the written API what every field of every row pays for and
// few need. What the API answers stays the same to the byte:
//
//   - A field that is a plain value of its row is written as it is: no context of its own,
//     no interceptors, none of which look at fields without arguments.
//   - Rows of a list, and fields of a row, are computed one after the other until one of
//     them takes long; then the others are computed at once (graph/wire).
//   - An object is written without a map of what has been written; that is for parts that
//     are sent later.
package main

import (
	"bytes"
	"log"
	"os"
	"regexp"
)

const file = "generated/generated.go"

func main() {
	text, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	text = bytes.ReplaceAll(text, []byte("graphql.MarshalSliceConcurrently("), []byte("wire.Slice("))
	begins := append(regexp.MustCompile(`(?m)^func `).FindAllIndex(text, -1), []int{len(text), len(text)})
	leaves := leavesOf(text)
	out := bytes.NewBuffer(append([]byte(nil), text[:begins[0][0]]...))
	var plain, objects int
	for i, at := range begins[:len(begins)-1] {
		body := text[at[0]:begins[i+1][0]]
		if next, is := leaf(body, leaves); is {
			body, plain = next, plain+1
		} else if next, is := object(body); is {
			body, objects = next, objects+1
		}
		out.Write(body)
	}
	if plain == 0 || objects == 0 || !bytes.Contains(text, []byte("wire.Slice(")) {
		log.Fatalf("%s: %d plain fields and %d objects were found; the generator has changed", file, plain, objects)
	}
	if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}

// leavesOf are the fields that are values of their rows and lead nowhere.
func leavesOf(text []byte) map[string]bool {
	out := map[string]bool{}
	for _, m := range regexp.MustCompile(`func fieldContext_(\w+)\(.*\n\treturn graphql\.NewScalarFieldContext\("\w+", field, (?:true|false), false,`).FindAllSubmatch(text, -1) {
		out[string(m[1])] = true
	}
	return out
}

var leafForm = regexp.MustCompile(`^func _(\w+)\(ctx context\.Context, ec \*executionContext, field graphql\.CollectedField, (.*)\) \(ret graphql\.Marshaler\) \{
	return graphql\.ResolveField\(
		ctx,
		ec\.OperationContext,
		field,
		func\(ctx context\.Context, field graphql\.CollectedField\) \(\*graphql\.FieldContext, error\) \{
			return fieldContext_\w+\(ctx, ec, field\)
		\},
		func\(ctx context\.Context\) \(any, error\) \{
			return (obj\.[\w.]+(?:\(\))?), nil
		\},
		nil,
		func\(ctx context\.Context, selections ast\.SelectionSet, v .*\) graphql\.Marshaler \{
			return (\S+)\(ctx, ec, selections, v\)
		\},
		true,
		(?:true|false),
	\)
\}
`)

// leaf writes a plain value directly.
func leaf(body []byte, leaves map[string]bool) ([]byte, bool) {
	m := leafForm.FindSubmatchIndex(body)
	if m == nil || !leaves[string(body[m[2]:m[3]])] {
		return body, false
	}
	next := leafForm.Expand(nil, []byte("func _$1(ctx context.Context, ec *executionContext, field graphql.CollectedField, $2) (ret graphql.Marshaler) {\n\treturn $4(ctx, ec, field.Selections, $3)\n}\n"), body, m)
	return append(next, body[m[1]:]...), true
}

// object computes an object's fields at their pace and writes it as it is, unless a part
// of it is to be sent later.
func object(body []byte) ([]byte, bool) {
	const (
		later  = "	deferLabelToView := make(map[string]*graphql.FieldSetView)\n"
		paced  = "	var deferLabelToView map[string]*graphql.FieldSetView\n	var pace wire.Pace\n"
		first  = "						view = deferredFieldSet.NewView()\n"
		made   = "						if deferLabelToView == nil {\n							deferLabelToView = make(map[string]*graphql.FieldSetView)\n						}\n"
		last   = "	ec.ProcessDeferredGroup(graphql.DeferredGroup{\n		Defers:   deferLabelToView,\n"
		done   = "	if len(deferLabelToView) == 0 {\n		return wire.Object(fields, out)\n	}\n"
		beside = "out.Concurrently(i, func(ctx context.Context) graphql.Marshaler { return innerFunc(ctx, out) })"
		inTurn = "pace.Field(ctx, out, i, func(ctx context.Context) graphql.Marshaler { return innerFunc(ctx, out) })"
	)
	if !bytes.Contains(body, []byte(later)) || !bytes.Contains(body, []byte(last)) || !bytes.Contains(body, []byte("	fields := graphql.CollectFields(")) {
		return body, false
	}
	start := paced
	if !bytes.Contains(body, []byte(beside)) {
		start = "	var deferLabelToView map[string]*graphql.FieldSetView\n"
	}
	for _, change := range [][2]string{{later, start}, {first, made + first}, {last, done + last}, {beside, inTurn}} {
		body = bytes.ReplaceAll(body, []byte(change[0]), []byte(change[1]))
	}
	return body, true
}
