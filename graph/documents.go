package graph

import (
	"context"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tributary/tributary/graph/bounds"
	"github.com/tributary/tributary/trust"
)

// Bounds of what is kept of documents.
const (
	parsedBytes  = 16 << 20 // of parsed documents
	textBytes    = 8 << 20  // of texts kept under their hash,
	bayBytes     = 1 << 20  // of one merchant's
	longestKept  = 64 << 10 // bytes of text; longer ones are parsed each time
	tokenHeap    = 230      // bytes that one token takes once it is parsed and checked
	shortestWord = 2        // bytes of text to a token, at the least
)

// documents keeps documents that have passed: parsed ones by their text, and
// texts by their hash for clients that send only that. Parsed documents are
// everybody's, since the text decides; hashes are in bays, one for each
// merchant, so that none can push out another's.
type documents struct {
	parsed bounds.Shelf[*ast.QueryDocument]
	texts  bounds.Shelf[string]
}

func newDocuments() *documents {
	return &documents{
		parsed: bounds.Shelf[*ast.QueryDocument]{Bytes: parsedBytes, Bay: parsedBytes, Thing: parsedBytes},
		texts:  bounds.Shelf[string]{Bytes: textBytes, Bay: bayBytes, Thing: longestKept + hashBytes},
	}
}

// Get hands the executor the document that has passed the gate.
func (*documents) Get(ctx context.Context, _ string) (*ast.QueryDocument, bool) {
	b := billOf(ctx)
	if b == nil || b.document == nil {
		return nil, false
	}
	return b.document, true
}

// Add does nothing: the gate keeps what has passed.
func (*documents) Add(context.Context, string, *ast.QueryDocument) {}

func (d *documents) keep(text string, doc *ast.QueryDocument) {
	if len(text) <= longestKept {
		d.parsed.Put("", text, doc, heap(text))
	}
}

// heap is the most that a parsed document takes.
func heap(text string) int {
	return len(text) + tokenHeap*min(len(text)/shortestWord, bounds.Standard.Tokens)
}

func (d *documents) keepText(in, hash, text string) {
	d.texts.Put(in, hash, text, len(text)+hashBytes)
}

// bay is the part of the shelf that a viewer's texts are on.
func bay(ctx context.Context) string {
	v, _ := trust.From(ctx)
	return v.MerchantID
}
