package graph

import (
	"slices"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
)

// place names what is told: an event by its merchant and its place in the order.
type place struct {
	merchant string
	seq      int64
}

// encoding names the bytes of what was told in the words of a selection.
type encoding struct {
	place
	shape string
}

// encodings are the last answers to subscriptions, at most twice keptBytes of
// them: the young ones push out the old ones all at once. The zero value is ready.
type encodings struct {
	mu         sync.Mutex
	young, old map[encoding]*graphql.Response
	bytes      int // of the young
}

// keptBytes bounds the young, keptMost one of them.
const (
	keptBytes = 2 << 20
	keptMost  = 64 << 10
)

// get gives an answer that must not be written to, or nil.
func (k *encodings) get(e encoding) *graphql.Response {
	k.mu.Lock()
	defer k.mu.Unlock()
	if r := k.young[e]; r != nil {
		return r
	}
	return k.old[e]
}

// put keeps a copy: the executor uses its room again.
func (k *encodings) put(e encoding, r *graphql.Response) {
	if len(r.Data) > keptMost {
		return
	}
	kept := &graphql.Response{Data: slices.Clone(r.Data)}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.bytes += len(kept.Data) + len(e.shape); k.bytes > keptBytes || k.young == nil {
		k.young, k.old, k.bytes = map[encoding]*graphql.Response{}, k.young, 0
	}
	k.young[e] = kept
}

// shapeOf spells what a subscription selects: names and aliases in order, after
// fragments and conditions. Two that ask for the same values in the same shape get
// the same bytes, since the fields depend on nothing but the value: it is empty
// when one has arguments, fields of its own, or is not for everybody.
func shapeOf(op *graphql.OperationContext) string {
	roots := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"})
	if len(roots) != 1 {
		return ""
	}
	var b strings.Builder
	b.WriteString(roots[0].Name + " " + roots[0].Alias)
	for _, f := range graphql.CollectFields(op, roots[0].Selections, []string{roots[0].Definition.Type.Name()}) {
		if len(f.Selections) > 0 || len(f.Arguments) > 0 || f.Definition.Directives.ForName("allow") != nil {
			return ""
		}
		b.WriteString(" " + f.Name + ":" + f.Alias)
	}
	return b.String()
}
