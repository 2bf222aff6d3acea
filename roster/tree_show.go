package roster

import (
	"context"

	"github.com/tributary/tributary/ent"
	"github.com/tributary/tributary/ent/affiliate"
	"github.com/tributary/tributary/trust"
)

// Member is an affiliate at a place of a tree, as the viewer may see it.
type Member struct {
	Place
	Affiliate *ent.Affiliate // never nil
	Named     bool           // the viewer may know who it is
	Open      bool           // the viewer may see the whole row
}

// Recruits gives a page of an affiliate's tree, and whether there is more.
//
// Staff see everybody. An affiliate sees that somebody joined below it, when and
// in what standing, at every level, since that is what it may come to earn on; by
// name only those it recruited itself: the others' names are not its to know.
// Errors: see Below.
func (s *Service) Recruits(ctx context.Context, in TreeInput) ([]Member, bool, error) {
	return s.members(ctx, in, s.Below)
}

// Recruiters gives a page of an affiliate's upline, and whether there is more. An
// affiliate sees that it was recruited, and nobody's name. Errors: see Above.
func (s *Service) Recruiters(ctx context.Context, in TreeInput) ([]Member, bool, error) {
	if v, _ := trust.From(ctx); v.AffiliateID != "" {
		in.Levels = 1
	}
	all, more, err := s.members(ctx, in, s.Above)
	for i := range all {
		all[i].Named = all[i].Open
	}
	return all, more, err
}

func (s *Service) members(ctx context.Context, in TreeInput, look func(context.Context, TreeInput) ([]Place, error)) ([]Member, bool, error) {
	size := in.First
	in.First++
	places, err := look(ctx, in)
	if err != nil {
		return nil, false, err
	}
	more := len(places) > size
	places = places[:min(size, len(places))]
	rows, err := s.rowsOf(ctx, places)
	if err != nil {
		return nil, false, err
	}
	v, _ := trust.From(ctx)
	members := make([]Member, len(places))
	for i, p := range places {
		members[i] = Member{Place: p, Affiliate: rows[p.AffiliateID], Named: v.AffiliateID == "" || p.Level == 1, Open: v.AffiliateID == ""}
	}
	return members, more, nil
}

// rowsOf reads rows that an affiliate may not read itself, of which it is shown
// what Member says.
func (s *Service) rowsOf(ctx context.Context, places []Place) (map[string]*ent.Affiliate, error) {
	v, _ := trust.From(ctx)
	ids := make([]string, len(places))
	for i, p := range places {
		ids[i] = p.AffiliateID
	}
	rows, err := s.store.Client().Affiliate.Query().Where(affiliate.IDIn(ids...)).All(trust.With(ctx, trust.System(v.MerchantID)))
	byID := make(map[string]*ent.Affiliate, len(rows))
	for _, row := range rows {
		byID[row.ID] = row
	}
	return byID, err
}
