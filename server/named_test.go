package server

import (
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
)

// R8: a document that is named by its hash counts as what it is, once it is known;
// the body is there for whoever reads it next. Without named all are writing.
func TestR8_DocumentsByTheirHashCountAsWhatTheyAre(t *testing.T) {
	t.Parallel()
	var n named
	question, order, change, unknown := strings.Repeat("a1", 32), strings.Repeat("b2", 32), strings.Repeat("c3", 32), strings.Repeat("d4", 32)
	n.note(question, "query Links { links(first: 5) { totalCount } }")
	n.note(order, "mutation ($in: ConversionRecordInput!) { conversionRecord(input: $in) { created } }")
	n.note(change, "mutation { programUpdate(input: {}) { program { id } } }")
	for body, want := range map[string]class{
		`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + question + `"}}}`: reading,
		`{"documentId":"sha256:` + strings.ToUpper(question) + `"}`:                       reading,
		`{"documentId":"` + order + `","variables":{}}`:                                   intake,
		`{"documentId":"` + change + `"}`:                                                 writing,
		`{"documentId":"` + unknown + `"}`:                                                writing,
		`{"documentId":"short"}`:                                                          reading,
		`{"query":"{ viewer { id } }","documentId":"` + order + `"}`:                      reading,
		`{"query":"mutation { conversionCancel }"}`:                                       intake,
	} {
		r := httptest.NewRequest("POST", "/graphql", strings.NewReader(body))
		if got := n.classOf(r); got != want {
			t.Errorf("%s: %d, want %d", body, got, want)
		}
		if left, err := io.ReadAll(r.Body); err != nil || string(left) != body {
			t.Errorf("%s was left of the body, %v", left, err)
		}
	}
	for i := range 2 * namedMost {
		n.note(fmt.Sprintf("%064x", i), "{ a }")
	}
	if len(n.classes) > namedMost {
		t.Errorf("%d documents are remembered", len(n.classes))
	}
}
