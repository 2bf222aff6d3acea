package contract_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tributary/tributary/graph/contract"
)

const before = `
type Query { links(first: Int, after: String @deprecated(reason: "use page; removed after 2026-06-30")): [Link!]!  old: Int @deprecated(reason: "removed after 2026-06-30")  soon: Int @deprecated(reason: "removed after 2026-12-31") }
type Link implements Row { id: ID!  slug: String }
interface Row { id: ID! }
input LinkInput { slug: String!  note: String }
enum State { OPEN CLOSED }
union Any = Link | Query
`

// Each row changes one thing; the break is typed by hand.
func TestBreaksNameWhatHurtsAClient(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ from, to, want string }{
		{"slug: String }", "slug: String  more: Int }", ""},
		{"slug: String }", "slug: String! }", ""},
		{"slug: String }", "slug: Int }", "Link.slug was String and is Int"},
		{"slug: String }", "}", "Link.slug was removed"},
		{"[Link!]!", "[Link!]", "Query.links was [Link!]! and is [Link!]"},
		{"[Link!]!", "[Link]!", "Query.links was [Link!]! and is [Link]!"},
		{"[Link!]!", "Link!", "Query.links was [Link!]! and is Link!"},
		{"first: Int", "first: Int!", "Query.links(first:) was Int and is Int!"},
		{"first: Int", "", "Query.links(first:) was removed"},
		{"first: Int", "first: Int, page: Int!", "Query.links(page:) is new and required"},
		{"first: Int", "first: Int, page: Int! = 1", ""},
		{`after: String @deprecated(reason: "use page; removed after 2026-06-30")`, "", ""},
		{`old: Int @deprecated(reason: "removed after 2026-06-30")`, "", ""},
		{`soon: Int @deprecated(reason: "removed after 2026-12-31")`, "", "Query.soon was removed"},
		{"slug: String!  note", "slug: String  note", ""},
		{"note: String", "note: String!", "LinkInput.note was String and is String!"},
		{"note: String", "note: String  tag: String!", "LinkInput.tag is new and required"},
		{"note: String", "", "LinkInput.note was removed"},
		{"OPEN CLOSED", "OPEN CLOSED LOST", ""},
		{"OPEN CLOSED", "OPEN", "State.CLOSED was removed"},
		{"Link | Query", "Link", "Any no longer includes Query"},
		{" implements Row", "", "Link no longer implements Row"},
		{"union Any = Link | Query", "scalar Any", "Any was UNION and is SCALAR"},
		{"union Any = Link | Query", "", "Any was removed"},
	} {
		after := strings.Replace(before, row.from, row.to, 1)
		if after == before {
			t.Fatalf("%q is not in the schema", row.from)
		}
		got, err := contract.Breaks(before, after, time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Errorf("%q → %q: %v", row.from, row.to, err)
			continue
		}
		var texts []string
		for _, b := range got {
			texts = append(texts, b.String())
		}
		if text := strings.Join(texts, "; "); text != row.want {
			t.Errorf("%q → %q: %q, want %q", row.from, row.to, text, row.want)
		}
	}
}

func TestBreaksOfNoSchemaIsAnError(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{{"type", before}, {before, "type"}} {
		if _, err := contract.Breaks(pair[0], pair[1], time.Time{}); err == nil {
			t.Errorf("%.10q and %.10q were compared", pair[0], pair[1])
		}
	}
}
