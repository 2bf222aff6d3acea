package roster

import (
	"context"

	"github.com/tributary/tributary/internal/id"
	"github.com/tributary/tributary/internal/problem"
	"github.com/tributary/tributary/trust"
)

// Place is where an affiliate stands, seen from another.
type Place struct {
	AffiliateID string
	RecruiterID string // who recruited it; empty for nobody
	Level       int    // steps from the other: 1 for its recruiter or its direct recruit
	HasRecruits bool
}

// AllLevels asks for a tree in its whole depth.
const AllLevels = 1 << 30

// TreeInput asks for a page of an affiliate's tree or upline.
type TreeInput struct {
	AffiliateID string
	Levels      int    // how deep: 1 for direct recruits; AllLevels
	After       string // id of the last affiliate of the page before; empty for the first page
	First       int    // how many
}

// Above gives a page of an affiliate's upline, nearest first. Invalid for a
// cursor that is no longer above the affiliate.
func (s *Service) Above(ctx context.Context, in TreeInput) ([]Place, error) {
	v, known := trust.From(ctx)
	if !known {
		return nil, unknown()
	}
	skip := 0
	if in.After != "" {
		way, err := s.way(ctx, v.MerchantID, in.AffiliateID, in.After)
		if err != nil {
			return nil, err
		}
		skip = len(way) - 1
	}
	climbed, err := climb(ctx, s.outside(), v.MerchantID, or(in.After, in.AffiliateID), "", min(in.First, in.Levels-skip))
	var places []Place
	for _, one := range climbed {
		if one.level > 0 {
			places = append(places, Place{AffiliateID: one.id, RecruiterID: one.parent, Level: skip + one.level, HasRecruits: one.recruits})
		}
	}
	return places, err
}

// Below gives a page of an affiliate's tree: each recruit is followed by those
// that it recruited, and recruits of one affiliate come in the order in which
// they joined. A page costs as many steps as it has rows, and one per level that
// its cursor is deep, however large the tree is. Invalid for a cursor that is not
// in the tree any more.
func (s *Service) Below(ctx context.Context, in TreeInput) ([]Place, error) {
	v, known := trust.From(ctx)
	if !known {
		return nil, unknown()
	}
	w := walk{q: s.outside(), merchant: v.MerchantID, levels: in.Levels, want: in.First}
	if in.After == "" {
		w.open = []span{{parent: in.AffiliateID, level: 1}}
		return w.run(ctx)
	}
	way, err := s.way(ctx, v.MerchantID, in.After, in.AffiliateID)
	if err != nil {
		return nil, err
	}
	w.resume(way)
	return w.run(ctx)
}

// maxCounted bounds a count of recruits.
const maxCounted = 10_000

// RecruitCount counts an affiliate's direct recruits, up to 10 000. A whole tree
// is not counted: that costs as much as reading it.
func (s *Service) RecruitCount(ctx context.Context, affiliateID string) (int, error) {
	v, known := trust.From(ctx)
	if !known {
		return 0, unknown()
	}
	return single[int](ctx, s.outside(), direct, v.MerchantID, affiliateID, maxCounted)
}

func unknown() error { return problem.New(problem.Unauthenticated, "sign in or send a token") }

// way is the chain from one affiliate up to another, both included.
func (s *Service) way(ctx context.Context, merchant, from, to string) ([]step, error) {
	lost := problem.At(problem.Invalid, "after", "the affiliate at this cursor is not in the tree any more: begin anew")
	if !id.Is(from, id.Affiliate) || !id.Is(to, id.Affiliate) {
		return nil, lost
	}
	way, err := climb(ctx, s.outside(), merchant, from, to, AllLevels)
	if err == nil && (len(way) < 2 || way[len(way)-1].id != to) {
		err = lost
	}
	return way, err
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
