package graph

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tributary/tributary/internal/problem"
)

// Bounds of what a reply says about errors: a document of a thousand mistakes is
// answered in a few kilobytes.
const (
	errorsShown  = 20
	messageBytes = 200
)

// InterceptResponse shortens a reply's errors and tells what the request cost;
// a subscription tells it once, in its first reply.
func (g *gate) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	reply := next(ctx)
	if reply == nil {
		return nil
	}
	b := billOf(ctx)
	if b != nil {
		reply.Errors = append(reply.Errors, b.faults...)
	}
	reply.Errors = shortened(reply.Errors)
	if b != nil && !b.told && !g.costs.off() {
		b.told = true
		if reply.Extensions == nil {
			reply.Extensions = map[string]any{}
		}
		reply.Extensions["cost"] = g.told(b)
	}
	return reply
}

func (g *gate) told(b *bill) map[string]any {
	return map[string]any{"requested": b.points, "available": b.available, "restoreRate": g.costs.Restore, "maximum": g.costs.Maximum}
}

// shortened keeps the first errors and says how many more there are. A message
// may repeat words of the document, which may be as long as it likes.
func shortened(all gqlerror.List) gqlerror.List {
	for _, one := range all {
		one.Message = clipped(one.Message)
		one.Locations = one.Locations[:min(len(one.Locations), 2)]
	}
	if len(all) <= errorsShown {
		return all
	}
	more := &gqlerror.Error{Message: fmt.Sprintf("%d more errors are not shown", len(all)-errorsShown), Extensions: map[string]any{"code": string(problem.MoreErrors)}}
	return append(all[:errorsShown:errorsShown], more)
}

// clipped bounds a text, without cutting a character in two.
func clipped(text string) string {
	if len(text) <= messageBytes {
		return text
	}
	end := messageBytes
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.TrimSpace(text[:end]) + "…"
}
