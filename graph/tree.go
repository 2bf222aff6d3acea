package graph

import (
	"context"

	"entgo.io/contrib/entgql"

	"github.com/tributary/tributary/graph/model"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/roster"
)

// branch reads a page of somebody's upline or tree.
type branch func(context.Context, roster.TreeInput) ([]roster.Member, bool, error)

func tree(ctx context.Context, look branch, affiliateID string, levels *int, after *entgql.Cursor[string], first *int) (*model.TreePage, error) {
	first, _, err := page(first, nil)
	if err != nil {
		return nil, err
	}
	in := roster.TreeInput{AffiliateID: affiliateID, Levels: roster.AllLevels, First: *first}
	if levels != nil {
		if in.Levels = min(*levels, roster.AllLevels); in.Levels < 1 {
			return nil, problem.At(problem.Invalid, "levels", "at least 1")
		}
	}
	if after != nil {
		in.After = after.ID
	}
	members, more, err := look(ctx, in)
	if err != nil {
		return nil, err
	}
	return showTree(members, more), nil
}

func showTree(members []roster.Member, more bool) *model.TreePage {
	out := &model.TreePage{Places: make([]*model.TreePlace, len(members)), HasMore: more}
	for i, m := range members {
		out.Places[i] = showPlace(m)
		out.EndCursor = &entgql.Cursor[string]{ID: m.AffiliateID}
	}
	return out
}

func showPlace(m roster.Member) *model.TreePlace {
	place := &model.TreePlace{
		AffiliateID: m.AffiliateID, RecruiterID: some(m.RecruiterID), Level: m.Level, HasRecruits: m.HasRecruits,
		Status: m.Affiliate.Status, JoinedAt: m.Affiliate.CreatedAt,
	}
	if m.Named {
		place.Name = &m.Affiliate.Name
	}
	if m.Open {
		place.Affiliate = m.Affiliate
	}
	return place
}
