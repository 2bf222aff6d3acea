package graph

import (
	"context"

	"entgo.io/contrib/entgql"

	"github.com/tributary/tributary/graph/model"
)

// deadLetters shows a page of an integration's dead letters.
func (r *Resolver) deadLetters(ctx context.Context, integrationID string, after *entgql.Cursor[string], first *int) (*model.SyncDeadLetterPage, error) {
	first, _, err := page(first, nil)
	if err != nil {
		return nil, err
	}
	from := ""
	if after != nil {
		from = after.ID
	}
	letters, more, err := r.Connect.DeadLetters(ctx, integrationID, from, *first)
	if err != nil {
		return nil, err
	}
	out := &model.SyncDeadLetterPage{Letters: make([]*model.SyncDeadLetter, len(letters)), HasMore: more}
	for i, l := range letters {
		out.Letters[i] = &model.SyncDeadLetter{
			Kind: model.SyncKind(l.Kind), RecordID: l.RecordID, Reason: l.Reason, Tries: l.Tries, Since: l.Since, FirstTriedAt: l.First, LastTriedAt: l.Last,
		}
		out.EndCursor = &entgql.Cursor[string]{ID: l.Cursor}
	}
	return out, nil
}
