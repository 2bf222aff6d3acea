package graph

import (
	"slices"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
)

// place names what is told: an event by its merchant and its place in the order, a
// snapshot by its number alone.
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

// plainTypes are those whose fields depend on nothing but the value: they are no
// rows, lead nowhere, take no arguments and are shown to all who see the value.
var plainTypes = map[string]bool{
	"Event": true, "LiveStats": true, "StatsRow": true, "Leaderboard": true, "LeaderboardRow": true, "Funnel": true, "FunnelAmounts": true,
	"ProgramHealth": true, "ProgramHealthAmounts": true, "ProgramHealthPayouts": true,
}

// shapeOf spells what a subscription selects: names and aliases in order, after
// fragments and conditions. Two that are told the same value in the same shape get
// the same bytes. It is empty when something but plain types is selected.
func shapeOf(op *graphql.OperationContext) string {
	var b strings.Builder
	for _, root := range graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"}) {
		b.WriteString(root.Name + ":" + root.Alias)
		if !spellFields(&b, op, root) {
			return ""
		}
	}
	return b.String()
}

func spellFields(b *strings.Builder, op *graphql.OperationContext, of graphql.CollectedField) bool {
	kind := of.Definition.Type.Name()
	if !plainTypes[kind] {
		return false
	}
	b.WriteString("{")
	for _, f := range graphql.CollectFields(op, of.Selections, []string{kind}) {
		b.WriteString(" " + f.Name + ":" + f.Alias)
		if len(f.Selections) > 0 && !spellFields(b, op, f) {
			return false
		}
	}
	b.WriteString("}")
	return true
}
